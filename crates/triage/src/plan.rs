//! The plan: what goes out of band now, what boards which train, what missed one and why, and what blocks the rest.
//!
//! A pure function of cases, policy and time. It changes nothing: whoever carries a plan out records that it was done.

use std::collections::BTreeMap;
use std::fmt;

use jiff::Timestamp;
use seaworthy_model::case::{Case, CaseKey, CaseState, Embargo};
use seaworthy_model::{Evr, Severity};
use serde::Serialize;
use serde::ser::SerializeStruct as _;

use crate::policy::Policy;

/// The restart that an update asks of a running host.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Restart {
    /// Nothing but the services that use it.
    Live,
    /// A reboot.
    Reboot,
    /// A new image: the host takes no package updates.
    Reimage,
}

/// A fix to deliver.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Item {
    /// The case.
    pub key: CaseKey,
    /// The severity that counts.
    pub severity: Option<Severity>,
    /// The package's version with the fix.
    pub version: Evr,
    /// The restart of each kind of host that gets it this way.
    pub hosts: BTreeMap<String, Restart>,
    /// Why it goes this way.
    pub why: String,
}

/// A fix that boards a train.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Boarding {
    /// The fix.
    #[serde(flatten)]
    pub item: Item,
    /// It is out as a package update already.
    pub published: bool,
}

/// A fix that came too late for a train that has not yet left.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Missed {
    /// The case.
    pub key: CaseKey,
    /// When the fix was there.
    pub fixed: Timestamp,
    /// Why it stays behind.
    pub why: String,
}

/// The next departure of a train.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct TrainPlan {
    /// The train.
    pub train: String,
    /// Until when fixes may board.
    pub freeze: Timestamp,
    /// When it leaves.
    pub release: Timestamp,
    /// The fixes that board.
    pub boards: Vec<Boarding>,
    /// The fixes that missed it.
    pub missed: Vec<Missed>,
}

/// A case that cannot be delivered yet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Blocked {
    /// The case.
    pub key: CaseKey,
    /// The hindrance: its kind as `reason`, its sentence as `why`.
    #[serde(flatten)]
    pub by: Hindrance,
}

/// The reason that a fix is not delivered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Hindrance {
    /// Nobody has decided whether the package is affected.
    Undecided,
    /// The version of the package is not known.
    VersionUnknown,
    /// The spec tree has no fix; upstream has one in the version, where the record names it.
    NoFix(Option<String>),
    /// The fix names no version.
    FixWithoutVersion,
    /// The fix is held until the embargo ends.
    Embargo(Embargo),
}

impl Hindrance {
    /// The kind, as programs read it.
    #[must_use]
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Undecided => "undecided",
            Self::VersionUnknown => "version_unknown",
            Self::NoFix(_) => "no_fix",
            Self::FixWithoutVersion => "fix_without_version",
            Self::Embargo(_) => "embargo",
        }
    }

    /// The kind in words that are the same for every case of it.
    #[must_use]
    pub fn summary(&self) -> &'static str {
        match self {
            Self::Undecided => "nobody has decided whether it is affected",
            Self::VersionUnknown => "the version of the package is not known: scan an inventory that states it",
            Self::NoFix(_) => "no fix in the spec tree yet",
            Self::FixWithoutVersion => "its fix names no version: nothing can be delivered that has none",
            Self::Embargo(_) => "its fix is ready and held by an embargo",
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

/// A case that waits because somebody decided so.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Waiting {
    /// The case.
    pub key: CaseKey,
    /// How it was decided.
    pub state: CaseState,
    /// Until when.
    pub until: Option<Timestamp>,
}

/// The delivery of each fix, as of a time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Plan {
    /// As of when.
    pub at: Timestamp,
    /// Package updates that go out at once, the most severe first.
    pub out_of_band: Vec<Item>,
    /// Trains that have something to carry or to leave behind, by departure.
    pub trains: Vec<TrainPlan>,
    /// The fixes that cannot be delivered yet, and why.
    pub blocked: Vec<Blocked>,
    /// The cases that wait by decision.
    pub waiting: Vec<Waiting>,
}

/// How a fix of a severity reaches the hosts: those that take it as an update at once, and what it asks of them.
fn at_once(policy: &Policy, severity: Severity, restart: Restart) -> BTreeMap<String, Restart> {
    let takes = |severities: &[Severity]| severities.contains(&severity);
    policy.deployments.iter().filter(|d| takes(&d.out_of_band)).map(|d| (d.name.clone(), restart)).collect()
}

fn by_image(policy: &Policy, severity: Severity) -> BTreeMap<String, Restart> {
    policy.deployments.iter().filter(|d| !d.out_of_band.contains(&severity)).map(|d| (d.name.clone(), Restart::Reimage)).collect()
}

/// Plans the delivery of every case, as of a time. The order of the cases does not matter.
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
            CaseState::NotAffected | CaseState::Withdrawn => {}
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

fn deliver(case: &Case, policy: &Policy, now: Timestamp, out: &mut Plan, departures: &mut Departures<'_>) {
    let Some(fixed) = case.fixed.as_ref().filter(|_| case.imaged.is_none()) else { return };
    let Some(version) = &fixed.version else {
        out.blocked.push(Blocked { key: case.key.clone(), by: Hindrance::FixWithoutVersion });
        return;
    };
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
    departures.board(fixed.at, Boarding { item: item(waiting, why), published: case.published.is_some() });
}

/// The departures that are still to come, with what boards them.
struct Departures<'p> {
    policy: &'p Policy,
    now: Timestamp,
    plans: BTreeMap<(Timestamp, String), TrainPlan>,
    /// Per train, its departures from now on, as far as they were asked for.
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

    fn board(&mut self, fixed: Timestamp, boarding: Boarding) {
        for train in 0..self.next.len() {
            let slots = self.next[train].clone();
            for slot in &slots {
                if fixed <= slot.freeze {
                    self.plan_of(slot).boards.push(boarding.clone());
                    break;
                }
                let frozen =
                    self.policy.calendar.frozen(self.now).map(|f| format!(", and the freeze {} lasts", f.name)).unwrap_or_default();
                let why = format!("the fix came on {fixed}, after the freeze of {}{frozen}", slot.freeze);
                self.plan_of(slot).missed.push(Missed { key: boarding.item.key.clone(), fixed, why });
            }
        }
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
        case.apply(when, &CaseEvent::Fixed { version: Evr::of_log("2-1"), origin: Origin::Scan, evidence: Vec::new() }).unwrap();
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
    fn the_order_of_cases_does_not_matter() {
        let mut cases: Vec<Case> = (1..30)
            .map(|n| fixed(&format!("p{}", n % 7), &format!("CVE-2024-{n:04}"), Severity::Medium, at("2024-10-01T00:00Z")))
            .collect();
        let forward = standard(&cases, "2024-10-02T00:00Z");
        cases.reverse();
        assert_eq!(standard(&cases, "2024-10-02T00:00Z"), forward);
    }
}
