//! Which of several statements on one package and one CVE holds: the latest.

use std::cmp::Reverse;

use jiff::Timestamp;
use seaworthy_model::VexStatus;

use super::refused::Why;

/// A statement as far as its place among others goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Weight {
    /// The time; `None` where it is not known.
    pub(super) time: Option<Timestamp>,
    /// Whether it is about all versions, where others of the same document may be about one.
    pub(super) is_general: bool,
    /// The status.
    pub(super) status: VexStatus,
    /// The file.
    pub(super) file: String,
}

impl Weight {
    /// The rank of a status by its caution: what leaves most to do is the most cautious.
    fn caution(&self) -> u8 {
        match self.status {
            VexStatus::Affected => 3,
            VexStatus::UnderInvestigation => 2,
            VexStatus::Fixed => 1,
            VexStatus::NotAffected => 0,
        }
    }

    /// The reason why this one does not hold beside the one that does.
    pub(super) fn loses_to(&self, holding: &Self) -> Why {
        let (status, file) = (holding.status, holding.file.clone());
        match (self.time, holding.time) {
            (Some(time), Some(at)) if time < at => Why::Later { status, at, file },
            _ if self.status == status => Why::SaidElsewhere,
            (Some(time), Some(other)) if time == other && self.is_general && !holding.is_general => Why::General,
            _ => Why::Cautious { status, file },
        }
    }
}

/// The place of the statement that holds; `None` where there is none.
///
/// The latest holds. Of those of one time one on a version comes before one on all, and then the more cautious one. Whether a statement
/// without a time is later than the others nobody knows: it holds where it is more cautious, whatever versions it is about.
pub(super) fn holding(weights: &[Weight]) -> Option<usize> {
    let key = |nth: usize, weight: &Weight| {
        (weight.time, weight.time.is_some() && !weight.is_general, weight.caution(), !weight.is_general, Reverse(nth))
    };
    let best = |is_dated: bool| {
        let these = weights.iter().enumerate().filter(|(_, weight)| weight.time.is_some() == is_dated);
        these.max_by_key(|(nth, weight)| key(*nth, weight))
    };
    match (best(true), best(false)) {
        (Some((dated, by)), Some((undated, other))) => Some(if other.caution() > by.caution() { undated } else { dated }),
        (dated, undated) => dated.or(undated).map(|(nth, _)| nth),
    }
}

#[cfg(test)]
mod tests {
    use VexStatus::{Affected, Fixed, NotAffected, UnderInvestigation};
    use proptest::prelude::*;

    use super::*;

    fn weight((day, is_general, status): (u8, bool, VexStatus)) -> Weight {
        let time = (day > 0).then(|| format!("2025-06-{day:02}T00:00:00Z").parse().unwrap());
        Weight { time, is_general, status, file: "theirs.json".into() }
    }

    #[test]
    fn the_latest_statement_holds() {
        // The day of June (0 for none), whether it is about all versions, and the status; then the status that holds.
        let rows = [
            ("affected after not affected", [(1, false, NotAffected), (9, false, Affected)], Affected),
            ("not affected after affected", [(1, false, Affected), (9, false, NotAffected)], NotAffected),
            ("looked into again", [(1, false, NotAffected), (9, false, UnderInvestigation)], UnderInvestigation),
            ("fixed after not affected", [(1, false, NotAffected), (9, false, Fixed)], Fixed),
            ("of all versions, but later", [(1, false, NotAffected), (9, true, Affected)], Affected),
            ("of one time, on this version and on all", [(1, false, NotAffected), (1, true, Affected)], NotAffected),
            ("of one time", [(1, false, NotAffected), (1, false, Affected)], Affected),
            ("of one time, not known", [(1, false, NotAffected), (1, false, UnderInvestigation)], UnderInvestigation),
            ("not affected, without a time", [(1, false, Affected), (0, false, NotAffected)], Affected),
            ("affected, without a time", [(1, false, NotAffected), (0, false, Affected)], Affected),
            ("both without a time", [(0, false, NotAffected), (0, false, Affected)], Affected),
            ("both without a time, on this version and on all", [(0, false, NotAffected), (0, true, Affected)], Affected),
        ];
        for reversed in [false, true] {
            seaworthy_testing::hold(rows.map(|(why, said, expected)| {
                let mut weights = said.map(weight);
                if reversed {
                    weights.reverse();
                }
                (why, expected.as_str().to_owned(), weights[holding(&weights).unwrap()].status.as_str().to_owned())
            }));
        }
        assert_eq!(holding(&[]), None);
    }

    proptest! {
        /// The order of statements decides nothing.
        #[test]
        fn the_order_does_not_matter(said in prop::collection::vec((0u8..4, any::<bool>(), 0usize..4), 1..6), turn in 0usize..6) {
            let statuses = [Affected, NotAffected, Fixed, UnderInvestigation];
            let mut weights: Vec<Weight> = said.into_iter().map(|(day, general, n)| weight((day, general, statuses[n]))).collect();
            let first = weights[holding(&weights).unwrap()].clone();
            let turn = turn % weights.len();
            weights.rotate_left(turn);
            prop_assert_eq!(&weights[holding(&weights).unwrap()], &first);
            weights.reverse();
            prop_assert_eq!(&weights[holding(&weights).unwrap()], &first);
        }
    }
}
