//! The remark of a document's statements on a finding of a scan.

use std::cmp::Reverse;

use seaworthy_model::{Evr, Remark, Says, Speaker, Status as FindingStatus, compare_evr};

use super::{Statement, Status};
use crate::{Found, Remarked};

/// A statement with its document.
#[derive(Clone, Debug, PartialEq)]
pub struct Stated {
    /// The place of the document among all: a later one speaks before an earlier one.
    pub place: usize,
    /// The name of the document.
    pub document: String,
    /// The statement.
    pub statement: Statement,
}

/// The remark of statements on a finding of their package and CVE; `None` where they say nothing of it.
///
/// A later document speaks before an earlier one; in a document, a statement on versions before one on all of them, and of several such
/// the one that leaves most to do. A statement of a version holds for that one, a fix for later ones too.
#[must_use]
pub fn remark(statements: &[Stated], found: &Found<'_>) -> Option<Remarked> {
    let said = statements.iter().filter_map(|Stated { place, document, statement }| {
        let remarked = of_statement(statement, document, found)?;
        Some(((Reverse(*place), statement.version.is_none(), remarked.is_settled(), remarked.status), remarked))
    });
    said.min_by_key(|(order, _)| *order).map(|(_, remarked)| remarked)
}

fn of_statement(statement: &Statement, document: &str, found: &Found<'_>) -> Option<Remarked> {
    let version = statement.version.as_deref().and_then(Evr::of_log).filter(Evr::is_plain);
    if statement.version.is_some() && version.is_none() {
        return None;
    }
    let is_meant = version.as_ref().is_none_or(|version| version == found.version);
    let (status, says) = match statement.status {
        Status::NotAffected if is_meant => (FindingStatus::NotAffected, Says::NotAffected { justification: statement.justification }),
        Status::Affected if is_meant => (found.confirmed(), Says::Affected),
        Status::UnderInvestigation if is_meant => (found.status, Says::UnderInvestigation),
        Status::Fixed => {
            // Without a version nobody knows from where on. A build of another distribution has other releases.
            let version = version.filter(|version| version.dist_tag().is_none_or(|tag| found.version.dist_tag() == Some(tag)))?;
            let has = found.has(&version);
            if !has && compare_evr(found.version, &version).is_ge() {
                return None;
            }
            (if has { FindingStatus::Fixed } else { found.status }, Says::Fixed { version })
        }
        _ => return None,
    };
    let source = document.to_owned();
    Some(Remarked { status, remark: Remark { by: Speaker::Statement, source, says, statement: statement.words.clone() } })
}

#[cfg(test)]
mod tests {
    use seaworthy_model::Rule;
    use seaworthy_model::case::Justification;

    use super::*;

    fn statement(version: Option<&str>, status: Status) -> Statement {
        Statement {
            cve: "CVE-2024-6197".parse().unwrap(),
            package: "curl".into(),
            namespace: Some("harbor".into()),
            version: version.map(str::to_owned),
            status,
            justification: (status == Status::NotAffected).then_some(Justification::ComponentNotPresent),
            words: "so they say".into(),
        }
    }

    fn say(statements: Vec<(usize, Statement)>, version: &str, status: FindingStatus) -> String {
        let (version, rule): (Evr, Rule) = (version.parse().unwrap(), Rule::Stated(String::new()));
        let found = Found { version: &version, status, rule: Some(&rule), since: None, is_exploited: false };
        let stated = |(place, statement)| Stated { place, document: "theirs.json".into(), statement };
        let remarked = remark(&statements.into_iter().map(stated).collect::<Vec<_>>(), &found);
        remarked.map_or_else(|| "nothing".into(), |r| format!("{}: {}", r.status, r.remark))
    }

    #[test]
    fn what_a_statement_says_of_a_version() {
        const ABSENT: &str = "not_affected: not affected, component_not_present (theirs.json): so they say";
        let rows = [
            ("of all versions", None, Status::NotAffected, "8.8.0-1.hbr1", ABSENT),
            ("of this version", Some("8.8.0-1.hbr1"), Status::NotAffected, "8.8.0-1.hbr1", ABSENT),
            ("of another version", Some("8.8.0-1.hbr1"), Status::NotAffected, "8.8.0-2.hbr1", "nothing"),
            ("of an epoch", Some("1:8.8.0-1.hbr1"), Status::NotAffected, "8.8.0-1.hbr1", "nothing"),
            ("of what is no version", Some("the last one"), Status::NotAffected, "8.8.0-1.hbr1", "nothing"),
            ("fixed here", Some("8.8.0-2.hbr1"), Status::Fixed, "8.8.0-2.hbr1", "fixed: fixed in 8.8.0-2.hbr1 (theirs.json): so they say"),
            ("fixed before", Some("8.8.0-2"), Status::Fixed, "8.9.0-1.hbr1", "fixed: fixed in 8.8.0-2 (theirs.json): so they say"),
            ("fixed later", Some("8.8.0-2"), Status::Fixed, "8.8.0-1.hbr1", "suspected: fixed in 8.8.0-2 (theirs.json): so they say"),
            ("fixed in another distribution", Some("8.8.0-2.fc40"), Status::Fixed, "8.9.0-1.hbr1", "nothing"),
            ("fixed in no version", None, Status::Fixed, "8.9.0-1.hbr1", "nothing"),
            ("affected", None, Status::Affected, "8.8.0-1.hbr1", "affected: affected (theirs.json): so they say"),
            ("looked into", None, Status::UnderInvestigation, "8.8.0-1", "suspected: under investigation (theirs.json): so they say"),
        ];
        seaworthy_testing::hold(rows.map(|(why, said, status, version, expected)| {
            (why, expected.to_owned(), say(vec![(0, statement(said, status))], version, FindingStatus::Suspected))
        }));
    }

    #[test]
    fn which_of_several_statements_speaks() {
        let (all, this) = (None, Some("8.8.0-1"));
        let rows = [
            ("a version before all", [(0, all, Status::Affected), (0, this, Status::NotAffected)], "not_affected"),
            ("affected before not affected", [(0, all, Status::NotAffected), (0, all, Status::Affected)], "affected"),
            ("a later document", [(0, this, Status::Affected), (1, all, Status::NotAffected)], "not_affected"),
            (
                "an earlier document, where the later says nothing",
                [(0, this, Status::NotAffected), (1, all, Status::Fixed)],
                "not_affected",
            ),
        ];
        seaworthy_testing::hold(rows.map(|(why, said, expected)| {
            let statements = said.map(|(document, version, status)| (document, statement(version, status)));
            let words = say(statements.into(), "8.8.0-1", FindingStatus::Affected);
            (why, expected.to_owned(), words.split(':').next().unwrap_or_default().to_owned())
        }));
    }
}
