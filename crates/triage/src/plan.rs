//! The plan: which fix goes out of band now, which boards which train, which missed one and why, and what blocks the rest.
//!
//! The plan is a pure function of cases, policy and time, and changes nothing; events record what was carried out.

use std::collections::BTreeMap;
use std::fmt;

use jiff::Timestamp;
use seaworthy_model::case::{Case, CaseKey, CaseState, Embargo, Reach};
use seaworthy_model::{Evr, Severity, compare_evr};
use serde::Serialize;
use serde::ser::SerializeStruct as _;

use crate::policy::Policy;

/// The restart that a delivery asks of a running host.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Restart {
    /// A restart of the services that use the package, at most.
    Live,
    /// A reboot of the host.
    Reboot,
    /// A new image, for hosts that take no package updates.
    Reimage,
}

/// A fix to be delivered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Item {
    /// The case.
    pub key: CaseKey,
    /// The severity in force; `None` where nobody rated.
    pub severity: Option<Severity>,
    /// The package's version with the fix: the one that closed the case, or the one that was looked at where the fix was there when the
    /// case was opened.
    pub version: Evr,
    /// The restart of each kind of host that gets the fix in this way, by the name of the kind.
    pub hosts: BTreeMap<String, Restart>,
    /// The reason for this way, a sentence.
    pub why: String,
}

/// A fix that boards a train.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Boarding {
    /// The fix.
    #[serde(flatten)]
    pub item: Item,
    /// Whether the fix is published as a package update already.
    pub published: bool,
}

/// A fix that came too late for a train that has not yet left.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Missed {
    /// The case.
    pub key: CaseKey,
    /// The time at which the spec tree had the fix.
    pub fixed: Timestamp,
    /// The reason why it missed the train, a sentence.
    pub why: String,
}

/// A departure of a train with what it carries.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct TrainPlan {
    /// The name of the train.
    pub train: String,
    /// The time until which fixes may board.
    pub freeze: Timestamp,
    /// The time of the release.
    pub release: Timestamp,
    /// The fixes that board.
    pub boards: Vec<Boarding>,
    /// The fixes that missed it.
    pub missed: Vec<Missed>,
}

/// A case whose fix cannot be delivered yet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Blocked {
    /// The case.
    pub key: CaseKey,
    /// The hindrance; JSON has its kind as `reason`, its sentence as `why`.
    #[serde(flatten)]
    pub by: Hindrance,
}

/// The hindrance of a delivery.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Hindrance {
    /// No decision says whether the package is affected.
    Undecided,
    /// The version of the package is not known.
    VersionUnknown,
    /// The spec tree has no fix. The value is the upstream version with the fix, where the record names one.
    NoFix(Option<String>),
    /// The fix names no version of the package.
    FixWithoutVersion,
    /// The fix is held until the embargo ends.
    Embargo(Embargo),
    /// The build with the fix, of this version of the package, was withdrawn. It is delivered by a newer release, or once another build of
    /// that version is published.
    Withdrawn(Evr),
}

impl Hindrance {
    /// The word of the kind, for programs.
    #[must_use]
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Undecided => "undecided",
            Self::VersionUnknown => "version_unknown",
            Self::NoFix(_) => "no_fix",
            Self::FixWithoutVersion => "fix_without_version",
            Self::Embargo(_) => "embargo",
            Self::Withdrawn(_) => "withdrawn",
        }
    }

    /// The kind in words that are the same for all cases.
    #[must_use]
    pub fn summary(&self) -> &'static str {
        match self {
            Self::Undecided => "nobody has decided whether it is affected",
            Self::VersionUnknown => "the version of the package is not known: scan an inventory that states it",
            Self::NoFix(_) => "no fix in the spec tree yet",
            Self::FixWithoutVersion => "its fix names no version: nothing can be delivered that has none",
            Self::Embargo(_) => "its fix is ready and held by an embargo",
            Self::Withdrawn(_) => "the build with its fix was withdrawn: a newer release of the package is needed, or another build",
        }
    }
}

