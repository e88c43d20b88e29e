//! Ignore files.

pub fn run(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    match seaworthy_triage::ignore::parse(text) {
        Ok(entries) => assert!(entries.iter().all(|entry| entry.line >= 1 && !entry.reason.is_empty())),
        Err(error) => assert!(error.line >= 1 && error.line <= text.lines().count() + 1),
    }
}
