//! A ledger in a folder that cannot be written: each test has its own mount, in its own namespace.

use std::io::{self, Write};
use std::path::Path;
use std::process::Command;
use std::sync::Barrier;

use seaworthy_ledger::{Ledger, LedgerError, Location};
use seaworthy_model::Severity;

use crate::world::{behind, key, opened, synced, without_jobs};

const CHILD: &str = "SEAWORTHY_TEST_READ_ONLY";

/// The process that reads, with the folder mounted read-only; not a test by itself.
#[test]
fn a_reader_of_a_read_only_folder() {
    let Some(path) = std::env::var_os(CHILD) else { return };
    let location = Location::Sqlite(path.into());
    assert!(!location.is_writable());
    let ledger = Ledger::open_read_only(&location).unwrap();
    println!("entries {}", ledger.verify().unwrap().entries);
    println!("case {}", ledger.case(&key(1)).unwrap().is_some());
    assert!(ledger.is_read_only());
    let error = ledger.append(vec![synced(9)]).unwrap_err();
    assert!(matches!(error, LedgerError::ReadOnly { .. }), "{error:?}");
}

/// The output of a process that reads and cannot write into the folder.
fn read(folder: &Path, name: &str) -> String {
    let script = format!(
        "mount --bind '{0}' '{0}' && mount -o remount,bind,ro '{0}' && exec '{1}' --exact reading::a_reader_of_a_read_only_folder --nocapture",
        folder.display(),
        std::env::current_exe().unwrap().display()
    );
    let out =
        Command::new("unshare").args(["--user", "--map-root-user", "--mount", "sh", "-c", &script]).env(CHILD, folder.join(name)).output();
    let out = out.expect("unshare of util-linux");
    assert!(out.status.success(), "{}{}", String::from_utf8_lossy(&out.stdout), String::from_utf8_lossy(&out.stderr));
    String::from_utf8_lossy(&out.stdout).into_owned()
}

#[test]
fn a_read_only_folder_is_read() {
    let folder = tempfile::tempdir().unwrap();
    let place = |name: &str| Location::Sqlite(folder.path().join(name));
    Ledger::open(&place("closed.db")).unwrap().append(vec![opened(1, Severity::High), synced(1)]).unwrap();
    // What another program has written last lies beside the file while it is open, and stays there where it died.
    let open = Ledger::open(&place("open.db")).unwrap();
    open.append(vec![opened(1, Severity::High)]).unwrap();
    let crashed = Ledger::open(&place("before.db")).unwrap();
    crashed.append(vec![opened(1, Severity::High), synced(1), synced(2)]).unwrap();
    for end in ["", "-wal"] {
        let name = |base: &str| folder.path().join(format!("{base}{end}"));
        std::fs::copy(name("before.db"), name("crashed.db")).unwrap();
    }
    Ledger::open(&place("old.db")).unwrap().append(vec![opened(1, Severity::High)]).unwrap();
    without_jobs(&place("old.db"));
    let earlier = "DROP TABLE subjects; DROP TABLE corrections; DROP TABLE schema_steps; ALTER TABLE head DROP COLUMN latest; \
                   PRAGMA user_version = 1";
    behind(&place("old.db"), earlier);
    for (name, entries, case) in
        [("closed.db", 2, true), ("open.db", 1, true), ("crashed.db", 3, true), ("old.db", 1, true), ("none.db", 0, false)]
    {
        let said = read(folder.path(), name);
        assert!(said.contains(&format!("entries {entries}\n")) && said.contains(&format!("case {case}")), "{name}: {said}");
    }
    assert!(!folder.path().join("none.db").exists());
}

/// Takes an export, and is at its end when another one is.
struct Together<'b>(&'b Barrier);

impl Write for Together<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.wait();
        Ok(())
    }
}

#[test]
fn threads_read_what_is_not_there() {
    const THREADS: usize = 3;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("none.db");
    let ledger = Ledger::open_read_only(&Location::Sqlite(path.clone())).unwrap();
    let end = Barrier::new(THREADS);
    std::thread::scope(|scope| {
        for _ in 0..THREADS {
            scope.spawn(|| assert_eq!(ledger.export(1, &mut Together(&end)).unwrap(), 0));
        }
    });
    assert!(matches!(ledger.append(vec![synced(1)]), Err(LedgerError::ReadOnly { .. })));
    assert!(!path.exists());
}
