//! Events as the log stores them: one that is read is written to the same text again, and the error of one that cannot be read has its
//! number and kind.

use seaworthy_ledger::{Entry, Event, EventError, LedgerError, Stored};

fn read(event: &str) -> Result<Entry, LedgerError> {
    let stored = Stored { seq: 7, at: "2026-01-02T03:04:05Z", actor: "mia", why: None, before: None, event };
    stored.read(&stored.digest().to_string())
}

pub fn run(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    match read(text) {
        Ok(entry) => {
            let written = serde_json::to_string(&entry.event).expect("what was read can be written");
            assert!(written.starts_with('{'), "{written}");
            if let Event::Other(other) = &entry.event {
                assert_eq!((other.json(), &*written), (text.trim(), text.trim()), "kept as it stands");
            }
            let again = read(&written).unwrap_or_else(|e| panic!("{written} was written and is refused: {e}"));
            assert_eq!(again.event, entry.event);
            assert_eq!(serde_json::to_string(&again.event).ok(), Some(written));
        }
        Err(LedgerError::Event { seq, cause: EventError::Content { kind, message, .. } }) => {
            assert!(seq == 7 && Event::KINDS.contains(&&*kind) && !message.is_empty());
        }
        Err(LedgerError::Unreadable { what, .. }) => assert_eq!(what, "event 7"),
        Err(other) => panic!("{other}"),
    }
}