impl fmt::Display for Hindrance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoFix(Some(version)) => write!(f, "{}; upstream has it in {version}", self.summary()),
            Self::NoFix(None) => write!(f, "{}, and the record names no fixed version", self.summary()),
            Self::Embargo(embargo) => {
                write!(f, "its fix is ready and held until {}, when {} lifts the embargo", embargo.until, embargo.contact)
            }
            Self::Withdrawn(version) => {
                write!(f, "the build with its fix, {version}, was withdrawn: a newer release of the package is needed, or another build")
            }
            Self::Undecided | Self::VersionUnknown | Self::FixWithoutVersion => f.write_str(self.summary()),
        }
    }
}

impl Serialize for Hindrance {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut fields = serializer.serialize_struct("Hindrance", 2)?;
        fields.serialize_field("reason", self.as_str())?;
        fields.serialize_field("why", &self.to_string())?;
        fields.end()
    }
}

/// A case that waits because of a decision.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Waiting {
    /// The case.
    pub key: CaseKey,
    /// The state that was decided: deferred, or will not fix.
    pub state: CaseState,
    /// The end of the decision; `None` where it has no end.
    pub until: Option<Timestamp>,
}

/// The plan: the delivery of every fix, at a time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Plan {
    /// The time for which the plan was made.
    pub at: Timestamp,
    /// The fixes that are published as package updates at once, the most severe first.
    pub out_of_band: Vec<Item>,
    /// The departures that carry a fix, or that a fix missed, ordered by release.
    pub trains: Vec<TrainPlan>,
    /// The cases that cannot be delivered yet, with the hindrance.
    pub blocked: Vec<Blocked>,
    /// The cases that wait because of a decision.
    pub waiting: Vec<Waiting>,
}

/// The kinds of hosts that take a fix of this severity as a package update at once, each with the restart.
fn at_once(policy: &Policy, severity: Severity, restart: Restart) -> BTreeMap<String, Restart> {
    let takes = |severities: &[Severity]| severities.contains(&severity);
    policy.deployments.iter().filter(|d| takes(&d.out_of_band)).map(|d| (d.name.clone(), restart)).collect()
}

fn by_image(policy: &Policy, severity: Severity) -> BTreeMap<String, Restart> {
    policy.deployments.iter().filter(|d| !d.out_of_band.contains(&severity)).map(|d| (d.name.clone(), Restart::Reimage)).collect()
}

/// The plan for all cases at time `now`. The order of the cases does not matter.
#[must_use]
pub fn plan<'c>(cases: impl IntoIterator<Item = &'c Case>, policy: &Policy, now: Timestamp) -> Plan {
    let mut out = Plan { at: now, out_of_band: Vec::new(), trains: Vec::new(), blocked: Vec::new(), waiting: Vec::new() };
    let mut departures: Departures<'_> = Departures::new(policy, now);
    for case in cases {
        let key = || case.key.clone();
        let blocked = |by| Blocked { key: case.key.clone(), by };
        match case.state {
            CaseState::UnderInvestigation => out.blocked.push(blocked(Hindrance::Undecided)),
            CaseState::Affected if case.facts.version.is_none() => out.blocked.push(blocked(Hindrance::VersionUnknown)),
            CaseState::Affected => out.blocked.push(blocked(Hindrance::NoFix(case.facts.fixed_in.clone()))),
            CaseState::Deferred | CaseState::WillNotFix => {
                out.waiting.push(Waiting { key: key(), state: case.state, until: case.expires() });
            }
            CaseState::NotShipped | CaseState::NotAffected | CaseState::Withdrawn | CaseState::Unopened => {}
            CaseState::Fixed => deliver(case, policy, now, &mut out, &mut departures),
        }
    }
    out.trains = departures.into_plans();
    let rank = |severity: Option<Severity>| std::cmp::Reverse(Severity::effective(severity));
    out.out_of_band.sort_by(|a, b| (rank(a.severity), &a.key).cmp(&(rank(b.severity), &b.key)));
    for train in &mut out.trains {
        train.boards.sort_by(|a, b| (rank(a.item.severity), &a.item.key).cmp(&(rank(b.item.severity), &b.item.key)));
        train.missed.sort_by(|a, b| a.key.cmp(&b.key));
    }
    out.blocked.sort_by(|a, b| a.key.cmp(&b.key));
    out.waiting.sort_by(|a, b| a.key.cmp(&b.key));
    out
}

