//! The remark of a case on a finding: what a fix or a decision says of a version of the package that a scan has found somewhere.
//!
//! A scan of an image or a root does not see the patches and decisions of the spec tree that it was built from; the case does. What is
//! taken from it errs on the safe side: where it is not certain that a fix is in, or that a decision holds for the version, the finding
//! stays.

use jiff::Timestamp;
use seaworthy_model::case::{Case, CaseState, Decision, Origin, Reason};
use seaworthy_model::{Evr, Remark, Rule, Says, Speaker, Status, UpstreamVersion, compare_evr, compare_rpm_segments};

/// The origin of the packages of a scan, as far as remarks depend on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Provenance {
    /// The packages are the release line's own specs, in which a scan sees each fix itself: a fix that it does not see is not there.
    Specs,
    /// The packages are said to be builds of the release line.
    Line,
    /// Nothing is said: a package is a build of the release line where its distribution tag says so.
    Unknown,
}

/// A finding as far as remarks depend on it.
#[derive(Clone, Copy, Debug)]
pub struct Found<'a> {
    /// The version of the package.
    pub version: &'a Evr,
    /// The status.
    pub status: Status,
    /// The rule by which the package was judged; `None` where no versions were judged.
    pub rule: Option<&'a Rule>,
    /// The upstream version with which the affected range begins; `None` where it has no beginning, or a component was judged.
    pub since: Option<&'a str>,
    /// The product that is vulnerable; `None` where no product led to the finding.
    pub product: Option<&'a str>,
    /// Whether the vulnerability is known to be exploited.
    pub is_exploited: bool,
}

impl Found<'_> {
    /// Whether a version of the package, or a newer one, has the fix that came with version `fix`.
    ///
    /// A fix in a version older than the affected range is one of another branch, such as that of go 1.24 for go 1.25.
    pub(crate) fn has(&self, fix: &Evr) -> bool {
        let is_other_branch = self.since.is_some_and(|since| UpstreamVersion::new(&fix.version) < UpstreamVersion::new(since));
        fix.is_plain() && !is_other_branch && compare_evr(self.version, fix).is_ge()
    }

    /// The status that follows from a statement that the package is affected: it confirms what was open.
    pub(crate) fn confirmed(&self) -> Status {
        if matches!(self.status, Status::Suspected | Status::Undecided) { Status::Affected } else { self.status }
    }
}

/// A remark with the status that the finding has by it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Remarked {
    /// The status of the finding.
    pub status: Status,
    /// The remark.
    pub remark: Remark,
}

impl Remarked {
    /// Whether nothing more has to be asked: the finding is closed, or not to be raised for a time.
    #[must_use]
    pub fn is_settled(&self) -> bool {
        matches!(self.status, Status::Fixed | Status::NotAffected) || self.remark.says.is_accepted()
    }
}

/// The remark of a case, and of the parts that it was split into, on a finding of the same package and CVE; `None` where they say nothing
/// of it. `cases` has the case and its parts. Where these differ, the one that leaves most to do speaks.
#[must_use]
pub fn of_cases<'a>(
    cases: impl IntoIterator<Item = &'a Case>,
    found: &Found<'_>,
    provenance: Provenance,
    now: Timestamp,
) -> Option<Remarked> {
    let remarks: Option<Vec<Remarked>> = cases.into_iter().map(|case| of_case(case, found, provenance, now)).collect();
    remarks?.into_iter().min_by_key(|remarked| (remarked.is_settled(), remarked.status))
}

