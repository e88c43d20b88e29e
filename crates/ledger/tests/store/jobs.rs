//! Jobs: one run at a time, leases, cancelling, and the events that a run may write.

use jiff::{SignedDuration, Timestamp};
use seaworthy_ledger::{Batch, Claim, Job, JobProgress, JobState, Lease, Ledger, LedgerError, Outcome};
use seaworthy_model::Severity;

use crate::Places;
use crate::world::{at, behind, opened, synced, without_jobs};

/// The time of a lease.
const LEASE: SignedDuration = SignedDuration::from_mins(10);

fn claim(actor: &str, about: &str) -> Claim {
    Claim { kind: "cycle".into(), about: about.into(), actor: actor.into(), worker: format!("host of {actor}"), held: None }
}

fn holding(actor: &str, lock: &str) -> Claim {
    Claim { held: Some(lock.into()), ..claim(actor, "3.0") }
}

fn progress(step: &str) -> JobProgress {
    JobProgress { step: step.into(), done: Some(2), total: Some(7) }
}

/// The states of all jobs, the oldest first.
fn states(ledger: &Ledger, now: Timestamp) -> Vec<(u64, JobState)> {
    let mut jobs: Vec<_> = ledger.jobs(true, None, now).unwrap().iter().map(|job| (job.id, job.state)).collect();
    jobs.reverse();
    jobs
}

fn written(ledger: &Ledger, lease: &Lease) -> Result<(), LedgerError> {
    ledger.commit(Batch { events: vec![synced(1)], job: Some(lease.clone()), ..Batch::default() }).map(drop)
}

/// Rows of a time and a lock with which the place is wanted, after a first run that began at minute 0 and was renewed at minute 5; and
/// whether it is given.
pub fn a_place_is_had_once(places: Places<'_>) {
    let (mia, other) = (holding("mia", "lock 1"), "lock 2");
    for (what, wanted, minute, had) in [
        ("while it runs", claim("ben", "3.0"), 9, false),
        ("while it runs, with a lock of its own", holding("ben", other), 9, false),
        ("while it runs, with its lock: it has died", mia.clone(), 9, true),
        ("before its renewed lease ends", claim("ben", "3.0"), 14, false),
        ("when its renewed lease ends", claim("ben", "3.0"), 15, true),
        ("another thing of the kind", claim("ben", "2.0"), 9, true),
        ("the same thing of another kind", Claim { kind: "publication".into(), ..claim("ben", "3.0") }, 9, true),
    ] {
        let ledger = Ledger::open(&places()).unwrap();
        let first = ledger.begin_job(&mia, at(0), LEASE).unwrap();
        ledger.renew_job(&first, at(5), LEASE, &progress("judging")).unwrap();
        match ledger.begin_job(&wanted, at(minute), LEASE) {
            Ok(lease) => {
                assert!(had && lease.id != first.id, "{what}");
                assert_eq!(lease.about, wanted.about);
            }
            Err(error @ LedgerError::JobHeld(_)) => {
                assert!(!had, "{what}: {error}");
                let said = format!("job {} (cycle of 3.0) is run by mia on host of mia since {}", first.id, at(0));
                assert!(error.to_string().starts_with(&said) && error.to_string().contains(&at(15).to_string()), "{error}");
            }
            Err(other) => panic!("{what}: {other}"),
        }
    }
    // Two locks that nobody holds are not the same one.
    let ledger = Ledger::open(&places()).unwrap();
    ledger.begin_job(&claim("mia", "3.0"), at(0), LEASE).unwrap();
    assert!(matches!(ledger.begin_job(&claim("mia", "3.0"), at(1), LEASE), Err(LedgerError::JobHeld(_))));
}

