//! The events of cases when packages arrive in the repository or are withdrawn from it.

use std::collections::BTreeMap;

use seaworthy_model::case::{Case, CaseEvent, CaseKey, CaseState};
use seaworthy_model::{Evr, compare_evr};

/// The newest version of each source package that machines can get, by name.
pub type Reachable = BTreeMap<String, Evr>;

/// The events of cases whose fix machines can get now and could not get before. `channel` is the channel in which it arrived.
#[must_use]
pub fn arrivals<'c>(cases: impl IntoIterator<Item = &'c Case>, reachable: &Reachable, channel: &str) -> Vec<(CaseKey, CaseEvent)> {
    let waiting = cases.into_iter().filter(|c| c.state == CaseState::Fixed && c.published.is_none());
    let arrived = waiting.filter_map(|case| {
        let version = reachable.get(case.key.package.as_str()).filter(|evr| case.is_fixed_in(evr))?;
        Some((case.key.clone(), CaseEvent::Published { version: version.clone(), place: channel.to_owned() }))
    });
    arrived.collect()
}

/// The events of cases whose fix machines could get and cannot get any more. Only fixes of versions in `taken_back` are checked: a fix that
/// was published in another version stays published.
#[must_use]
pub fn recalls<'c>(
    cases: impl IntoIterator<Item = &'c Case>,
    taken_back: &BTreeMap<String, Vec<Evr>>,
    reachable: &Reachable,
    because: &str,
) -> Vec<(CaseKey, CaseEvent)> {
    let mut events = Vec::new();
    for case in cases {
        if case.published.is_none() || reachable.get(case.key.package.as_str()).is_some_and(|evr| case.is_fixed_in(evr)) {
            continue;
        }
        let gone = taken_back.get(case.key.package.as_str()).into_iter().flatten().filter(|evr| case.is_fixed_in(evr));
        // What was delivered before the first cycle came by other ways, unless this is the very version.
        let before = case.published.as_ref().filter(|_| case.is_history()).map(|published| &published.version);
        let gone = gone.filter(|evr| before.is_none_or(|had| had.as_ref().is_some_and(|had| had.is_same_but_tag(evr))));
        // Updates may have been published since the first one with the fix; only a newer release than all of them is another one.
        if let Some(newest) = gone.max_by(|a, b| compare_evr(a, b)) {
            let event = CaseEvent::Recalled { version: newest.clone(), because: because.to_owned() };
            events.push((case.key.clone(), event));
        }
    }
    events
}

#[cfg(test)]
mod tests {
    use seaworthy_model::case::Origin;

    use super::*;
    use crate::tests::{affected, at};

    fn case(package: &str, fixed: &str) -> Case {
        let at = at("2024-09-20T00:00Z");
        let mut case = affected(package, "CVE-2024-6119", at);
        case.apply(at, &CaseEvent::Fixed { version: Evr::of_log(fixed), or_before: false, origin: Origin::Scan, evidence: Vec::new() })
            .unwrap();
        case
    }

    fn reach(version: &str) -> Reachable {
        [("openssl".to_owned(), version.parse().unwrap())].into()
    }

    #[test]
    fn a_fix_arrives_once_and_only_with_its_version() {
        let mut fixed = case("openssl", "3.3.0-2");
        assert!(arrivals([&fixed], &reach("3.3.0-1.hbr1"), "updates").is_empty());
        let events = arrivals([&fixed, &case("curl", "8-1")], &reach("3.3.0-2.hbr1"), "updates");
        assert_eq!(events.len(), 1);
        assert_eq!(events[0].1, CaseEvent::Published { version: "3.3.0-2.hbr1".parse().unwrap(), place: "updates".into() });
        fixed.apply(fixed.changed, &events[0].1).unwrap();
        assert!(arrivals([&fixed], &reach("3.3.0-3.hbr1"), "updates").is_empty());
    }

    #[test]
    fn what_is_taken_back_is_not_there_any_more() {
        let mut fixed = case("openssl", "3.3.0-2");
        let later = "2024-09-21T00:00:00Z".parse().unwrap();
        fixed.apply(later, &arrivals([&fixed], &reach("3.3.0-2"), "updates")[0].1).unwrap();
        let gone = |version: &str| [("openssl".to_owned(), vec![version.parse::<Evr>().unwrap()])].into();
        assert!(recalls([&fixed], &gone("3.3.0-1"), &reach("3.3.0-1"), "it breaks").is_empty(), "an older one never had the fix");
        assert!(recalls([&fixed], &gone("3.3.0-2"), &reach("3.3.0-3"), "it breaks").is_empty(), "a newer one has it still");
        let events = recalls([&fixed], &gone("3.3.0-3"), &reach("3.3.0-1"), "it breaks");
        fixed.apply(fixed.changed, &events[0].1).unwrap();
        assert_eq!((fixed.state, fixed.taken_back()), (CaseState::Fixed, Evr::of_log("3.3.0-3").as_ref()), "the newest that had it");
        assert!(recalls([&fixed], &gone("3.3.0-3"), &reach("3.3.0-1"), "it breaks").is_empty(), "it goes once");
    }

    #[test]
    fn what_was_delivered_before_the_first_cycle_stays_unless_that_version_goes() {
        let mut history = case("openssl", "3.3.0-2");
        history.apply(history.opened, &arrivals([&history], &reach("3.3.0-2"), "updates")[0].1).unwrap();
        assert!(history.is_history());
        let gone = |version: &str| [("openssl".to_owned(), vec![version.parse::<Evr>().unwrap()])].into();
        assert!(recalls([&history], &gone("3.3.0-3.hbr1"), &Reachable::new(), "it breaks").is_empty(), "machines have it all the same");
        assert_eq!(recalls([&history], &gone("3.3.0-2.hbr1"), &Reachable::new(), "it breaks").len(), 1);
    }
}
