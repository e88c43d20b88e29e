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

impl Statement {
    /// Whether the statement is about the packages of a vendor, by the namespace of its purl. One without a namespace is about every
    /// package of its name.
    fn is_of(&self, vendor: &str) -> bool {
        self.namespace.as_deref().is_none_or(|namespace| namespace.eq_ignore_ascii_case(vendor))
    }

    fn evr(&self) -> Option<Evr> {
        self.version.as_deref().and_then(Evr::of_log).filter(Evr::is_plain)
    }

    /// Whether the statement can count for a package of a vendor. One about packages of another can where its version has a distribution
    /// tag: it counts for packages with that tag.
    #[must_use]
    pub fn can_count(&self, vendor: &str) -> bool {
        self.is_of(vendor) || self.evr().is_some_and(|version| version.dist_tag().is_some())
    }
}

/// The remark of statements on a finding of their package and CVE; `None` where they say nothing of it. The `vendor` is that of the
/// packages, empty where it is not known: another distribution has packages of the same names, to which a statement about its own applies.
///
/// A later document speaks before an earlier one; in a document, a statement on versions before one on all of them, and of several such
/// the one that leaves most to do. A statement of a version holds for that one, a fix for later ones too.
#[must_use]
pub fn remark(statements: &[Stated], found: &Found<'_>, vendor: &str) -> Option<Remarked> {
    let said = statements.iter().filter_map(|Stated { place, document, statement }| {
        let remarked = of_statement(statement, document, found, vendor)?;
        Some(((Reverse(*place), statement.version.is_none(), remarked.is_settled(), remarked.status), remarked))
    });
    said.min_by_key(|(order, _)| *order).map(|(_, remarked)| remarked)
}

fn of_statement(statement: &Statement, document: &str, found: &Found<'_>, vendor: &str) -> Option<Remarked> {
    let version = statement.evr();
    if statement.version.is_some() && version.is_none() {
        return None;
    }
    let tag = version.as_ref().and_then(Evr::dist_tag);
    if !statement.is_of(vendor) && (tag.is_none() || tag != found.version.dist_tag()) {
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
        say_for("harbor", statements, version, status)
    }

    fn say_for(vendor: &str, statements: Vec<(usize, Statement)>, version: &str, status: FindingStatus) -> String {
        let (version, rule): (Evr, Rule) = (version.parse().unwrap(), Rule::Stated(String::new()));
        let found = Found { version: &version, status, rule: Some(&rule), since: None, is_exploited: false };
        let stated = |(place, statement)| Stated { place, document: "theirs.json".into(), statement };
        let remarked = remark(&statements.into_iter().map(stated).collect::<Vec<_>>(), &found, vendor);
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
    fn whose_packages_a_statement_is_about() {
        use Status::{Affected, Fixed, NotAffected};
        let (harbor, redhat) = (Some("harbor"), Some("redhat"));
        let (ours, theirs) = ("8.8.0-1.hbr1", "8.8.0-1.el9");
        // The vendor, the namespace, the version and the status that is stated, the found version, whether it counts and can count.
        let rows = [
            ("our own", "harbor", harbor, None, NotAffected, ours, "yes, it can"),
            ("our own, written otherwise", "harbor", Some("Harbor"), None, NotAffected, ours, "yes, it can"),
            ("a plain name", "harbor", None, None, NotAffected, ours, "yes, it can"),
            ("a plain name, no vendor", "", None, None, NotAffected, ours, "yes, it can"),
            ("all of another vendor", "harbor", redhat, None, NotAffected, ours, "no"),
            ("all of another vendor, affected", "harbor", redhat, None, Affected, ours, "no"),
            ("all of a vendor, where none is known", "", harbor, None, NotAffected, ours, "no"),
            ("another vendor's version, with its tag", "harbor", redhat, Some(theirs), NotAffected, theirs, "yes, it can"),
            ("another vendor's version, with its tag, here", "harbor", redhat, Some(theirs), NotAffected, ours, "no, it can"),
            ("another vendor's version, without a tag", "harbor", redhat, Some("8.8.0-1"), NotAffected, "8.8.0-1", "no"),
            ("another vendor's pre-release", "harbor", redhat, Some("8.8.0-1.rc1"), NotAffected, "8.8.0-1.rc1", "no"),
            ("another vendor's fix", "harbor", redhat, Some(theirs), Fixed, "8.8.0-2.el9", "yes, it can"),
            ("another vendor's fix, here", "harbor", redhat, Some(theirs), Fixed, ours, "no, it can"),
            ("another vendor's fix without a tag", "harbor", redhat, Some("8.8.0-1"), Fixed, ours, "no"),
            ("a fix, where no vendor is known", "", harbor, Some("8.8.0-1.hbr1"), Fixed, ours, "yes, it can"),
            ("our own fix without a tag", "harbor", harbor, Some("8.8.0-1"), Fixed, ours, "yes, it can"),
        ];
        seaworthy_testing::hold(rows.map(|(why, vendor, namespace, version, status, found, expected)| {
            let statement = Statement { namespace: namespace.map(str::to_owned), ..statement(version, status) };
            let can = if statement.can_count(vendor) { ", it can" } else { "" };
            let said = say_for(vendor, vec![(0, statement)], found, FindingStatus::Suspected);
            let counts = if said == "nothing" { "no" } else { "yes" };
            (why, expected.to_owned(), format!("{counts}{can}"))
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