/// Plans the delivery of a fix.
fn deliver(case: &Case, policy: &Policy, now: Timestamp, out: &mut Plan, departures: &mut Departures<'_>) {
    let Some(fixed) = case.fixed.as_ref().filter(|_| case.imaged.is_none()) else { return };
    let Some(version) = case.deliverable() else {
        let by = case.taken_back().map_or(Hindrance::FixWithoutVersion, |gone| Hindrance::Withdrawn(gone.clone()));
        out.blocked.push(Blocked { key: case.key.clone(), by });
        return;
    };
    // Of a fix that was there when the case was opened, the tree's own version goes out; of an update that was taken back that is known
    // already.
    let looked_at = case.facts.version.as_ref().filter(|seen| seen.is_plain() && case.taken_back().is_none() && case.is_fixed_in(seen));
    let version = looked_at.filter(|seen| compare_evr(seen, version).is_gt()).unwrap_or(version);
    if let Some(embargo) = case.embargo.as_ref().filter(|_| !case.is_disclosed(now)) {
        out.blocked.push(Blocked { key: case.key.clone(), by: Hindrance::Embargo(embargo.clone()) });
        return;
    }
    let severity = Severity::effective(case.severity());
    let restart = if policy.needs_reboot(&case.key.package) { Restart::Reboot } else { Restart::Live };
    let item = |hosts, why: String| Item { key: case.key.clone(), severity: case.severity(), version: version.clone(), hosts, why };
    let hosts = at_once(policy, severity, restart);
    if case.published.is_none() && !hosts.is_empty() {
        let exploited = if case.raised.is_some() { ", and it is known to be exploited" } else { "" };
        let reboot = if restart == Restart::Reboot { "; it counts after a reboot" } else { "" };
        let names = hosts.keys().map(String::as_str).collect::<Vec<_>>().join(", ");
        out.out_of_band.push(item(hosts, format!("{severity} fixes go out of band for {names}{exploited}{reboot}")));
    }
    let waiting = by_image(policy, severity);
    let names = waiting.keys().map(String::as_str).collect::<Vec<_>>().join(", ");
    let why = if waiting.is_empty() {
        "the image carries what was published".into()
    } else {
        format!("{names}: {severity} fixes come with the image")
    };
    // What machines could get when an image left is on that image, and what is history was on the images before, unless the one in service
    // is known to lack it.
    let is_known_to_lack = case.facts.reach == Reach::Image;
    if case.is_history() && !is_known_to_lack {
        return;
    }
    let since = case.published.as_ref().map(|p| p.at).filter(|_| !is_known_to_lack);
    // Of a fix that was there when its case was opened, nobody knows since when.
    let is_seen_to_come = fixed.at > case.opened;
    departures.board((fixed.at, is_seen_to_come), since, &Boarding { item: item(waiting, why), published: case.published.is_some() });
}

/// The departures that are still to come, with the fixes that board them.
struct Departures<'p> {
    policy: &'p Policy,
    now: Timestamp,
    plans: BTreeMap<(Timestamp, String), TrainPlan>,
    /// The departures of each train from now on, as far as they are needed.
    next: Vec<Vec<crate::Slot>>,
}

impl<'p> Departures<'p> {
    fn new(policy: &'p Policy, now: Timestamp) -> Self {
        // A fix that is there boards the first departure whose freeze is still to come; those before it are closed.
        let next = policy
            .calendar
            .trains
            .iter()
            .map(|train| {
                let mut slots = Vec::new();
                for slot in policy.calendar.departures(train, now) {
                    let open = slot.freeze >= now;
                    slots.push(slot);
                    if open || slots.len() > 64 {
                        break;
                    }
                }
                slots
            })
            .collect();
        Self { policy, now, plans: BTreeMap::new(), next }
    }