fn of_case(case: &Case, found: &Found<'_>, provenance: Provenance, now: Timestamp) -> Option<Remarked> {
    if !is_build_of(case, found.version, provenance) {
        return None;
    }
    let (status, says) = match (case.state, case.decision.as_ref()) {
        (CaseState::Fixed, _) if provenance != Provenance::Specs => {
            let version = fix_for(case, found)?.clone();
            let has = found.has(&version);
            // A newer version that has it not is of another branch, of which the case says nothing.
            if !has && compare_evr(found.version, &version).is_ge() {
                return None;
            }
            (if has { Status::Fixed } else { found.status }, Says::Fixed { version })
        }
        (CaseState::NotAffected, Some(decision)) if holds(case, decision, found, now) => {
            (Status::NotAffected, Says::NotAffected { justification: decision.justification })
        }
        // Whoever let it wait did not know of the exploitation; a cycle reopens it.
        (CaseState::Deferred | CaseState::WillNotFix, _) if found.is_exploited && case.facts.exploited_since.is_none() => return None,
        (CaseState::Deferred, Some(Decision { until, .. })) if until.is_none_or(|until| until > now) => {
            (found.status, Says::Deferred { until: *until })
        }
        (CaseState::WillNotFix, Some(Decision { until, .. })) if until.is_none_or(|until| until > now) => {
            (found.status, Says::WillNotFix { until: *until })
        }
        (CaseState::Affected, Some(decision)) if decision.origin != Origin::Scan => (found.confirmed(), Says::Affected),
        (CaseState::UnderInvestigation, Some(_)) => (found.status, Says::UnderInvestigation),
        // Where a package that has left the line is still found, it is as vulnerable as before.
        _ => return None,
    };
    let statement = case.decision.as_ref().map(|decision| decision.statement.trim().to_owned()).unwrap_or_default();
    Some(Remarked { status, remark: Remark { by: Speaker::Case, source: case.key.line.to_string(), says, statement } })
}

/// The version from which on the package of a finding has the fix of a case; `None` where that is not certain.
///
/// A changelog may name a fix that an update of the package lost, until it was made again. Where a later version than that of the fix is
/// known, only the upstream version that was fixed is sure to have it, and what is newer than a version in which a scan saw it.
fn fix_for<'a>(case: &'a Case, found: &Found<'_>) -> Option<&'a Evr> {
    let step = case.fixed.as_ref()?;
    let fix = step.version.as_ref().filter(|version| version.is_plain())?;
    let is_of = |version: &Evr| compare_rpm_segments(&fix.version, &version.version).is_eq();
    let known = case.facts.version.as_ref().filter(|version| version.is_plain());
    let is_later = known.is_some_and(|known| compare_evr(known, fix).is_ge());
    // A scan that opened the case closed it at once, by what it saw in the version; otherwise the version is the last that was raised.
    let is_seen = step.at == case.opened && is_later;
    // A scan may have closed the case because the package had another version, which the records of then did not name. Those of today may.
    let has_same_rule = case.facts.rule.is_some() && is_same_rule(case, found);
    if !(is_seen || has_same_rule || known.is_some_and(is_of)) {
        return None;
    }
    match known {
        Some(seen) if is_seen => Some(if is_of(seen) || is_of(found.version) { fix } else { seen }),
        Some(_) if !is_later => Some(fix),
        Some(raised) if is_of(raised) => (is_of(found.version) && compare_evr(found.version, raised).is_gt()).then_some(fix),
        _ => is_of(found.version).then_some(fix),
    }
}

/// Whether a version is of a build of the case's release line: it has the distribution tag of the versions that the case knows. Another
/// distribution has packages of the same names, and versions whose numbers say nothing here.
fn is_build_of(case: &Case, version: &Evr, provenance: Provenance) -> bool {
    let fixed = case.fixed.as_ref().and_then(|fixed| fixed.version.as_ref());
    // The version of a scan is a package's own; that of a fix is often one of a changelog, without the tag.
    let known = [case.facts.version.as_ref(), fixed].into_iter().flatten().find_map(Evr::dist_tag);
    match (known, version.dist_tag()) {
        (Some(known), Some(tag)) => known == tag,
        (Some(_), None) => false,
        (None, _) => provenance != Provenance::Unknown,
    }
}

