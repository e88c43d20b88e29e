//! The remark of documents' statements on a finding of a scan.

use std::collections::BTreeMap;

use seaworthy_model::{Evr, Remark, Says, Speaker, Status as FindingStatus, compare_evr};

use super::holding::{Weight, holding};
use super::{Ours, Statement, Status, Versions, Why};
use crate::{Found, Remarked};

/// A statement with its document.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Stated {
    /// The place of the document among all; it tells documents apart, and decides nothing.
    pub(super) place: usize,
    /// The name of the document.
    pub(super) document: String,
    /// The statement.
    pub(super) statement: Statement,
}

/// What statements say of a finding.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Spoken {
    /// The remark; `None` where they say nothing of it.
    pub(super) remarked: Option<Remarked>,
    /// The statements that say nothing of it, by their places, with the reasons.
    pub(super) passed: Vec<(usize, Why)>,
}

/// The remark of statements on a finding of their package and CVE. `ours` says whose packages these are: another distribution has packages
/// of the same names, to which a statement about its own applies.
///
/// The latest statement speaks; of one time in one document, a statement on versions before one on all of them, and else the most cautious.
/// A statement of a version holds for that one, a fix for later ones too.
pub(super) fn remark(statements: &[Stated], found: &Found<'_>, ours: &Ours) -> Spoken {
    let mut out = Spoken::default();
    let mut by_document: BTreeMap<usize, Vec<(usize, Weight, Remarked)>> = BTreeMap::new();
    for (nth, Stated { place, document, statement }) in statements.iter().enumerate() {
        match of_statement(statement, document, found, ours) {
            Ok(remarked) => {
                let is_general = statement.versions == Versions::All;
                let weight = Weight { time: statement.time, is_general, status: statement.status, file: document.clone() };
                by_document.entry(*place).or_default().push((nth, weight, remarked));
            }
            Err(why) => out.passed.push((nth, why)),
        }
    }
    let of_documents = by_document.into_values().filter_map(|said| latest(said, &mut out.passed));
    let of_documents: Vec<_> = of_documents.map(|(nth, weight, said)| (nth, Weight { is_general: false, ..weight }, said)).collect();
    out.remarked = latest(of_documents, &mut out.passed).map(|(_, _, remarked)| remarked);
    out
}

/// The statement that holds; the others are passed over.
fn latest(mut said: Vec<(usize, Weight, Remarked)>, passed: &mut Vec<(usize, Why)>) -> Option<(usize, Weight, Remarked)> {
    let weights: Vec<Weight> = said.iter().map(|(_, weight, _)| weight.clone()).collect();
    let best = said.swap_remove(holding(&weights)?);
    passed.extend(said.into_iter().map(|(nth, weight, _)| (nth, weight.loses_to(&best.1))));
    Some(best)
}

fn of_statement(statement: &Statement, document: &str, found: &Found<'_>, ours: &Ours) -> Result<Remarked, Why> {
    let here = Some(found.version);
    statement.is_about(ours, here)?;
    if statement.status != Status::Fixed {
        statement.is_of_version(here)?;
    }
    let (status, says) = match statement.status {
        Status::NotAffected => (FindingStatus::NotAffected, Says::NotAffected { justification: statement.justification }),
        Status::Affected => (found.confirmed(), Says::Affected),
        Status::UnderInvestigation => (found.status, Says::UnderInvestigation),
        Status::Fixed => {
            let version = fix(statement, found).ok_or_else(|| statement.other_version(here))?;
            let has = found.has(&version);
            if !has && compare_evr(found.version, &version).is_ge() {
                return Err(statement.other_version(here));
            }
            (if has { FindingStatus::Fixed } else { found.status }, Says::Fixed { version })
        }
    };
    statement.has_grounds(found.product)?;
    let source = document.to_owned();
    Ok(Remarked { status, remark: Remark { by: Speaker::Statement, source, says, statement: statement.words.clone() } })
}