    fn plan_of(&mut self, slot: &crate::Slot) -> &mut TrainPlan {
        self.plans.entry((slot.release, slot.train.clone())).or_insert_with(|| TrainPlan {
            train: slot.train.clone(),
            freeze: slot.freeze,
            release: slot.release,
            boards: Vec::new(),
            missed: Vec::new(),
        })
    }

    /// Adds a fix to the trains that carry it, or says why they do not. A train that left since the fix was `published` has carried it. A
    /// fix that was not seen to come has missed none.
    fn board(&mut self, (fixed, is_seen_to_come): (Timestamp, bool), published: Option<Timestamp>, boarding: &Boarding) {
        for train in 0..self.next.len() {
            if published.is_some_and(|at| self.has_left(train, at)) {
                continue;
            }
            let slots = self.next[train].clone();
            for slot in &slots {
                if fixed <= slot.freeze {
                    self.plan_of(slot).boards.push(boarding.clone());
                    break;
                }
                if !is_seen_to_come {
                    continue;
                }
                let frozen =
                    self.policy.calendar.frozen(self.now).map(|f| format!(", and the freeze {} lasts", f.name)).unwrap_or_default();
                let why = format!("the fix came on {fixed}, after the freeze of {}{frozen}", slot.freeze);
                self.plan_of(slot).missed.push(Missed { key: boarding.item.key.clone(), fixed, why });
            }
        }
    }

    /// Whether a train has left whose freeze was at this time or later.
    fn has_left(&self, train: usize, at: Timestamp) -> bool {
        let calendar = &self.policy.calendar;
        calendar.trains.get(train).is_some_and(|train| {
            let boarded = calendar.departures(train, at).find(|slot| slot.freeze >= at);
            boarded.is_some_and(|slot| slot.release <= self.now)
        })
    }

    fn into_plans(self) -> Vec<TrainPlan> {
        self.plans.into_values().collect()
    }
}

#[cfg(test)]
mod tests {
    use seaworthy_model::case::{CaseEvent, Decision, Embargo, Origin, Reason};

    use super::*;
    use crate::tests::{affected, at};

    fn fixed(package: &str, cve: &str, severity: Severity, when: Timestamp) -> Case {
        let mut case = affected(package, cve, at("2024-09-01T00:00Z"));
        case.facts.severity = Some(severity);
        case.apply(when, &CaseEvent::Fixed { version: Evr::of_log("2-1"), or_before: false, origin: Origin::Scan, evidence: Vec::new() })
            .unwrap();
        case
    }

    fn standard(cases: &[Case], now: &str) -> Plan {
        plan(cases, &Policy::standard(), at(now))
    }

    #[test]
    fn severity_decides_the_way() {
        // Trains leave on Sundays at 09:00 and freeze two days before: the 8th is frozen on Friday the 6th.
        let cases = [
            fixed("kernel", "CVE-2024-0001", Severity::High, at("2024-10-01T00:00Z")),
            fixed("vim", "CVE-2024-0002", Severity::Low, at("2024-10-01T00:00Z")),
            fixed("curl", "CVE-2024-0003", Severity::Medium, at("2024-10-04T12:00Z")),
        ];
        let plan = standard(&cases, "2024-10-04T13:00Z");
        let kernel = &plan.out_of_band[0];
        assert_eq!(kernel.key.package, "kernel");
        assert_eq!(kernel.hosts.get("container-host"), Some(&Restart::Reboot));
        assert!(!kernel.hosts.contains_key("immutable-host"), "{kernel:?}");
        // General purpose hosts take medium and low fixes from the repository.
        assert_eq!(plan.out_of_band.iter().map(|i| i.hosts.len()).collect::<Vec<_>>(), [2, 1, 1]);
        let sunday = &plan.trains[0];
        assert_eq!(sunday.release, at("2024-10-06T09:00Z"));
        assert_eq!(sunday.boards.iter().map(|b| b.item.key.package.as_str()).collect::<Vec<_>>(), ["kernel", "vim"]);
        assert_eq!(sunday.missed[0].key.package, "curl");
        assert!(sunday.missed[0].why.contains("after the freeze"), "{:?}", sunday.missed);
        assert_eq!(plan.trains[1].boards[0].item.key.package, "curl");
    }

