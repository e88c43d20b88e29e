//! Threads that share one ledger.

use std::io::{self, BufRead, Read};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Barrier, mpsc};
use std::time::Duration;

use seaworthy_ledger::{Entries, Ledger, LedgerError, Location, Query, Sight};
use seaworthy_model::Severity;
use seaworthy_model::case::CaseEvent;

use crate::Places;
use crate::world::{behind, case, connections, key, opened, synced};

/// The number of threads, which is more than a ledger has connections.
const THREADS: usize = 12;

/// The greatest number of connections of a ledger.
const MOST: usize = 8;

fn shared<T: Send + Sync>(value: T) -> T {
    value
}

fn everything() -> Query {
    Query { sight: Sight::All, ..Query::default() }
}

/// The lines of an export, which stop before the last one until the test goes on: the import of them holds a transaction until then.
struct Slow<'e> {
    first: &'e [u8],
    last: &'e [u8],
    stopped: mpsc::Sender<()>,
    go_on: mpsc::Receiver<()>,
}

impl<'e> Slow<'e> {
    fn new(export: &'e [u8], stopped: mpsc::Sender<()>, go_on: mpsc::Receiver<()>) -> Self {
        let end = export[..export.len() - 1].iter().rposition(|b| *b == b'\n').unwrap() + 1;
        Self { first: &export[..end], last: &export[end..], stopped, go_on }
    }
}

impl Read for Slow<'_> {
    fn read(&mut self, to: &mut [u8]) -> io::Result<usize> {
        let read = self.fill_buf()?.read(to)?;
        self.consume(read);
        Ok(read)
    }
}

impl BufRead for Slow<'_> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.first.is_empty() && !self.last.is_empty() {
            self.stopped.send(()).unwrap();
            // Where nobody is left to tell it, it goes on as well.
            let _ = self.go_on.recv();
            self.first = std::mem::take(&mut self.last);
        }
        Ok(self.first)
    }

    fn consume(&mut self, read: usize) {
        self.first = &self.first[read..];
    }
}

/// The events of a ledger at its own location, as an export.
fn exported(place: &Location, events: u32) -> Vec<u8> {
    let ledger = Ledger::open(place).unwrap();
    ledger.append((0..events).map(|n| opened(n, Severity::High)).collect()).unwrap();
    let mut export = Vec::new();
    ledger.export(1, &mut export).unwrap();
    export
}

pub fn readers_wait_for_no_writer(places: Places<'_>) {
    let export = exported(&places(), 20);
    let ledger = shared(Ledger::open(&places()).unwrap());
    let ten = export.iter().enumerate().filter(|(_, b)| **b == b'\n').nth(9).unwrap().0 + 1;
    assert_eq!(ledger.import("export", &mut &export[..ten]).unwrap(), 10);
    let (stopped, has_stopped) = mpsc::channel();
    let (end, go_on) = mpsc::channel();
    std::thread::scope(|scope| {
        let writer = scope.spawn(|| ledger.import("export", &mut Slow::new(&export[ten..], stopped, go_on)).unwrap());
        has_stopped.recv().unwrap();
        // It is at its last line, and in the midst of its transaction.
        let readers: Vec<_> = (0..THREADS)
            .map(|_| {
                scope.spawn(|| {
                    assert_eq!(ledger.head().unwrap().seq, 10);
                    assert_eq!(ledger.cases(&everything()).unwrap().cases.len(), 10);
                    assert_eq!(ledger.entries(&Entries::default()).unwrap().len(), 10);
                    assert_eq!(ledger.verify().unwrap().entries, 10);
                    assert!(ledger.case(&key(1)).unwrap().is_some());
                })
            })
            .collect();
        for reader in readers {
            reader.join().unwrap();
        }
        // Another writer takes its turn behind it, and nothing of either is lost.
        let behind = scope.spawn(|| ledger.append(vec![synced(1)]).unwrap());
        std::thread::sleep(Duration::from_millis(50));
        assert!(!behind.is_finished());
        end.send(()).unwrap();
        assert_eq!(writer.join().unwrap(), 10);
        assert_eq!(behind.join().unwrap(), 21..22);
    });
    assert_eq!(ledger.verify().unwrap().entries, 21);
}

pub fn of_many_that_expect_a_version_one_wins(places: Places<'_>) {
    const ROUNDS: u64 = 8;
    let ledger = Ledger::open(&places()).unwrap();
    ledger.append(vec![opened(1, Severity::High)]).unwrap();
    let subject = key(1).subject();
    for round in 0..ROUNDS {
        let version = ledger.version(&subject).unwrap();
        assert_eq!(version, round + 1);
        let begin = Barrier::new(THREADS);
        let won = AtomicUsize::new(0);
        std::thread::scope(|scope| {
            for thread in 0..THREADS {
                let (ledger, subject, begin, won) = (&ledger, &subject, &begin, &won);
                scope.spawn(move || {
                    let event = case(2 + round as i64, 1, CaseEvent::Assigned { to: Some(format!("{round} {thread}")) });
                    begin.wait();
                    match ledger.append_if(vec![(subject.clone(), version)], vec![event]) {
                        Ok(range) => {
                            assert_eq!(range, version + 1..version + 2);
                            won.fetch_add(1, Ordering::Relaxed);
                        }
                        Err(LedgerError::Moved { expected, found, .. }) => assert_eq!((expected, found), (version, version + 1)),
                        Err(other) => panic!("{other}"),
                    }
                });
            }
        });
        assert_eq!(won.into_inner(), 1);
    }
    // Without a version to expect, everybody writes.
    std::thread::scope(|scope| {
        for n in 0..THREADS as u64 {
            let ledger = &ledger;
            scope.spawn(move || ledger.append(vec![synced(n), synced(100 + n)]).unwrap());
        }
    });
    assert_eq!(ledger.verify().unwrap().entries, 1 + ROUNDS + 2 * THREADS as u64);
    let rebuilt = ledger.rebuild().unwrap();
    assert_eq!(rebuilt.before, rebuilt.after);
}

