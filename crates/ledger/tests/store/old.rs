//! The log of earlier versions, and a process that is killed while it writes.

use std::fs;
use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

use seaworthy_ledger::{Entries, Event, Ledger, LedgerError, Location};
use seaworthy_model::Digest;
use seaworthy_model::subject::{Adopted, Synced};

use crate::Places;
use crate::world::synced;

fn old_log(events: u64) -> String {
    let mut text = String::new();
    let mut before = None;
    for n in 0..events {
        let line = serde_json::json!({"at": 1_700_000_000 + n, "before": before, "event": "synced", "knowledge": Digest::of(b"k"), "changes": [n, 0, 0]});
        let line = line.to_string();
        before = Some(Digest::of(line.as_bytes()));
        text.push_str(&line);
        text.push('\n');
    }
    text
}

pub fn the_old_log_is_taken_over_once(places: Places<'_>) {
    let home = tempfile::tempdir().unwrap();
    let file = home.path().join("ledger.jsonl");
    let ledger = Ledger::open(&places()).unwrap();
    assert_eq!(ledger.adopt(home.path()).unwrap(), None);
    // The torn line at its end was never reported as written.
    let old = old_log(3) + "{\"at\":2,";
    fs::write(&file, &old).unwrap();
    assert_eq!(ledger.adopt(home.path()).unwrap(), Some(3));
    assert!(!file.exists() && home.path().join("ledger.jsonl.imported").exists());
    let entries = ledger.entries(&Entries::default()).unwrap();
    assert_eq!(entries.len(), 4);
    assert!(matches!(entries[2].event, Event::Synced(Synced { changes: [2, 0, 0], .. })));
    assert_eq!(entries[2].at.as_second(), 1_700_000_002);
    assert!(matches!(entries[3].event, Event::Adopted(Adopted { events: 3, .. })));
    // As if a crash had come before it was renamed.
    fs::write(&file, &old).unwrap();
    assert_eq!(ledger.adopt(home.path()).unwrap(), Some(3));
    assert_eq!((ledger.verify().unwrap().entries, file.exists()), (4, false));
}

pub fn a_broken_old_log_is_refused(places: Places<'_>) {
    let home = tempfile::tempdir().unwrap();
    let file = home.path().join("ledger.jsonl");
    fs::write(&file, old_log(3).replacen("1700000001", "1700000009", 1)).unwrap();
    let ledger = Ledger::open(&places()).unwrap();
    let error = ledger.adopt(home.path()).unwrap_err();
    assert!(matches!(error, LedgerError::Line { line: 3, .. }), "{error:?}");
    assert!(error.to_string().contains("Move the file away"), "{error}");
    assert!(file.exists());
    assert_eq!(ledger.head().unwrap().seq, 0);
}

#[test]
fn a_database_of_something_else_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let place = Location::Sqlite(folder.path().join("other.db"));
    crate::world::behind(
        &Location::Sqlite({
            Ledger::open(&place).unwrap();
            folder.path().join("other.db")
        }),
        "PRAGMA application_id = 7",
    );
    assert!(matches!(Ledger::open(&place), Err(LedgerError::Foreign { .. })));
    let text = folder.path().join("text");
    fs::write(&text, "no database at all, but long enough to be looked at. ".repeat(40)).unwrap();
    let error = Ledger::open(&Location::Sqlite(text)).unwrap_err().to_string();
    assert!(error.contains("not a database"), "{error}");
    let error = Ledger::open(&Location::Sqlite(folder.path().join("none/ledger.db"))).unwrap_err().to_string();
    assert!(error.contains("the folder has to exist"), "{error}");
    let error = Ledger::open(&Location::Postgres(format!("postgres://mia:s3cret@localhost/x?host={}", folder.path().display())));
    let error = error.unwrap_err().to_string();
    assert!(error.contains("is the server running") && !error.contains("s3cret"), "{error}");
}

const CHILD: &str = "SEAWORTHY_TEST_LEDGER";

/// The process that the next test kills; not a test by itself.
#[test]
fn a_writer_to_be_killed() {
    if let Some(path) = std::env::var_os(CHILD) {
        let ledger = Ledger::open(&Location::Sqlite(path.into())).unwrap();
        for n in 0.. {
            println!("wrote {}", ledger.append(vec![synced(n)]).unwrap().start);
        }
    }
}

#[test]
fn a_killed_process_loses_nothing_it_reported() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ledger.db");
    let mut reported = 0;
    for _ in 0..3 {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "old::a_writer_to_be_killed", "--nocapture"])
            .env(CHILD, &path)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok);
        for seq in lines.filter_map(|l| l.split_once("wrote ")?.1.trim().parse::<u64>().ok()).take(15) {
            reported = seq;
        }
        child.kill().unwrap();
        child.wait().unwrap();
        let ledger = Ledger::open(&Location::Sqlite(path.clone())).unwrap();
        assert!(ledger.verify().unwrap().entries >= reported);
    }
    assert!(reported >= 45);
}
