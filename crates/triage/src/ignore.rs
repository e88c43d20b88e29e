//! Ignore files: findings that a scan is not to raise until a day, each with a reason.
//!
//! The file is TOML:
//!
//! ```toml
//! [[ignore]]
//! cve = "CVE-2024-6119"
//! package = "openssl"      # every package without it
//! reason = "the build machines accept no certificates"
//! expires = 2026-12-31     # the first day on which it no longer counts
//! ```

use std::cell::Cell;
use std::collections::BTreeMap;
use std::ops::Range;

use jiff::Timestamp;
use jiff::civil::Date;
use seaworthy_model::text::cut;
use seaworthy_model::{CveId, Day, PackageName, Remark, Says, Speaker};
use serde::Deserialize;
use toml::{Spanned, Value};

use crate::{Found, Remarked};

/// The greatest size of an ignore file in bytes.
pub const MOST_BYTES: usize = 1 << 20;

/// An entry of an ignore file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ignore {
    /// The CVE.
    pub cve: CveId,
    /// The source package; `None` for every one.
    pub package: Option<PackageName>,
    /// The reason; never empty.
    pub reason: String,
    /// The first day (UTC) on which the entry no longer counts.
    pub expires: Day,
    /// The line of the file on which the entry begins, counted from 1.
    pub line: usize,
}

/// The error of an ignore file.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {message}")]
pub struct IgnoreError {
    /// The line, counted from 1.
    pub line: usize,
    /// The message: what was found, and what is expected.
    pub message: String,
}

impl Ignore {
    /// Whether the entry no longer counts at a time.
    #[must_use]
    pub fn has_expired(&self, now: Timestamp) -> bool {
        self.expires.start() <= now
    }

    /// The remark of the entry, from a file of this name, on a finding of its CVE and package.
    #[must_use]
    pub fn remark(&self, file: &str, found: &Found<'_>) -> Remarked {
        let says = Says::Ignored { until: self.expires.start() };
        let remark = Remark { by: Speaker::IgnoreFile, source: file.to_owned(), says, statement: self.reason.clone() };
        Remarked { status: found.status, remark }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    ignore: Vec<Spanned<Entry>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    cve: Spanned<String>,
    package: Option<Spanned<String>>,
    reason: Spanned<String>,
    expires: Spanned<Value>,
}

struct Reader<'t> {
    text: &'t str,
    /// The place up to which lines are counted, in bytes, and its line: entries are asked for in their order, so that no text is counted
    /// for each of them anew.
    counted: Cell<(usize, usize)>,
}

/// Reads the entries of an ignore file, in the order of their lines.
///
/// # Errors
/// The first line that does not read as one.
pub fn parse(text: &str) -> Result<Vec<Ignore>, IgnoreError> {
    if text.len() > MOST_BYTES {
        return Err(IgnoreError { line: 1, message: format!("the file has {} bytes, and may have {MOST_BYTES}", text.len()) });
    }
    let reader = Reader { text, counted: Cell::new((0, 1)) };
    let file: File = toml::from_str(text).map_err(|e| reader.error(&e.span().unwrap_or(0..0), e.message().trim()))?;
    let mut entries: Vec<Ignore> = Vec::with_capacity(file.ignore.len());
    let mut seen = BTreeMap::new();
    for entry in file.ignore {
        let span = entry.span();
        let entry = reader.entry(entry.into_inner(), &span)?;
        if let Some(line) = seen.insert((entry.cve, entry.package.clone()), entry.line) {
            return Err(reader.error(&span, &format!("the entry on line {line} is of the same CVE and package: make one of them")));
        }
        entries.push(entry);
    }
    Ok(entries)
}

