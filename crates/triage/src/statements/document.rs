//! A document with its statements, and the reading of its parts, which the formats share.

use std::collections::BTreeSet;

use jiff::Timestamp;
use jiff::tz::Offset;
use seaworthy_model::case::Justification;
use seaworthy_model::{CveId, UpstreamVersion};
use serde::Serialize;
use serde_json::Value;

use super::Statement;
use super::json::{short, words};

/// The number of problems up to which they are listed.
const MOST_PROBLEMS: usize = 1000;

/// The number of statements up to which they are taken: one entry of a version may become a statement with a long text.
const MOST_STATEMENTS: usize = 100_000;

/// A document with its statements.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Document {
    /// The identifier of the document: the same in all of its versions. The digest of its bytes where it has none, and that of the
    /// identifier where that has a secret which the log does not keep.
    pub id: String,
    /// The version of the document, as it writes it; empty where it has none.
    pub revision: String,
    /// The author or publisher.
    pub author: String,
    /// The statements, in the order of the document.
    pub statements: Vec<Statement>,
    /// The problems: parts that could not be read.
    pub problems: Vec<Problem>,
    /// Whether the document may still change.
    pub(super) is_draft: bool,
    /// Whether statements were left out.
    pub(super) is_cut: bool,
    /// Whether a part could not be read of which nobody knows the CVE.
    pub(super) is_unread: bool,
    /// The CVEs of which a part could not be read.
    pub(super) unread: BTreeSet<CveId>,
    /// The number of products that parts of the document have named beside its statements.
    pub(super) named: usize,
    /// The CVE of the part that is being read.
    pub(super) current: Option<CveId>,
}

/// A part of a document that could not be read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Problem {
    /// The place, as a JSON pointer (RFC 6901).
    pub at: String,
    /// The error: what was found and what was expected.
    pub message: String,
}

/// Whether a version of a document is newer than another of the same document. One that is not written is neither.
pub(super) fn is_newer(version: &str, than: &str) -> bool {
    !version.is_empty() && !than.is_empty() && UpstreamVersion::new(version) > UpstreamVersion::new(than)
}

impl Document {
    pub(super) fn begin(id: &Value, revision: &Value, author: &Value) -> Self {
        let revision = revision.as_u64().map_or_else(|| short(revision.as_str().unwrap_or_default()), |number| number.to_string());
        Self { id: words(id), revision, author: words(author), ..Self::default() }
    }

    /// The newer version of the document among other documents, which takes its place; `None` where there is none.
    pub(super) fn newer<'d>(&self, others: impl IntoIterator<Item = &'d Self>) -> Option<&'d str> {
        let same = others.into_iter().filter(|other| other.id == self.id);
        same.map(|other| other.revision.as_str()).find(|revision| is_newer(revision, &self.revision))
    }

    /// The first time that one of these members has; `None` where none is there. One that is no time (RFC 3339) is a problem, and stands
    /// for a time that is not known: an earlier member may be older than what it was meant to say.
    pub(super) fn time(&mut self, members: &[(String, &Value)]) -> Option<Timestamp> {
        let (at, value) = members.iter().find(|(_, value)| !value.is_null())?;
        let time = value.as_str().and_then(|text| text.trim().parse().ok());
        if time.is_none() {
            let found = value.as_str().map_or_else(|| "it".to_owned(), |text| format!("{:?}", short(text)));
            self.problem(at.clone(), format!("{found} is no time: expected one such as 2026-11-28T12:00:00Z"));
        }
        time
    }

    /// The CVE of a vulnerability with a name and aliases; `None`, with a problem, where they name none, or several.
    pub(super) fn cve<'v>(&mut self, at: &str, name: &str, aliases: impl Iterator<Item = &'v str>) -> Option<CveId> {
        self.current = None;
        self.current = self.named_cve(at, name, aliases);
        self.current
    }

    fn named_cve<'v>(&mut self, at: &str, name: &str, aliases: impl Iterator<Item = &'v str>) -> Option<CveId> {
        if let Ok(cve) = name.parse() {
            return Some(cve);
        }
        let mut cves: Vec<CveId> = aliases.filter_map(|alias| alias.trim().parse().ok()).collect();
        cves.sort_unstable();
        cves.dedup();
        match cves[..] {
            [cve] => return Some(cve),
            [] => self.problem(at.to_owned(), format!("{:?} is no CVE id, and no alias is one", short(name))),
            _ => self
                .problem(at.to_owned(), format!("the aliases of {:?} are {} CVEs: it is not said which is meant", short(name), cves.len())),
        }
        None
    }

    /// Adds a statement, up to the limit; what is left out is a problem. A time before the year of the CVE stands for none.
    pub(super) fn state(&mut self, mut statement: Statement) {
        let year = i32::from(statement.cve.year());
        statement.time = statement.time.filter(|time| i32::from(Offset::UTC.to_datetime(*time).year()) >= year);
        match self.statements.len() {
            n if n < MOST_STATEMENTS => self.statements.push(statement),
            _ if self.is_cut => {}
            n => {
                self.is_cut = true;
                self.problems.push(Problem { at: statement.at, message: format!("only the first {n} statements are taken") });
            }
        }
    }

    /// Whether all was read that the document says of a CVE, and it is no draft: then it says no more of it.
    pub(super) fn has_read(&self, cve: CveId) -> bool {
        !self.is_draft && !self.is_cut && !self.is_unread && !self.unread.contains(&cve)
    }

    /// Forgets times that are later than now: nobody knows when that was said.
    pub fn forget_future(&mut self, now: Timestamp) {
        for statement in &mut self.statements {
            statement.time = statement.time.filter(|time| *time <= now);
        }
    }

    /// Adds a part that could not be read.
    pub(super) fn problem(&mut self, at: String, message: impl Into<String>) {
        match self.current {
            Some(cve) => self.unread.extend([cve]),
            None => self.is_unread = true,
        }
        self.remark(at, message);
    }

    /// Adds a part of which nothing follows, wherever it is.
    pub(super) fn remark(&mut self, at: String, message: impl Into<String>) {
        if self.problems.len() < MOST_PROBLEMS {
            self.problems.push(Problem { at, message: message.into() });
        }
    }

    pub(super) fn justification(&mut self, at: &str, value: &Value) -> Option<Justification> {
        let text = value.as_str()?;
        text.parse().map_err(|message: String| self.problem(at.to_owned(), short_message(&message))).ok()
    }
}

/// The start of a message; it may repeat what was parsed, which may be long.
fn short_message(message: &str) -> String {
    message.chars().take(400).collect()
}
