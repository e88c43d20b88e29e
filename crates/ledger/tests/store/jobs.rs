use std::collections::BTreeSet;

use jiff::SignedDuration;
use seaworthy_ledger::{Batch, Ledger, LedgerError, NewJob};
use seaworthy_model::Severity;
use seaworthy_model::case::CaseEvent;

use crate::Places;
use crate::world::{at, case, opened};

const HOUR: SignedDuration = SignedDuration::from_hours(1);

fn job(payload: &str, attempts: u32) -> NewJob {
    NewJob { kind: "build".into(), payload: payload.into(), due: at(0), attempts }
}

pub fn a_job_goes_from_hand_to_hand(places: Places<'_>) {
    let mut ledger = Ledger::open(&places()).unwrap();
    ledger.enqueue(&[NewJob { due: at(5), ..job("later", 9) }, job("first", 3)]).unwrap();
    assert_eq!(ledger.lease("boot", "anna", at(0), HOUR).unwrap(), None, "another kind");
    let first = ledger.lease("build", "anna", at(0), HOUR).unwrap().unwrap();
    assert_eq!((&*first.payload, first.attempt, first.until), ("first", 1, at(60)));
    assert_eq!(ledger.lease("build", "ben", at(1), HOUR).unwrap(), None, "one is not due, one is taken");
    // Anna is gone: after her time the job is Ben's, and hers no more.
    let taken = ledger.lease("build", "ben", at(60), HOUR).unwrap().unwrap();
    let (taken, other) =
        if taken.payload == "first" { (taken, None) } else { (ledger.lease("build", "ben", at(60), HOUR).unwrap().unwrap(), Some(taken)) };
    assert_eq!((&*taken.payload, taken.attempt), ("first", 2));
    assert!(matches!(ledger.complete(&first), Err(LedgerError::LeaseLost { .. })));
    if let Some(other) = other {
        ledger.complete(&other).unwrap();
    }
    // A failure waits, longer each time, and the last one is the end.
    ledger.fail(&taken, at(61), "no compiler\0").unwrap();
    assert_eq!(ledger.lease("build", "ben", at(61), HOUR).unwrap(), None);
    let last = ledger.lease("build", "ben", at(62), HOUR).unwrap().unwrap();
    assert_eq!(last.attempt, 3);
    ledger.fail(&last, at(63), "still no compiler").unwrap();
    assert!(matches!(ledger.fail(&last, at(63), "again"), Err(LedgerError::LeaseLost { .. })));
    assert_eq!(ledger.lease("build", "ben", at(9999), HOUR).unwrap(), None);
    let dead = ledger.dead().unwrap();
    assert_eq!((dead.len(), dead[0].attempts, &*dead[0].error), (1, 3, "still no compiler"));
    assert!(ledger.revive(dead[0].id, at(70)).unwrap());
    assert!(!ledger.revive(dead[0].id, at(70)).unwrap());
    let again = ledger.lease("build", "ben", at(70), HOUR).unwrap().unwrap();
    ledger.complete(&again).unwrap();
    assert_eq!((ledger.dead().unwrap(), ledger.lease("build", "ben", at(9999), HOUR).unwrap()), (Vec::new(), None));
    // One whose workers all died silently is dead as well.
    ledger.enqueue(&[job("poison", 1)]).unwrap();
    ledger.lease("build", "anna", at(100), HOUR).unwrap().unwrap();
    assert_eq!(ledger.lease("build", "ben", at(161), HOUR).unwrap(), None);
    assert!(ledger.dead().unwrap()[0].error.contains("anna, never answered"));
}

pub fn two_workers_share_the_jobs(places: Places<'_>) {
    let place = places();
    Ledger::open(&place).unwrap().enqueue(&(0..60).map(|n| job(&n.to_string(), 3)).collect::<Vec<_>>()).unwrap();
    let workers: Vec<_> = ["anna", "ben"]
        .map(|name| {
            let place = place.clone();
            std::thread::spawn(move || {
                let mut ledger = Ledger::open(&place).unwrap();
                let mut done = Vec::new();
                while let Some(lease) = ledger.lease("build", name, at(1), HOUR).unwrap() {
                    ledger.complete(&lease).unwrap();
                    done.push(lease.payload);
                }
                done
            })
        })
        .into();
    let done: Vec<String> = workers.into_iter().flat_map(|w| w.join().unwrap()).collect();
    assert_eq!((done.len(), done.iter().collect::<BTreeSet<_>>().len()), (60, 60));
}

pub fn jobs_come_with_their_events(places: Places<'_>) {
    let mut ledger = Ledger::open(&places()).unwrap();
    let batch = |event| Batch { events: vec![event], jobs: vec![job("x", 1)], ..Batch::default() };
    assert!(ledger.commit(batch(case(1, 1, CaseEvent::Resumed))).is_err());
    assert_eq!(ledger.lease("build", "anna", at(1), HOUR).unwrap(), None);
    assert_eq!(ledger.commit(batch(opened(1, Severity::Low))).unwrap(), 1..2);
    assert!(ledger.lease("build", "anna", at(1), HOUR).unwrap().is_some());
}