pub fn a_panic_leaves_the_ledger_usable(places: Places<'_>) {
    let export = exported(&places(), 20);
    let ledger = Ledger::open(&places()).unwrap();
    ledger.append(vec![opened(1, Severity::High), synced(1)]).unwrap();
    let empty = Ledger::open(&places()).unwrap();
    let panics = |work: &dyn Fn()| assert!(catch_unwind(AssertUnwindSafe(work)).is_err());
    // More often than there are connections.
    for _ in 0..THREADS {
        panics(&|| ledger.each_case(&everything(), |_| panic!("in a callback")).unwrap());
        panics(&|| ledger.each_entry(&Entries::default(), |_| panic!("in a callback")).unwrap());
        panics(&|| {
            // In the midst of a transaction that has written: nobody can be told that it stopped.
            let ((stopped, _), (_end, go_on)) = (mpsc::channel(), mpsc::channel());
            empty.import("export", &mut Slow::new(&export, stopped, go_on)).map(drop).unwrap();
        });
    }
    ledger.append(vec![synced(2)]).unwrap();
    assert_eq!(ledger.verify().unwrap().entries, 3);
    assert_eq!(empty.head().unwrap().seq, 0, "what was begun is taken back");
    assert!(empty.cases(&everything()).unwrap().cases.is_empty());
    assert_eq!(empty.import("export", &mut &*export).unwrap(), 20);
    // An error of a callback, too.
    let refused = || LedgerError::NoEvent { seq: 7 };
    for _ in 0..THREADS {
        assert!(matches!(ledger.each_case(&everything(), |_| Err(refused())), Err(LedgerError::NoEvent { seq: 7 })));
    }
    ledger.append(vec![synced(3)]).unwrap();
}

pub fn a_callback_uses_the_ledger(places: Places<'_>) {
    let ledger = Ledger::open(&places()).unwrap();
    ledger.append((0..5).map(|n| opened(n, Severity::High)).collect()).unwrap();
    // All at once, so that everybody who has a connection needs another one.
    let begin = Barrier::new(MOST);
    let read = AtomicUsize::new(0);
    std::thread::scope(|scope| {
        for _ in 0..MOST {
            scope.spawn(|| {
                begin.wait();
                ledger
                    .each_case(&everything(), |light| {
                        let whole = ledger.case(&light.key)?.unwrap();
                        assert_eq!((whole.key, whole.facts.evidence.len()), (light.key.clone(), 1));
                        ledger.each_entry(&Entries { package: Some(light.key.package.to_string()), ..Entries::default() }, |entry| {
                            read.fetch_add(ledger.find(&entry.digest)?.map_or(0, |_| 1), Ordering::Relaxed);
                            Ok(())
                        })
                    })
                    .unwrap();
            });
        }
    });
    assert_eq!(read.into_inner(), 5 * MOST);
    // What is written meanwhile is not among what is read.
    let mut seen = 0;
    ledger
        .each_case(&everything(), |_| {
            seen += 1;
            ledger.append(vec![opened(10 + seen, Severity::Low)]).map(drop)
        })
        .unwrap();
    assert_eq!((seen, ledger.verify().unwrap().entries), (5, 10));
}

pub fn a_connection_is_made_when_it_is_needed(places: Places<'_>) {
    let place = places();
    let ledger = Ledger::open(&place).unwrap();
    for n in 0..20 {
        ledger.append(vec![opened(n, Severity::High), synced(u64::from(n))]).unwrap();
        ledger.cases(&everything()).unwrap();
        ledger.verify().unwrap();
    }
    assert_eq!(connections(&place), 1);
    let begin = Barrier::new(THREADS);
    std::thread::scope(|scope| {
        for _ in 0..THREADS {
            scope.spawn(|| {
                begin.wait();
                ledger.verify().unwrap();
            });
        }
    });
    let made = connections(&place);
    assert!((1..=MOST).contains(&made), "{made}");
}

/// A connection that PostgreSQL has ended, as at a restart, is not used again.
pub fn a_connection_that_has_ended_is_not_used_again(places: Places<'_>) {
    let place = places();
    let ledger = Ledger::open(&place).unwrap();
    let end =
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'seaworthy' AND datname = current_database()";
    // Whoever has rested notices by itself; whoever is at work fails once.
    behind(&place, end);
    std::thread::sleep(Duration::from_millis(1100));
    ledger.append(vec![synced(1)]).unwrap();
    let mut ended = false;
    let cut = ledger.each_entry(&Entries::default(), |_| {
        if !std::mem::replace(&mut ended, true) {
            behind(&place, end);
        }
        Ok(())
    });
    assert!(matches!(cut, Err(LedgerError::Database { .. })), "{cut:?}");
    ledger.append(vec![synced(2)]).unwrap();
    assert_eq!(ledger.verify().unwrap().entries, 2);
}
