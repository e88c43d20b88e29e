//! The image release calendar: trains with their freeze and release times.

use jiff::Timestamp;
use serde::Serialize;

use crate::Span;

/// A train: an image that leaves again and again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Train {
    /// Its name, such as `node image`.
    pub name: String,
    /// Its first release.
    pub first: Timestamp,
    /// How often it leaves.
    pub every: Span,
    /// How long before the release its content is frozen.
    pub freeze: Span,
}

/// One departure of a train.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Slot {
    /// When it leaves.
    pub release: Timestamp,
    /// Until when a fix may board.
    pub freeze: Timestamp,
    /// The train's name.
    pub train: String,
}

/// A time in which nothing is released.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Freeze {
    /// Its name, such as `end of year`.
    pub name: String,
    /// From when.
    pub from: Timestamp,
    /// Until when.
    pub to: Timestamp,
}

/// Every train, and the times in which none leaves.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Calendar {
    /// The trains.
    pub trains: Vec<Train>,
    /// The freezes, by time; they do not overlap.
    pub freezes: Vec<Freeze>,
}

impl Calendar {
    /// The departures that are announced of a train after a time, soonest first. A departure within a freeze leaves when the
    /// freeze ends; what it may carry is decided as it was.
    pub fn departures<'a>(&'a self, train: &'a Train, after: Timestamp) -> impl Iterator<Item = Slot> + 'a {
        let every = train.every.seconds().max(1);
        let longest = self.freezes.iter().map(|f| f.to.as_second() - f.from.as_second()).max().unwrap_or(0);
        let passed = (after.as_second() - longest - train.first.as_second()).div_euclid(every).max(0);
        (passed..)
            .map_while(move |n| {
                let planned = Timestamp::from_second(train.first.as_second().checked_add(n.checked_mul(every)?)?).ok()?;
                let freeze = Timestamp::from_second(planned.as_second() - train.freeze.seconds()).ok()?;
                let release = self.freezes.iter().find(|f| f.from <= planned && planned < f.to).map_or(planned, |f| f.to);
                Some(Slot { release, freeze, train: train.name.clone() })
            })
            .filter(move |slot| slot.release > after)
    }

    /// The freeze that a time falls into.
    #[must_use]
    pub fn frozen(&self, at: Timestamp) -> Option<&Freeze> {
        self.freezes.iter().find(|f| f.from <= at && at < f.to)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn trains_leave_on_time_and_after_a_freeze() {
        let train =
            Train { name: "node image".into(), first: at("2026-01-05T09:00Z"), every: Span::of_hours(168), freeze: Span::of_hours(48) };
        let calendar = Calendar {
            trains: vec![train.clone()],
            freezes: vec![Freeze { name: "fair".into(), from: at("2026-01-18T00:00Z"), to: at("2026-01-21T00:00Z") }],
        };
        let slots: Vec<Slot> = calendar.departures(&train, at("2026-01-05T09:00Z")).take(3).collect();
        assert_eq!(slots[0].release, at("2026-01-12T09:00Z"));
        assert_eq!(slots[0].freeze, at("2026-01-10T09:00Z"));
        assert_eq!(slots[1].release, at("2026-01-21T00:00Z"), "the 19th lies in the freeze");
        assert_eq!(slots[2].release, at("2026-01-26T09:00Z"));
        // Within the freeze the delayed departure is still to come.
        assert_eq!(calendar.departures(&train, at("2026-01-20T00:00Z")).next().unwrap().release, at("2026-01-21T00:00Z"));
    }
}