impl Reader<'_> {
    fn line(&self, span: &Range<usize>) -> usize {
        let to = span.start.min(self.text.len());
        let (from, line) = Some(self.counted.get()).filter(|(from, _)| *from <= to).unwrap_or((0, 1));
        let between = self.text.as_bytes().get(from..to).unwrap_or_default();
        let line = line + between.iter().filter(|b| **b == b'\n').count();
        self.counted.set((to, line));
        line
    }

    fn error(&self, span: &Range<usize>, message: &str) -> IgnoreError {
        // The parser may repeat a line of any length.
        IgnoreError { line: self.line(span), message: cut(message, 400).into_owned() }
    }

    fn entry(&self, entry: Entry, span: &Range<usize>) -> Result<Ignore, IgnoreError> {
        let Entry { cve, package, reason, expires } = entry;
        let found = |word: &str| cut(word, 60).into_owned();
        let id = cve.get_ref().parse().map_err(|_| {
            self.error(&cve.span(), &format!("cve is {:?}: a CVE id is needed, such as \"CVE-2024-6119\"", found(cve.get_ref())))
        })?;
        let package = package.map(|name| {
            let parsed = name.get_ref().parse::<PackageName>();
            parsed.map_err(|unfit| self.error(&name.span(), &format!("package is {:?}: {unfit}", found(name.get_ref()))))
        });
        let words = reason.get_ref().trim();
        if words.is_empty() {
            return Err(self.error(&reason.span(), "reason is empty: say in a sentence why the finding is accepted"));
        }
        let day = match expires.get_ref() {
            // The parser also takes a time, of which only the day would be left.
            Value::String(text) => text.parse::<Date>().ok().filter(|day| day.to_string() == *text),
            Value::Datetime(at) if at.time.is_none() && at.offset.is_none() => at.to_string().parse::<Date>().ok(),
            _ => None,
        };
        let day = day.ok_or_else(|| self.error(&expires.span(), "expires is no day: write 2026-12-31"))?;
        Ok(Ignore { cve: id, package: package.transpose()?, reason: words.to_owned(), expires: day.into(), line: self.line(span) })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const TWO: &str = "# accepted findings\n\n[[ignore]]\ncve = \"CVE-2024-6119\"\npackage = \"openssl\"\nreason = \" no certificates \"\n\
                       expires = 2026-12-31\n\n[[ignore]]\ncve = \"CVE-2024-6119\"\nreason = \"x\"\nexpires = \"2026-01-01\"\n";

    #[test]
    fn entries_are_read_with_their_lines() {
        let entries = parse(TWO).unwrap();
        let row =
            |e: &Ignore| (e.cve.to_string(), e.package.as_ref().map(ToString::to_string), e.reason.clone(), e.expires.to_string(), e.line);
        let rows: Vec<_> = entries.iter().map(row).collect();
        let cve = || "CVE-2024-6119".to_owned();
        assert_eq!(
            rows,
            [
                (cve(), Some("openssl".to_owned()), "no certificates".to_owned(), "2026-12-31".to_owned(), 3),
                (cve(), None, "x".to_owned(), "2026-01-01".to_owned(), 9),
            ]
        );
        let at = |text: &str| entries[0].has_expired(text.parse().unwrap());
        assert_eq!((at("2026-12-30T23:59:59Z"), at("2026-12-31T00:00:00Z")), (false, true));
        assert_eq!(parse("").unwrap(), []);
    }

    #[test]
    fn each_of_many_entries_has_its_line() {
        let entry = |n: usize| format!("[[ignore]]\ncve = \"CVE-2024-{n}\"\nreason = \"x\"\nexpires = 2026-12-31\n\n");
        let text: String = (1000..3000).map(entry).collect();
        let lines: Vec<usize> = parse(&text).unwrap().iter().map(|entry| entry.line).collect();
        assert_eq!(lines, (0..2000).map(|n| 5 * n + 1).collect::<Vec<_>>());
    }

    #[test]
    fn refusals_name_the_line_and_what_is_needed() {
        let entry = |lines: &str| format!("[[ignore]]\n{lines}\n");
        let rest = "reason = \"x\"\nexpires = 2026-12-31";
        let rows = [
            ("no TOML", "[[ignore]\n".to_owned(), 1, "]"),
            ("an unknown table", "[ignored]\n".to_owned(), 1, "unknown field `ignored`"),
            ("an unknown member", entry(&format!("cve = \"CVE-2024-6119\"\npkg = \"a\"\n{rest}")), 3, "unknown field `pkg`"),
            ("no CVE id", entry(&format!("cve = \"GHSA-1\"\n{rest}")), 2, "a CVE id is needed"),
            ("no package", entry(&format!("cve = \"CVE-2024-6119\"\npackage = \"\"\n{rest}")), 3, "has no name"),
            ("no reason", entry("cve = \"CVE-2024-6119\"\nexpires = 2026-12-31"), 1, "missing field `reason`"),
            ("an empty reason", entry("cve = \"CVE-2024-6119\"\nreason = \" \"\nexpires = 2026-12-31"), 3, "reason is empty"),
            ("no end", entry("cve = \"CVE-2024-6119\"\nreason = \"x\""), 1, "missing field `expires`"),
            ("a time", entry("cve = \"CVE-2024-6119\"\nreason = \"x\"\nexpires = 2026-12-31T00:00:00Z"), 4, "no day"),
            (
                "a time in quotes",
                entry("cve = \"CVE-2024-6119\"\nreason = \"x\"\nexpires = \"2026-12-31T00:00:00\""),
                4,
                "expires is no day: write 2026-12-31",
            ),
            ("a day in another form", entry("cve = \"CVE-2024-6119\"\nreason = \"x\"\nexpires = \"20261231\""), 4, "no day"),
            ("no day", entry("cve = \"CVE-2024-6119\"\nreason = \"x\"\nexpires = \"never\""), 4, "no day"),
            ("a day that is none", entry("cve = \"CVE-2024-6119\"\nreason = \"x\"\nexpires = \"2026-02-30\""), 4, "no day"),
            ("twice", format!("{TWO}\n[[ignore]]\ncve = \"CVE-2024-6119\"\n{rest}\n"), 14, "the entry on line 9"),
            ("too much", "#".repeat(MOST_BYTES + 1), 1, "and may have"),
        ];
        for (why, text, line, says) in rows {
            let error = parse(&text).unwrap_err();
            assert!(error.line == line && error.message.contains(says), "{why}: {error}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused(
            text in ".{0,200}",
            cve in prop_oneof![Just("CVE-2024-6119".to_owned()), "[^\"\\\\\u{0}-\u{1f}\u{7f}]{0,20}"],
            expires in prop_oneof![Just("2026-12-31".to_owned()), "[0-9TZ:.\"-]{0,24}"],
        ) {
            let _ = parse(&text);
            match parse(&format!("[[ignore]]\ncve = \"{cve}\"\nreason = \"x\"\nexpires = {expires}\n")) {
                Ok(entries) => prop_assert!(entries.len() == 1 && entries[0].line == 1),
                Err(error) => prop_assert!((1..=5).contains(&error.line), "{error}"),
            }
        }
    }
}