/// Whether a decision that a package is not affected holds for a finding: the table of docs/scan.md.
fn holds(case: &Case, decision: &Decision, found: &Found<'_>, now: Timestamp) -> bool {
    if decision.until.is_some_and(|until| until <= now) {
        return false;
    }
    let looked_at = case.facts.version.as_ref().filter(|version| version.is_plain());
    let is_same = looked_at.is_some_and(|version| version.is_same_but_tag(found.version));
    match (&decision.origin, decision.reason) {
        // A scan concluded it from the records of then: this one has found the opposite.
        (Origin::Scan, _) => false,
        // The spec tree has had the file since that version, and a cycle reads it each time.
        (Origin::SpecTree(_), _) => is_same || looked_at.is_some_and(|version| compare_evr(found.version, version).is_ge()),
        // What is not built here, or disputed, does not depend on the version.
        (_, Reason::NotBuilt | Reason::Disputed) => has_same_grounds(case, found),
        _ => is_same && has_same_grounds(case, found),
    }
}

/// Whether the grounds of a decision are what they were, so that a cycle would not reopen the case: the same range of the same source, no
/// exploitation that was not known, and no suspicion that was confirmed.
fn has_same_grounds(case: &Case, found: &Found<'_>) -> bool {
    let facts = &case.facts;
    // What a log of sentences kept cannot be compared, and reopens no case.
    let is_sentence = facts.rule.as_ref().is_some_and(|rule| !rule.is_comparable());
    let is_exploited = facts.exploited_since.is_none() && found.is_exploited;
    (is_sentence || is_same_rule(case, found)) && !is_exploited && found.status >= facts.status
}

/// Whether a finding was judged by the rule of a case: the same range of the same source.
fn is_same_rule(case: &Case, found: &Found<'_>) -> bool {
    case.facts.rule.as_ref() == found.rule
}

#[cfg(test)]
mod tests {
    use seaworthy_model::SourceKind;
    use seaworthy_model::case::{CaseEvent, CaseKey, Justification};

    use super::*;
    use crate::tests::{affected, at, range};

    const NOW: &str = "2024-09-20T00:00Z";
    const CVE: &str = "CVE-2024-6197";

    /// A case of version 8.8.0-1.hbr1, after some events.
    fn case(events: &[CaseEvent]) -> Case {
        let mut case = affected("curl", CVE, at("2024-09-01T00:00Z"));
        case.facts.version = Evr::of_log("8.8.0-1.hbr1");
        for event in events {
            case.apply(at("2024-09-02T00:00Z"), event).unwrap();
        }
        case
    }

    fn fixed(version: &str) -> CaseEvent {
        CaseEvent::Fixed { version: Evr::of_log(version), or_before: false, origin: Origin::Scan, evidence: Vec::new() }
    }

    /// A case that a scan of one version opened and closed at once, as the changelog of another names the fix.
    fn seen(version: &str, fix: &str) -> Case {
        let mut case = case(&[]);
        case.facts.version = Evr::of_log(version);
        case.apply(case.opened, &fixed(fix)).unwrap();
        case
    }

    /// A case that was open in one version until the tree had a fix.
    fn raised(version: &str, fix: &str) -> Case {
        let mut case = case(&[]);
        case.facts.version = Evr::of_log(version);
        case.apply(at("2024-09-02T00:00Z"), &fixed(fix)).unwrap();
        case
    }

    fn decided(state: CaseState, reason: Reason, origin: Origin) -> Decision {
        let until = (state != CaseState::NotAffected).then(|| at("2024-12-01T00:00Z"));
        let justification = (state == CaseState::NotAffected).then_some(Justification::VulnerableCodeNotPresent);
        Decision { state, justification, reason, statement: "looked at".into(), until, origin }
    }

    /// What a case says of a version: the status by it and the content of the remark.
    fn say(case: &Case, version: &str, provenance: Provenance) -> String {
        say_of(case, &Found { version: &version.parse().unwrap(), ..found(&Evr::new(0, "", ""), &rule()) }, provenance)
    }

