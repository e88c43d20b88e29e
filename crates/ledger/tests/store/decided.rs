//! The reading of what is decided.

use std::collections::BTreeSet;

use seaworthy_ledger::{Draft, Event, Ledger, Sight};
use seaworthy_model::case::{CaseEvent, CaseKey, CaseState, Embargo, Origin};
use seaworthy_model::{CveId, Evr, PackageName, Severity};

use crate::Places;
use crate::world::{at, case, decided, embargoed, facts, key, opened};

pub fn what_is_decided_of_some_pairs_is_read(places: Places<'_>) {
    let ledger = Ledger::open(&places()).unwrap();
    let part = |n: u32| CaseKey { part: "libs".into(), ..key(n) };
    let mut events: Vec<Draft> = (1..=1200).map(|n| opened(n, Severity::High)).collect();
    let of_part = |n: u32, event| Draft { event: Event::case(part(n), event), ..opened(n, Severity::High) };
    let open = || CaseEvent::Opened { facts: facts(None, "8.8.0-1"), state: CaseState::Affected };
    let undone = || CaseEvent::Undone { first: 1, last: 1, before: None };
    let absent = || decided(CaseState::NotAffected);
    events.extend([2, 4, 9, 5000].map(|n| of_part(n, open())));
    // Of 2 the part is decided, of 4 the whole; 9 was never split, and 7 never opened; 5 is open, and 6 affected by a decision.
    events.extend([of_part(2, absent()), of_part(9, undone()), case(2000, 7, undone())]);
    events.extend([case(2000, 6, decided(CaseState::Affected)), case(2000, 4, absent()), embargoed(3, 500)]);
    let fixed = CaseEvent::Fixed { version: Evr::of_log("8.8.0-2"), or_before: false, origin: Origin::Scan, evidence: Vec::new() };
    events.push(case(2000, 8, fixed));
    events.extend([1, 3, 9].into_iter().chain(10..=1200).map(|n| case(2000, n, absent())));
    // Of 4 the part is under embargo, and of 10 the whole, which was not split.
    let sealed = || CaseEvent::Embargoed(Embargo { until: at(500), contact: "psirt@example.com".into(), tracking: String::new() });
    events.extend([of_part(4, sealed()), case(2000, 10, sealed())]);
    ledger.append(events).unwrap();
    let pair = |n: u32| (key(n).package, key(n).cve);
    let of = |pairs: &[(PackageName, CveId)], sight| {
        let cases = ledger.decided_cases(&key(1).line, pairs, sight).unwrap();
        assert!(cases.iter().all(|(key, case)| case.key == *key && case.facts.evidence.is_empty()));
        cases.into_keys().collect::<BTreeSet<_>>()
    };
    let few: Vec<_> = (1..=9).map(pair).collect();
    let known = BTreeSet::from([key(1), key(2), part(2), key(3), key(4), part(4), key(6), key(8), key(9)]);
    assert_eq!(of(&few, Sight::All), known);
    let shown: BTreeSet<CaseKey> = known.iter().filter(|known| known.cve != key(3).cve && known.cve != key(4).cve).cloned().collect();
    assert_eq!(of(&few, Sight::DisclosedAt(at(499))), shown, "one is under embargo, and a part of another, which hides its whole");
    assert_eq!(of(&few, Sight::DisclosedAt(at(500))), known, "the embargoes have ended");
    assert_eq!(of(&[pair(4)], Sight::Unembargoed), BTreeSet::new());
    assert_eq!(of(&[pair(10)], Sight::DisclosedAt(at(499))), BTreeSet::new());
    assert_eq!(of(&[], Sight::All), BTreeSet::new());
    let all: Vec<(PackageName, CveId)> = (1..=1200).map(pair).collect();
    assert_eq!(of(&all, Sight::All).len(), 9 + 1191);
    assert_eq!(ledger.decided_cases(&"other".parse().unwrap(), &all, Sight::All).unwrap().len(), 0, "cases of another line");
}
