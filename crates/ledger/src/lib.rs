//! What was done: an append-only log of events, one JSON object a line, each with the digest of the line before it.
//!
//! The log lies in the home folder as `ledger.jsonl`. A crash may leave a torn last line; it is passed over by readers and
//! cut off by the next append, so nothing that was written whole is lost.

use std::fs::{File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use seaworthy_model::Digest;
use serde::{Deserialize, Serialize};

/// Something that was done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum Event {
    /// Sources were synced.
    Synced {
        /// The knowledge after it.
        knowledge: Digest,
        /// CVEs that were new, changed and rejected.
        changes: [u64; 3],
    },
    /// An inventory was scanned.
    Scanned {
        /// How the inventory was selected, as the scan was called.
        selector: String,
        /// The knowledge it was held against.
        knowledge: Digest,
        /// The inventory's digest.
        inventory: Digest,
        /// The version of the rules.
        engine: String,
        /// The findings that are affected and suspected.
        raised: [u64; 2],
    },
}

/// A line of the log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// When, in seconds since 1970-01-01 (UTC).
    pub at: i64,
    /// The digest of the line before; `None` in the first.
    pub before: Option<Digest>,
    /// What.
    #[serde(flatten)]
    pub event: Event,
}

/// Why the log could not be read or written.
#[derive(Debug, thiserror::Error)]
pub enum LedgerError {
    /// The file could not be read or written.
    #[error("cannot use {path}: {source}")]
    Io {
        /// The log.
        path: PathBuf,
        /// The cause.
        source: io::Error,
    },
    /// A line is not what was appended.
    #[error("{path}:{line}: {message}")]
    Tampered {
        /// The log.
        path: PathBuf,
        /// The line, counted from 1.
        line: usize,
        /// What does not fit.
        message: String,
    },
}

/// The log of a home folder.
pub struct Ledger {
    path: PathBuf,
}

impl Ledger {
    /// The log in a home folder; nothing is created yet.
    #[must_use]
    pub fn new(home: &Path) -> Self {
        Self { path: home.join("ledger.jsonl") }
    }

    fn io(&self) -> impl FnOnce(io::Error) -> LedgerError + '_ {
        |source| LedgerError::Io { path: self.path.clone(), source }
    }

    /// Appends an event, and says whether a line that a crash had torn was cut off before. Writers of one machine take turns.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn append(&self, at: i64, event: Event) -> Result<bool, LedgerError> {
        let mut file = OpenOptions::new().read(true).append(true).create(true).open(&self.path).map_err(self.io())?;
        file.lock().map_err(self.io())?;
        let (last, whole) = last_line(&mut file).map_err(self.io())?;
        let torn = file.metadata().map_err(self.io())?.len() > whole;
        if torn {
            file.set_len(whole).map_err(self.io())?;
        }
        let entry = Entry { at, before: last.map(|l| Digest::of(&l)), event };
        let mut line = serde_json::to_vec(&entry).map_err(|e| self.io()(e.into()))?;
        line.push(b'\n');
        file.write_all(&line).map_err(self.io())?;
        file.sync_data().map_err(self.io())?;
        Ok(torn)
    }

    /// Every entry, oldest first.
    ///
    /// # Errors
    /// When the file cannot be read, or the chain of digests is broken: the message names the line.
    pub fn entries(&self) -> Result<Vec<Entry>, LedgerError> {
        let bytes = match std::fs::read(&self.path) {
            Ok(bytes) => bytes,
            Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(e) => return Err(self.io()(e)),
        };
        let mut entries = Vec::new();
        let mut before = None;
        for (i, line) in bytes.split_inclusive(|b| *b == b'\n').enumerate() {
            let Some(line) = line.strip_suffix(b"\n") else { break };
            let tampered = |message: String| LedgerError::Tampered { path: self.path.clone(), line: i + 1, message };
            let entry: Entry = serde_json::from_slice(line).map_err(|e| tampered(format!("not an event: {e}")))?;
            if entry.before != before {
                return Err(tampered("the line before is not the one this event was written after".into()));
            }
            before = Some(Digest::of(line));
            entries.push(entry);
        }
        Ok(entries)
    }

    /// The knowledge of the last scan of a selector.
    ///
    /// # Errors
    /// As [`Ledger::entries`].
    pub fn last_scan(&self, of: &str) -> Result<Option<Digest>, LedgerError> {
        Ok(self.entries()?.into_iter().rev().find_map(|entry| match entry.event {
            Event::Scanned { selector, knowledge, .. } if selector == of => Some(knowledge),
            _ => None,
        }))
    }
}