    fn say_of(case: &Case, found: &Found<'_>, provenance: Provenance) -> String {
        let remarked = of_cases([case], found, provenance, at(NOW));
        remarked.map_or_else(|| "nothing".into(), |r| format!("{}: {}", r.status, r.remark.says))
    }

    fn rule() -> Rule {
        range(SourceKind::Nvd, "8.9.0")
    }

    fn found<'a>(version: &'a Evr, rule: &'a Rule) -> Found<'a> {
        Found { version, status: Status::Affected, rule: Some(rule), since: None, product: None, is_exploited: false }
    }

    #[test]
    fn a_fix_counts_for_its_version_and_later_ones_of_the_line() {
        use Provenance::{Line, Specs, Unknown};
        // The version with the fix, the found version, where it was found, what is said.
        let rows = [
            ("the fix itself", "8.8.0-2.hbr1", "8.8.0-2.hbr1", Unknown, "fixed: fixed in 8.8.0-2.hbr1"),
            ("a later release", "8.8.0-2.hbr1", "8.8.0-10.hbr1", Unknown, "fixed: fixed in 8.8.0-2.hbr1"),
            ("a later version", "8.8.0-2", "8.9.1-1.hbr1", Unknown, "fixed: fixed in 8.8.0-2"),
            ("the fix as a changelog writes it", "8.8.0-2", "8.8.0-2.hbr1", Unknown, "fixed: fixed in 8.8.0-2"),
            ("an earlier release", "8.8.0-2", "8.8.0-1.hbr1", Unknown, "affected: fixed in 8.8.0-2"),
            ("an earlier epoch", "1:8.7.0-1", "8.8.0-1.hbr1", Unknown, "affected: fixed in 1:8.7.0-1"),
            ("a later epoch", "8.8.0-2", "1:8.7.0-1.hbr1", Unknown, "fixed: fixed in 8.8.0-2"),
            ("another distribution", "8.8.0-2", "8.9.1-1.fc40", Unknown, "nothing"),
            ("another distribution, said to be the line", "8.8.0-2", "8.9.1-1.fc40", Line, "nothing"),
            ("no tag", "8.8.0-2", "8.9.1-1", Unknown, "nothing"),
            ("no tag, built elsewhere", "8.8.0-2", "8.9.1-1", Line, "nothing"),
            ("specs show their fixes themselves", "8.8.0-2", "8.9.1-1.hbr1", Specs, "nothing"),
            ("words of an old log", "the next one", "8.9.1-1.hbr1", Unknown, "nothing"),
            ("a snapshot, which is no tag", "8.8.0-2.git1234567", "8.8.0-3.hbr1", Unknown, "fixed: fixed in 8.8.0-2.git1234567"),
            ("a snapshot of others", "8.8.0-2.git1234567", "8.8.0-3.git1234567", Unknown, "nothing"),
            ("another tag in the version of the fix", "8.8.0-2.hbr0", "8.8.0-3.hbr1", Unknown, "fixed: fixed in 8.8.0-2.hbr0"),
            ("that other tag", "8.8.0-2.hbr0", "8.8.0-3.hbr0", Unknown, "nothing"),
        ];
        seaworthy_testing::hold(
            rows.map(|(why, fix, version, provenance, expected)| {
                (why, expected.to_owned(), say(&case(&[fixed(fix)]), version, provenance))
            }),
        );
    }

    #[test]
    fn a_line_without_tags_is_taken_at_its_word() {
        let untagged = raised("8.8.0-1", "8.8.0-2");
        let rows = [
            ("a line's image", "8.8.0-2", Provenance::Line, "fixed: fixed in 8.8.0-2"),
            ("a build of its spec", "8.8.0-2.hbr1", Provenance::Line, "fixed: fixed in 8.8.0-2"),
            ("anybody's package", "8.8.0-2", Provenance::Unknown, "nothing"),
            ("anybody's build", "8.8.0-2.fc40", Provenance::Unknown, "nothing"),
        ];
        seaworthy_testing::hold(
            rows.map(|(why, version, provenance, expected)| (why, expected.to_owned(), say(&untagged, version, provenance))),
        );
    }