/// The version from which on a fix is there; `None` where nobody says, or it is of another distribution, whose builds have other releases.
/// Of a range only what is inside is fixed.
fn fix(statement: &Statement, found: &Found<'_>) -> Option<Evr> {
    match &statement.versions {
        Versions::All => None,
        Versions::One(_) => {
            let version = statement.versions.one()?;
            let is_ours = version.dist_tag().is_none_or(|tag| found.version.dist_tag() == Some(tag));
            is_ours.then_some(version)
        }
        Versions::Range(_) => statement.versions.have(Some(found.version)).then(|| found.version.clone()),
    }
}

#[cfg(test)]
mod tests {
    use seaworthy_model::Rule;
    use seaworthy_model::case::Justification;

    use super::*;

    fn statement(version: Option<&str>, status: Status) -> Statement {
        Statement {
            at: "/statements/0".into(),
            cve: "CVE-2024-6197".parse().unwrap(),
            package: "curl".into(),
            namespace: Some("harbor".into()),
            places: Vec::new(),
            versions: version.map_or(Versions::All, |version| Versions::One(version.to_owned())),
            narrowed: None,
            parts: Vec::new(),
            time: None,
            is_final: true,
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
        let found = Found { version: &version, status, rule: Some(&rule), since: None, product: None, is_exploited: false };
        let stated = |(place, statement)| Stated { place, document: "theirs.json".into(), statement };
        let ours = Ours { vendor: vendor.to_owned(), release: "1.0".into(), ..Ours::default() };
        let spoken = remark(&statements.into_iter().map(stated).collect::<Vec<_>>(), &found, &ours);
        spoken.remarked.map_or_else(|| "nothing".into(), |r| format!("{}: {}", r.status, r.remark))
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
            ("this version, where no vendor is known", "", redhat, Some("8.8.0-1"), NotAffected, "8.8.0-1", "yes, it can"),
            ("another version, where no vendor is known", "", redhat, Some("8.8.0-2"), NotAffected, "8.8.0-1", "no, it can"),
            ("our own fix without a tag", "harbor", harbor, Some("8.8.0-1"), Fixed, ours, "yes, it can"),
        ];
        seaworthy_testing::hold(rows.map(|(why, vendor, namespace, version, status, found, expected)| {
            let statement = Statement { namespace: namespace.map(str::to_owned), ..statement(version, status) };
            let ours = Ours { vendor: vendor.to_owned(), ..Ours::default() };
            let can = if statement.can_count(&ours) { ", it can" } else { "" };
            let said = say_for(vendor, vec![(0, statement)], found, FindingStatus::Suspected);
            let counts = if said == "nothing" { "no" } else { "yes" };
            (why, expected.to_owned(), format!("{counts}{can}"))
        }));
    }

    #[test]
    fn the_latest_of_several_statements_speaks() {
        let (all, this) = (None, Some("8.8.0-1"));
        // The document, the day of June, the version and the status of two statements, and the status that follows.
        let rows = [
            ("a version before all", [(0, 1, all, Status::Affected), (0, 1, this, Status::NotAffected)], "not_affected"),
            ("affected before not affected", [(0, 1, all, Status::NotAffected), (0, 1, all, Status::Affected)], "affected"),
            ("the later one", [(0, 9, all, Status::Affected), (0, 1, this, Status::NotAffected)], "affected"),
            ("a later document", [(0, 1, this, Status::Affected), (1, 9, all, Status::NotAffected)], "not_affected"),
            ("a later document that is given first", [(0, 9, this, Status::Affected), (1, 1, all, Status::NotAffected)], "affected"),
            ("documents of one time", [(0, 1, this, Status::NotAffected), (1, 1, all, Status::Affected)], "affected"),
            ("looked into again", [(0, 1, this, Status::NotAffected), (1, 9, all, Status::UnderInvestigation)], "affected"),
            ("a later one that says nothing", [(0, 1, this, Status::NotAffected), (1, 9, all, Status::Fixed)], "not_affected"),
        ];
        seaworthy_testing::hold(rows.map(|(why, said, expected)| {
            let statements = said.map(|(document, day, version, status)| {
                let time = format!("2025-06-{day:02}T00:00:00Z").parse().ok();
                (document, Statement { time, ..statement(version, status) })
            });
            let words = say(statements.into(), "8.8.0-1", FindingStatus::Affected);
            (why, expected.to_owned(), words.split(':').next().unwrap_or_default().to_owned())
        }));
    }
}