pub fn a_run_is_told_of_as_it_goes(places: Places<'_>) {
    let ledger = Ledger::open(&places()).unwrap();
    let lease = ledger.begin_job(&claim("mia\0", "3.0"), at(0), LEASE).unwrap();
    let of = |ledger: &Ledger, minute| ledger.jobs(false, None, at(minute)).unwrap().remove(0);
    let begun = Job {
        id: lease.id,
        kind: "cycle".into(),
        about: "3.0".into(),
        state: JobState::Running,
        actor: "mia\u{fffd}".into(),
        worker: "host of mia\u{fffd}".into(),
        begun: at(0),
        renewed: at(0),
        until: at(10),
        ended: None,
        progress: None,
        cancel: None,
        committed: None,
        error: None,
    };
    assert_eq!(of(&ledger, 1), begun);
    ledger.renew_job(&lease, at(4), LEASE, &progress("judging")).unwrap();
    let renewed = Job { renewed: at(4), until: at(14), progress: Some(progress("judging")), ..begun };
    assert_eq!((of(&ledger, 13), of(&ledger, 14).state), (renewed.clone(), JobState::Lapsed));
    // A long step is no death where nobody took the place.
    ledger.renew_job(&lease, at(20), LEASE, &JobProgress { step: "cases".into(), ..JobProgress::default() }).unwrap();
    assert_eq!(of(&ledger, 29).state, JobState::Running);
    written(&ledger, &lease).unwrap();
    ledger.end_job(&lease, at(21), &Outcome::Done).unwrap();
    assert_eq!(ledger.jobs(false, None, at(22)).unwrap(), []);
    let done = ledger.jobs(true, None, at(22)).unwrap().remove(0);
    let step = done.progress.unwrap();
    assert_eq!((done.state, done.ended, done.committed, &*step.step, step.total), (JobState::Done, Some(at(21)), Some(1), "cases", None));
    assert!(matches!(ledger.end_job(&lease, at(23), &Outcome::Done), Err(LedgerError::LeaseLost { .. })), "it has ended once");
    // Each way to end.
    let mut expected = vec![(lease.id, JobState::Done)];
    for (minute, outcome, state) in [(30, Outcome::Failed("input"), JobState::Failed), (40, Outcome::Cancelled, JobState::Cancelled)] {
        let lease = ledger.begin_job(&claim("mia", "3.0"), at(minute), LEASE).unwrap();
        ledger.end_job(&lease, at(minute + 1), &outcome).unwrap();
        expected.push((lease.id, state));
    }
    assert_eq!(states(&ledger, at(50)), expected);
    assert_eq!(ledger.jobs(true, None, at(50)).unwrap()[1].error.as_deref(), Some("input"));
    // What has ended before a time goes; what runs stays.
    let running = ledger.begin_job(&claim("mia", "3.0"), at(50), LEASE).unwrap();
    assert_eq!(ledger.prune_jobs(at(31)).unwrap(), 1);
    assert_eq!(states(&ledger, at(51)), [(expected[1].0, expected[1].1), expected[2], (running.id, JobState::Running)]);
    assert_eq!(ledger.jobs(true, Some(2), at(51)).unwrap().len(), 2);
    assert_eq!(ledger.prune_jobs(at(9999)).unwrap(), 2);
    assert_eq!(states(&ledger, at(51)), [(running.id, JobState::Running)]);
}

pub fn a_cancelled_run_writes_nothing(places: Places<'_>) {
    let ledger = Ledger::open(&places()).unwrap();
    let lease = ledger.begin_job(&claim("mia", "3.0"), at(0), LEASE).unwrap();
    let asked = ledger.cancel_job(lease.id, "ben", at(1)).unwrap();
    assert_eq!((asked.state, asked.cancel.unwrap().by), (JobState::Running, "ben".to_owned()));
    assert_eq!(ledger.cancel_job(lease.id, "eve", at(2)).unwrap().cancel.unwrap().by, "ben", "whoever asked first");
    for error in [ledger.renew_job(&lease, at(2), LEASE, &progress("judging")).unwrap_err(), written(&ledger, &lease).unwrap_err()] {
        assert!(matches!(&error, LedgerError::JobCancelled { by, .. } if by == "ben"), "{error}");
    }
    assert_eq!(ledger.head().unwrap().seq, 0);
    ledger.end_job(&lease, at(3), &Outcome::Cancelled).unwrap();
    let error = ledger.cancel_job(lease.id, "ben", at(4)).unwrap_err();
    assert!(matches!(error, LedgerError::JobEnded { .. }) && error.to_string().contains("is cancelled"), "{error}");
    assert!(matches!(ledger.cancel_job(99, "ben", at(4)), Err(LedgerError::NoJob { id: 99 })));
    // Its events are written: it is too late.
    let lease = ledger.begin_job(&claim("mia", "3.0"), at(5), LEASE).unwrap();
    written(&ledger, &lease).unwrap();
    assert!(matches!(ledger.cancel_job(lease.id, "ben", at(6)), Err(LedgerError::JobCommitted { seq: 1, .. })));
    ledger.renew_job(&lease, at(7), LEASE, &progress("sending")).unwrap();
    // One that nobody answers for has ended when it is cancelled; should it come back, it writes nothing.
    assert_eq!(states(&ledger, at(17))[1].1, JobState::Lapsed);
    ledger.end_job(&lease, at(8), &Outcome::Done).unwrap();
    let lease = ledger.begin_job(&claim("mia", "3.0"), at(20), LEASE).unwrap();
    assert_eq!(ledger.cancel_job(lease.id, "ben", at(30)).unwrap().state, JobState::Cancelled);
    assert!(matches!(written(&ledger, &lease), Err(LedgerError::JobCancelled { .. })));
    assert!(matches!(ledger.end_job(&lease, at(31), &Outcome::Cancelled), Err(LedgerError::LeaseLost { .. })));
    ledger.begin_job(&claim("ben", "3.0"), at(31), LEASE).unwrap();
    assert_eq!(ledger.head().unwrap().seq, 1);
}