    #[test]
    fn a_fix_may_have_been_lost_before_it_was_seen() {
        // The case of a tree with 2.38-19, whose changelog names the CVE in 2.35-6 and again in 2.38-11.
        let case = seen("2.38-19.hbr1", "2.35-6");
        let rows = [
            ("the version that was fixed", "2.35-7.hbr1", "fixed: fixed in 2.35-6"),
            ("before it", "2.35-5.hbr1", "affected: fixed in 2.35-6"),
            ("an update after it", "2.36-1.hbr1", "affected: fixed in 2.38-19.hbr1"),
            ("before it was seen", "2.38-10.hbr1", "affected: fixed in 2.38-19.hbr1"),
            ("what was seen", "2.38-19.hbr1", "fixed: fixed in 2.38-19.hbr1"),
            ("later", "2.40-1.hbr1", "fixed: fixed in 2.38-19.hbr1"),
        ];
        seaworthy_testing::hold(rows.map(|(why, version, expected)| (why, expected.to_owned(), say(&case, version, Provenance::Unknown))));
    }

    #[test]
    fn a_version_that_was_raised_is_none_that_has_the_fix() {
        // The version that was raised last, that of the fix, the found one, what is said.
        let rows = [
            ("a fix that was lost and made again", "2.38-10.hbr1", "2.35-6", "2.38-10.hbr1", "nothing"),
            ("the same, newer than what was raised", "2.38-10.hbr1", "2.35-6", "2.40-1.hbr1", "nothing"),
            ("the same, in the version that was fixed", "2.38-10.hbr1", "2.35-6", "2.35-7.hbr1", "fixed: fixed in 2.35-6"),
            ("the same, before it", "2.38-10.hbr1", "2.35-6", "2.35-5.hbr1", "affected: fixed in 2.35-6"),
            ("a fix without a new release", "8.8.0-2.hbr1", "8.8.0-2.hbr1", "8.8.0-2.hbr1", "nothing"),
            ("the release after it", "8.8.0-2.hbr1", "8.8.0-2.hbr1", "8.8.0-3.hbr1", "fixed: fixed in 8.8.0-2.hbr1"),
            ("a fix without a release", "8.8.0-1.hbr1", "8.8.0", "8.8.0-1.hbr1", "nothing"),
        ];
        seaworthy_testing::hold(rows.map(|(why, version, fix, found, expected)| {
            (why, expected.to_owned(), say(&raised(version, fix), found, Provenance::Unknown))
        }));
    }