/// The last whole line and where it ends.
fn last_line(file: &mut File) -> io::Result<(Option<Vec<u8>>, u64)> {
    let len = file.seek(SeekFrom::End(0))?;
    // Most events are far shorter; a list of files may make one long, and then the window grows until it holds the line.
    let mut window = 64 * 1024;
    loop {
        let start = len.saturating_sub(window);
        file.seek(SeekFrom::Start(start))?;
        let mut tail = Vec::new();
        file.read_to_end(&mut tail)?;
        let end = tail.iter().rposition(|b| *b == b'\n');
        let begin = end.and_then(|end| tail[..end].iter().rposition(|b| *b == b'\n')).map(|i| i + 1);
        match (end, begin.or((start == 0).then_some(0))) {
            (Some(end), Some(begin)) => return Ok((Some(tail[begin..end].to_vec()), start + end as u64 + 1)),
            _ if start == 0 => return Ok((None, 0)),
            _ => window *= 8,
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn event(n: u64) -> Event {
        Event::Synced { knowledge: Digest::of(b"k"), changes: [n, 0, 0] }
    }

    #[test]
    fn a_torn_line_is_passed_over_and_cut_off() {
        let home = tempfile::tempdir().unwrap();
        let ledger = Ledger::new(home.path());
        ledger.append(1, event(1)).unwrap();
        OpenOptions::new().append(true).open(&ledger.path).unwrap().write_all(b"{\"at\":2,").unwrap();
        assert_eq!(ledger.entries().unwrap().len(), 1);
        ledger.append(3, event(3)).unwrap();
        let entries = ledger.entries().unwrap();
        assert_eq!(entries.iter().map(|e| e.at).collect::<Vec<_>>(), [1, 3]);
        assert!(entries[1].before.is_some());
    }

    #[test]
    fn long_lines_keep_the_chain() {
        let home = tempfile::tempdir().unwrap();
        let ledger = Ledger::new(home.path());
        let long = |n: u8| Event::Scanned {
            selector: format!("rpm {n} {}", "x".repeat(200_000)),
            knowledge: Digest::of(b"k"),
            inventory: Digest::of(b"i"),
            engine: "e".into(),
            raised: [0, 0],
        };
        for n in 0..3 {
            assert!(!ledger.append(1, long(n)).unwrap());
        }
        OpenOptions::new().append(true).open(&ledger.path).unwrap().write_all("y".repeat(100_000).as_bytes()).unwrap();
        assert!(ledger.append(2, event(2)).unwrap());
        assert_eq!(ledger.entries().unwrap().len(), 4);
    }

    #[test]
    fn a_changed_event_is_found() {
        let home = tempfile::tempdir().unwrap();
        let ledger = Ledger::new(home.path());
        for n in 1..4 {
            ledger.append(n, event(7)).unwrap();
        }
        let text = std::fs::read_to_string(&ledger.path).unwrap().replacen("\"at\":2", "\"at\":9", 1);
        std::fs::write(&ledger.path, text).unwrap();
        let error = ledger.entries().unwrap_err().to_string();
        assert!(error.contains("ledger.jsonl:3"), "{error}");
    }

    #[test]
    fn the_last_scan_of_a_selector_is_found() {
        let home = tempfile::tempdir().unwrap();
        let ledger = Ledger::new(home.path());
        assert_eq!(ledger.last_scan("a").unwrap(), None);
        for (selector, knowledge) in [("a", b"1"), ("b", b"2"), ("a", b"3")] {
            let (knowledge, inventory) = (Digest::of(knowledge), Digest::of(b"i"));
            ledger
                .append(1, Event::Scanned { selector: selector.into(), knowledge, inventory, engine: "e".into(), raised: [0, 0] })
                .unwrap();
        }
        assert_eq!(ledger.last_scan("a").unwrap(), Some(Digest::of(b"3")));
    }
}