pub fn a_run_that_lost_its_place_writes_nothing(places: Places<'_>) {
    let ledger = Ledger::open(&places()).unwrap();
    let first = ledger.begin_job(&claim("mia", "3.0"), at(0), LEASE).unwrap();
    let second = ledger.begin_job(&claim("ben", "3.0"), at(10), LEASE).unwrap();
    assert_eq!(states(&ledger, at(10)), [(first.id, JobState::Lost), (second.id, JobState::Running)]);
    for error in [
        ledger.renew_job(&first, at(11), LEASE, &progress("judging")).unwrap_err(),
        written(&ledger, &first).unwrap_err(),
        ledger.end_job(&first, at(11), &Outcome::Done).unwrap_err(),
    ] {
        assert!(matches!(&error, LedgerError::LeaseLost { id, .. } if *id == first.id), "{error}");
    }
    assert_eq!(ledger.head().unwrap().seq, 0);
    written(&ledger, &second).unwrap();
    assert_eq!(ledger.head().unwrap().seq, 1);
    // A run that was cancelled and then died is a cancelled one.
    ledger.end_job(&second, at(12), &Outcome::Done).unwrap();
    let third = ledger.begin_job(&holding("mia", "lock"), at(13), LEASE).unwrap();
    ledger.cancel_job(third.id, "ben", at(14)).unwrap();
    ledger.begin_job(&holding("mia", "lock"), at(15), LEASE).unwrap();
    assert_eq!(states(&ledger, at(15))[2], (third.id, JobState::Cancelled));
}

/// Two runs want the same place at once, again and again: one gets it each time.
pub fn of_two_at_once_one_has_the_place(places: Places<'_>) {
    const ROUNDS: usize = 25;
    let place = places();
    Ledger::open(&place).unwrap();
    let start = std::sync::Barrier::new(2);
    let had: Vec<Vec<Option<u64>>> = std::thread::scope(|scope| {
        let workers: Vec<_> = ["mia", "ben"]
            .map(|name| {
                let (place, start) = (place.clone(), &start);
                scope.spawn(move || {
                    let ledger = Ledger::open(&place).unwrap();
                    (0..ROUNDS)
                        .map(|round| {
                            start.wait();
                            let lease = match ledger.begin_job(&claim(name, &format!("line {round}")), at(0), LEASE) {
                                Ok(lease) => Some(lease.id),
                                Err(LedgerError::JobHeld(other)) => {
                                    assert_ne!(other.actor, name);
                                    None
                                }
                                Err(other) => panic!("{other}"),
                            };
                            start.wait();
                            lease
                        })
                        .collect()
                })
            })
            .into();
        workers.into_iter().map(|w| w.join().unwrap()).collect()
    });
    for round in 0..ROUNDS {
        assert_eq!([&had[0], &had[1]].iter().filter(|h| h[round].is_some()).count(), 1, "round {round}");
    }
}

/// A job is cancelled while its events are written: either the cancel is accepted and nothing is written, or it is too late.
pub fn a_cancel_is_before_the_writing_or_too_late(places: Places<'_>) {
    const ROUNDS: usize = 25;
    let place = places();
    let (mine, theirs) = (Ledger::open(&place).unwrap(), Ledger::open(&place).unwrap());
    let mut head = 0;
    for round in 0..ROUNDS {
        let lease = mine.begin_job(&claim("mia", "3.0"), at(0), LEASE).unwrap();
        let start = std::sync::Barrier::new(2);
        let (wrote, cancelled) = std::thread::scope(|scope| {
            let cancelling = scope.spawn(|| {
                start.wait();
                theirs.cancel_job(lease.id, "ben", at(1))
            });
            start.wait();
            (written(&mine, &lease), cancelling.join().unwrap())
        });
        match (&wrote, &cancelled) {
            (Ok(()), Err(LedgerError::JobCommitted { .. })) => head += 1,
            (Err(LedgerError::JobCancelled { .. }), Ok(_)) => {}
            other => panic!("round {round}: {other:?}"),
        }
        assert_eq!(mine.head().unwrap().seq, head, "round {round}");
        mine.end_job(&lease, at(2), &Outcome::Done).unwrap();
    }
}

/// A ledger of schema 2.0, whose table of jobs has no runs.
pub fn a_ledger_without_runs_migrates(places: Places<'_>) {
    let place = places();
    let ledger = Ledger::open(&place).unwrap();
    ledger.append(vec![opened(1, Severity::High)]).unwrap();
    let (digest, head) = (ledger.view_digest().unwrap(), ledger.head().unwrap());
    drop(ledger);
    without_jobs(&place);
    behind(&place, "DELETE FROM schema_steps WHERE major = 2 AND minor > 0 OR major > 2");
    behind(&place, "INSERT INTO jobs (kind, payload, state, due, attempts, allowed) VALUES ('build', 'x', 'ready', 0, 0, 1)");
    let ledger = Ledger::open(&place).unwrap();
    assert_eq!((ledger.view_digest().unwrap(), ledger.head().unwrap()), (digest, head));
    let lease = ledger.begin_job(&claim("mia", "3.0"), at(0), LEASE).unwrap();
    written(&ledger, &lease).unwrap();
    ledger.end_job(&lease, at(1), &Outcome::Done).unwrap();
    assert_eq!(states(&ledger, at(2)), [(lease.id, JobState::Done)], "what the first design wrote is no run");
    ledger.verify().unwrap();
}