    #[test]
    fn a_fix_by_an_update_holds_for_the_records_of_then() {
        let (then, wider) = (rule(), range(SourceKind::Nvd, "8.10.0"));
        let stated = Rule::Stated("nvd: before 8.9.0".into());
        let without = |rule: Option<&Rule>, version: Option<&str>| {
            let mut case = raised("8.8.0-1.hbr1", "8.9.0-1.hbr1");
            case.facts.rule = rule.cloned();
            case.facts.version = version.and_then(Evr::of_log);
            case
        };
        let update = || raised("8.8.0-1.hbr1", "8.9.0-1.hbr1");
        let has = "fixed: fixed in 8.9.0-1.hbr1";
        // The case, the found version, the rule of today, what is said.
        let rows = [
            ("the range is wider today", update(), "8.9.0-1.hbr1", Some(&wider), "nothing"),
            ("the range is wider today, a later release", update(), "8.9.0-2.hbr1", Some(&wider), "nothing"),
            ("the range is wider today, before the update", update(), "8.8.0-1.hbr1", Some(&wider), "nothing"),
            ("no versions are judged today", update(), "8.9.0-1.hbr1", None, "nothing"),
            ("the range of then, which a fix outweighs", update(), "8.9.0-1.hbr1", Some(&then), has),
            ("the range of then, before the update", update(), "8.8.0-1.hbr1", Some(&then), "affected: fixed in 8.9.0-1.hbr1"),
            ("back to an older version", raised("8.10.0-1.hbr1", "8.9.0-1.hbr1"), "8.9.0-1.hbr1", Some(&wider), "nothing"),
            ("no versions were judged", without(None, Some("8.8.0-1.hbr1")), "8.9.0-1.hbr1", None, "nothing"),
            ("a range of an old log", without(Some(&stated), Some("8.8.0-1.hbr1")), "8.9.0-1.hbr1", Some(&wider), "nothing"),
            ("no version was known", without(Some(&then), None), "8.9.0-1.hbr1", Some(&wider), "nothing"),
            ("a fix of the version", raised("8.8.0-1.hbr1", "8.8.0-2"), "8.8.0-2.hbr1", Some(&wider), "fixed: fixed in 8.8.0-2"),
            ("a fix that was seen", seen("8.9.0-1.hbr1", "8.9.0-1"), "8.9.0-1.hbr1", Some(&wider), "fixed: fixed in 8.9.0-1"),
        ];
        seaworthy_testing::hold(rows.map(|(why, case, version, rule, expected)| {
            let version = version.parse().unwrap();
            (why, expected.to_owned(), say_of(&case, &Found { rule, ..found(&version, &then) }, Provenance::Unknown))
        }));
    }

    #[test]
    fn a_fix_of_one_branch_is_none_of_another() {
        let (case, rule) = (raised("1.24.11-1.hbr1", "1.24.12-1"), rule());
        let rows = [
            ("a later version of the branch", "1.24.13-1.hbr1", Some("1.24.0"), "fixed: fixed in 1.24.12-1"),
            ("an earlier one", "1.24.11-1.hbr1", Some("1.24.0"), "affected: fixed in 1.24.12-1"),
            ("the next branch", "1.25.1-1.hbr1", Some("1.25.0"), "nothing"),
            ("a range without a beginning", "1.25.1-1.hbr1", None, "fixed: fixed in 1.24.12-1"),
        ];
        seaworthy_testing::hold(rows.map(|(why, version, since, expected)| {
            let version = version.parse().unwrap();
            (why, expected.to_owned(), say_of(&case, &Found { since, ..found(&version, &rule) }, Provenance::Unknown))
        }));
    }

    /// The table of docs/scan.md.
    #[test]
    fn what_a_decision_of_not_affected_holds_for() {
        let spec_tree = || Origin::SpecTree("CVE-2024-6197.nopatch".into());
        let document = || Origin::Document("theirs.json".into());
        let versions = ["8.7.0-1.hbr1", "8.8.0-1.hbr1", "8.8.0-2.hbr1", "8.9.0-1.hbr1"];
        // Whether it holds for an earlier version, the one that was looked at, its next release, a later version.
        let rows = [
            ("recorded in the spec tree", Reason::Recorded, spec_tree(), "no yes yes yes"),
            ("not built", Reason::NotBuilt, Origin::Person, "yes yes yes yes"),
            ("disputed", Reason::Disputed, Origin::Person, "yes yes yes yes"),
            ("by the version", Reason::Version, Origin::Person, "no yes no no"),
            ("reviewed", Reason::Reviewed, Origin::Person, "no yes no no"),
            ("as a precedent", Reason::Precedent, Origin::Person, "no yes no no"),
            ("small harm", Reason::LowImpact, Origin::Person, "no yes no no"),
            ("a statement", Reason::Statement, document(), "no yes no no"),
            ("a scan: no longer named by the records", Reason::Version, Origin::Scan, "no no no no"),
        ];
        seaworthy_testing::hold(rows.map(|(why, reason, origin, expected)| {
            let case = case(&[CaseEvent::Decided(decided(CaseState::NotAffected, reason, origin))]);
            let holds = versions.map(|version| match &*say(&case, version, Provenance::Line) {
                "not_affected: not affected, vulnerable_code_not_present" => "yes",
                "nothing" => "no",
                _ => "something else",
            });
            (why, expected.to_owned(), holds.join(" "))
        }));
    }