    #[test]
    fn a_published_fix_boards_the_train_that_has_not_left_with_it() {
        // Trains leave on Sundays at 9, and freeze two days before.
        let (fix, now) = (at("2024-09-16T00:00Z"), "2024-10-02T00:00Z");
        let rows = [
            ("not published", None, Reach::Repository, "2024-10-06T09:00:00Z"),
            ("published before the freeze of a train that has left", Some("2024-09-20T08:00Z"), Reach::Repository, "none"),
            ("the same, on an image that has the older package", Some("2024-09-20T08:00Z"), Reach::Image, "2024-10-06T09:00:00Z"),
            ("published after the last freeze", Some("2024-09-28T00:00Z"), Reach::Repository, "2024-10-06T09:00:00Z"),
        ];
        seaworthy_testing::hold(rows.into_iter().map(|(why, published, reach, expected)| {
            let mut case = fixed("vim", "CVE-2024-0001", Severity::Low, fix);
            case.facts.reach = reach;
            if let Some(published) = published {
                let event = CaseEvent::Published { version: "2-1".parse().unwrap(), place: "updates".into() };
                case.apply(at(published), &event).unwrap();
            }
            (why, expected.to_owned(), first_train(&case, now))
        }));
    }

    #[test]
    fn history_boards_no_train_but_for_an_image_that_lacks_it() {
        // No train has ever left.
        let now = "2015-01-01T00:00Z";
        for (reach, expected) in [(Reach::Repository, "none"), (Reach::Inert, "none"), (Reach::Image, "some")] {
            let day = at("2014-09-16T00:00Z");
            let mut case = affected("vim", "CVE-2014-0001", day);
            case.facts.reach = reach;
            case.apply(
                day,
                &CaseEvent::Fixed { version: Evr::of_log("2-1"), or_before: false, origin: Origin::Scan, evidence: Vec::new() },
            )
            .unwrap();
            let boards = |case: &Case| if first_train(case, now) == "none" { "none" } else { "some" };
            assert_eq!(boards(&case), "some", "what is not published waits for the image");
            case.apply(day, &CaseEvent::Published { version: "2-1".parse().unwrap(), place: "updates".into() }).unwrap();
            assert_eq!(boards(&case), expected, "{reach:?}");
        }
    }

    #[test]
    fn a_fix_that_was_there_before_its_case_goes_out_as_it_is_now_and_has_missed_nothing() {
        // Friday the 4th at 12, after the freeze of the train of Sunday.
        let frozen = at("2024-10-04T12:00Z");
        let rows = [
            ("a fix that came", at("2024-10-04T11:00Z"), "2-3", "2-3, missed 1, boards 2024-10-13T09:00:00Z"),
            ("a fix that was there with its case", frozen, "2-3", "2-3, missed 0, boards 2024-10-13T09:00:00Z"),
            ("the tree was looked at before the fix", frozen, "1-9", "2-1, missed 0, boards 2024-10-13T09:00:00Z"),
        ];
        seaworthy_testing::hold(rows.into_iter().map(|(why, opened, seen, expected)| {
            let mut case = affected("curl", "CVE-2024-0003", opened);
            (case.facts.severity, case.facts.version) = (Some(Severity::High), Evr::of_log(seen));
            let fix = CaseEvent::Fixed { version: Evr::of_log("2-1"), or_before: false, origin: Origin::Scan, evidence: Vec::new() };
            case.apply(frozen, &fix).unwrap();
            let plan = standard(std::slice::from_ref(&case), "2024-10-04T13:00Z");
            let missed: usize = plan.trains.iter().map(|train| train.missed.len()).sum();
            let version = &plan.out_of_band[0].version;
            (why, expected.to_owned(), format!("{version}, missed {missed}, boards {}", first_train(&case, "2024-10-04T13:00Z")))
        }));
    }

    /// The release of the first train that a case boards.
    fn first_train(case: &Case, now: &str) -> String {
        let plan = standard(std::slice::from_ref(case), now);
        plan.trains.iter().find(|train| !train.boards.is_empty()).map_or_else(|| "none".to_owned(), |train| train.release.to_string())
    }