    #[test]
    fn a_decision_holds_while_its_grounds_do() {
        let (version, same) = ("8.8.0-1.hbr1".parse().unwrap(), rule());
        let wider = range(SourceKind::Nvd, "8.10.0");
        let reviewed = |status, exploited: Option<&str>| {
            let mut case = case(&[CaseEvent::Decided(decided(CaseState::NotAffected, Reason::NotBuilt, Origin::Person))]);
            case.facts.status = status;
            case.facts.exploited_since = exploited.map(|day| day.parse().unwrap());
            case
        };
        let holds = "not_affected: not affected, vulnerable_code_not_present";
        let here = || found(&version, &same);
        let rows = [
            ("as it was", Status::Affected, None, here(), holds),
            ("another range", Status::Affected, None, Found { rule: Some(&wider), ..here() }, "nothing"),
            ("exploited since", Status::Affected, None, Found { is_exploited: true, ..here() }, "nothing"),
            ("exploited before", Status::Affected, Some("2024-08-01"), Found { is_exploited: true, ..here() }, holds),
            ("a suspicion that is confirmed", Status::Suspected, None, here(), "nothing"),
            ("a record that grew old", Status::Affected, None, Found { status: Status::Suspected, ..here() }, holds),
        ];
        seaworthy_testing::hold(rows.map(|(why, status, exploited, found, expected)| {
            (why, expected.to_owned(), say_of(&reviewed(status, exploited), &found, Provenance::Line))
        }));
        let mut ended = decided(CaseState::NotAffected, Reason::NotBuilt, Origin::Person);
        ended.until = Some(at(NOW));
        assert_eq!(say(&case(&[CaseEvent::Decided(ended)]), "8.8.0-1.hbr1", Provenance::Line), "nothing");
    }

    #[test]
    fn what_waits_is_said_until_it_ends_or_is_exploited() {
        let (version, rule) = ("8.9.0-1.hbr1".parse().unwrap(), rule());
        let decision = |state| case(&[CaseEvent::Decided(decided(state, Reason::TooRisky, Origin::Person))]);
        let here = || found(&version, &rule);
        let suspected = || Found { status: Status::Suspected, ..here() };
        let rows = [
            ("deferred", decision(CaseState::Deferred), here(), "affected: deferred until 2024-12-01"),
            ("a waiver", decision(CaseState::WillNotFix), here(), "affected: not to be fixed until 2024-12-01"),
            ("exploited since", decision(CaseState::Deferred), Found { is_exploited: true, ..here() }, "nothing"),
            ("a suspicion that a person confirmed", decision(CaseState::Affected), suspected(), "affected: affected"),
            ("a case that nobody decided", case(&[]), suspected(), "nothing"),
            ("looked into", decision(CaseState::UnderInvestigation), suspected(), "suspected: under investigation"),
        ];
        seaworthy_testing::hold(
            rows.map(|(why, case, found, expected)| (why, expected.to_owned(), say_of(&case, &found, Provenance::Line))),
        );
        let later = of_cases(&[decision(CaseState::Deferred)], &here(), Provenance::Line, at("2024-12-01T00:00Z"));
        assert_eq!(later, None, "it has ended");
    }