    #[test]
    fn what_blocks_is_said() {
        let mut unversioned = affected("a", "CVE-2024-0004", at("2024-09-01T00:00Z"));
        unversioned.facts.version = None;
        let mut embargoed = fixed("b", "CVE-2024-0005", Severity::Critical, at("2024-10-01T00:00Z"));
        let embargo = Embargo { until: at("2024-11-01T00:00Z"), contact: "psirt@example.com".into(), tracking: String::new() };
        embargoed.apply(at("2024-10-01T00:00Z"), &CaseEvent::Embargoed(embargo)).unwrap();
        let mut deferred = affected("c", "CVE-2024-0006", at("2024-09-01T00:00Z"));
        let decision = Decision {
            state: CaseState::Deferred,
            justification: None,
            reason: Reason::NoFixUpstream,
            statement: String::new(),
            until: Some(at("2024-12-01T00:00Z")),
            origin: Origin::Person,
        };
        deferred.apply(at("2024-09-02T00:00Z"), &CaseEvent::Decided(decision)).unwrap();
        let cases = [unversioned, embargoed, deferred, affected("d", "CVE-2024-0007", at("2024-09-01T00:00Z"))];
        let plan = standard(&cases, "2024-10-02T00:00Z");
        assert!(plan.out_of_band.is_empty() && plan.trains.is_empty());
        let kinds: Vec<&str> = plan.blocked.iter().map(|b| b.by.as_str()).collect();
        assert_eq!(kinds, ["version_unknown", "embargo", "no_fix"]);
        assert_eq!(plan.waiting[0].until, Some(at("2024-12-01T00:00Z")));
        // On the day the embargo ends the fix goes out.
        assert_eq!(standard(&cases, "2024-11-01T00:00Z").out_of_band[0].key.package, "b");
    }

    #[test]
    fn a_withdrawn_build_does_not_go_out_again() {
        let day = at("2024-10-01T00:00Z");
        let version = || "2-1.hbr1".parse::<Evr>().unwrap();
        let published = || CaseEvent::Published { version: version(), place: "updates".into() };
        let recalled = || CaseEvent::Recalled { version: version(), because: "it does not start".into() };
        let shipped = || CaseEvent::Shipped { version: version(), image: "202410.01.0".into() };
        let rows = [
            ("the tree has the withdrawn release still", "2-1", vec![published(), recalled()], "blocked"),
            ("the tree has a newer release", "2-2", vec![published(), recalled()], "2-2"),
            ("nothing was withdrawn", "1-9", vec![], "2-1"),
            ("another build was published since", "2-1", vec![published(), recalled(), published()], ""),
            ("an image has the withdrawn build", "2-1", vec![published(), shipped(), recalled()], ""),
        ];
        seaworthy_testing::hold(rows.into_iter().map(|(why, in_tree, events, expected)| {
            let mut case = fixed("vim", "CVE-2024-0001", Severity::High, day);
            events.iter().for_each(|event| case.apply(day, event).unwrap());
            let seen = seaworthy_model::case::Facts { version: Evr::of_log(in_tree), ..case.facts.clone() };
            case.apply(day, &CaseEvent::Observed { facts: seen, changed: Vec::new() }).unwrap();
            let found = standard(std::slice::from_ref(&case), "2024-10-02T00:00Z");
            let ships: Vec<String> = found.out_of_band.iter().map(|item| item.version.to_string()).collect();
            let blocked = found.blocked.iter().any(|b| b.by.as_str() == "withdrawn") && found.trains.is_empty();
            (why, expected.to_owned(), if blocked { "blocked".to_owned() } else { ships.join(" ") })
        }));
    }

    #[test]
    fn the_order_of_cases_does_not_matter() {
        let mut cases: Vec<Case> = (1..30)
            .map(|n| fixed(&format!("p{}", n % 7), &format!("CVE-2024-{n:04}"), Severity::Medium, at("2024-10-01T00:00Z")))
            .collect();
        let forward = standard(&cases, "2024-10-02T00:00Z");
        cases.reverse();
        assert_eq!(standard(&cases, "2024-10-02T00:00Z"), forward);
    }
}