    #[test]
    fn a_case_says_what_it_has_become() {
        const FIX: &str = "8.8.0-2.hbr1";
        let facts = case(&[]).facts;
        let published = || CaseEvent::Published { version: FIX.parse().unwrap(), place: "updates".into() };
        let recalled = || CaseEvent::Recalled { version: FIX.parse().unwrap(), because: "it does not start".into() };
        let absent = || CaseEvent::Decided(decided(CaseState::NotAffected, Reason::NotBuilt, Origin::Person));
        let deferred = || CaseEvent::Decided(decided(CaseState::Deferred, Reason::TooRisky, Origin::Person));
        let left = || CaseEvent::Left { version: Evr::of_log("8.8.0-1.hbr1") };
        let by_a_scan = Decision {
            justification: Some(Justification::ComponentNotPresent),
            ..decided(CaseState::NotAffected, Reason::Version, Origin::Scan)
        };
        let back = || CaseEvent::Reopened { facts: facts.clone(), because: Vec::new(), state: CaseState::Affected };
        let undone = |before: &[CaseEvent]| CaseEvent::Undone { first: 2, last: 2, before: Some(Box::new(case(before))) };
        let unopened = || CaseEvent::Undone { first: 1, last: 1, before: None };
        let again = || CaseEvent::Opened { facts: facts.clone(), state: CaseState::Affected };
        let (has, lacks) = ("fixed: fixed in 8.8.0-2.hbr1", "affected: fixed in 8.8.0-2.hbr1");
        let waits = "affected: deferred until 2024-12-01";
        // The events after the opening, the found version, what is said.
        let rows = [
            ("history, in what was delivered", vec![fixed(FIX), published()], "8.8.0-2.hbr1", has),
            ("history, before it", vec![fixed(FIX), published()], "8.8.0-1.hbr1", lacks),
            ("a build that was taken back has the fix", vec![fixed(FIX), published(), recalled()], "8.8.0-2.hbr1", has),
            ("it left", vec![left()], "8.8.0-1.hbr1", "nothing"),
            ("it left, as older logs say it", vec![CaseEvent::Decided(by_a_scan)], "8.8.0-1.hbr1", "nothing"),
            ("it left after a decision", vec![absent(), left()], "8.8.0-1.hbr1", "nothing"),
            ("it left, and is back", vec![absent(), left(), back()], "8.8.0-1.hbr1", "nothing"),
            ("an undone departure", vec![deferred(), left(), undone(&[deferred()])], "8.8.0-1.hbr1", waits),
            ("an undone decision", vec![deferred(), undone(&[])], "8.8.0-1.hbr1", "nothing"),
            ("an undone decision in place of another", vec![deferred(), absent(), undone(&[deferred()])], "8.8.0-1.hbr1", waits),
            ("an undone fix", vec![fixed(FIX), undone(&[])], "8.8.0-2.hbr1", "nothing"),
            ("an undone opening", vec![fixed(FIX), unopened()], "8.8.0-2.hbr1", "nothing"),
            ("opened anew", vec![deferred(), unopened(), again()], "8.8.0-1.hbr1", "nothing"),
        ];
        seaworthy_testing::hold(
            rows.map(|(why, events, version, expected)| (why, expected.to_owned(), say(&case(&events), version, Provenance::Unknown))),
        );
    }

    #[test]
    fn of_a_split_case_the_part_that_leaves_most_to_do_speaks() {
        let (version, rule) = ("8.8.0-1.hbr1".parse().unwrap(), rule());
        let part = |case: Case| Case { key: CaseKey { part: "libs".into(), ..case.key.clone() }, ..case };
        let absent = || case(&[CaseEvent::Decided(decided(CaseState::NotAffected, Reason::NotBuilt, Origin::Person))]);
        let waits = || case(&[CaseEvent::Decided(decided(CaseState::Deferred, Reason::TooRisky, Origin::Person))]);
        let say = |cases: &[Case]| of_cases(cases, &found(&version, &rule), Provenance::Line, at(NOW)).map(|r| r.remark.says.to_string());
        assert_eq!(say(&[absent(), part(waits())]).as_deref(), Some("deferred until 2024-12-01"));
        assert_eq!(say(&[waits(), part(absent())]).as_deref(), Some("deferred until 2024-12-01"));
        assert_eq!(say(&[absent(), part(case(&[]))]), None, "the part is open");
    }
}
