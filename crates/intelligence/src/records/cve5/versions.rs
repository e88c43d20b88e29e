//! The versions of a product and their status, by the rules of the record format:
//! <https://github.com/CVEProject/cve-schema/blob/main/schema/docs/versions.md>.

use std::borrow::Cow;

use seaworthy_model::{Scheme, UpstreamVersion, is_of_distribution};
use serde::Deserialize;

use super::expression::{End, Reading, Span, branch_of, is_unnamed, read};
use crate::records::json::Word;
use crate::records::{AffectedRange, VERSION_BYTES};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Version<'a> {
    #[serde(borrow)]
    version: Cow<'a, str>,
    #[serde(borrow, default)]
    status: Cow<'a, str>,
    #[serde(borrow, default)]
    less_than: Option<Word<'a>>,
    #[serde(borrow, default)]
    less_than_or_equal: Option<Word<'a>>,
    #[serde(borrow, default)]
    version_type: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    changes: Option<Vec<Change<'a>>>,
}

/// A version inside of a range from which on the status is another one.
#[derive(Deserialize)]
struct Change<'a> {
    #[serde(borrow)]
    at: Word<'a>,
    #[serde(borrow, default)]
    status: Cow<'a, str>,
}

/// The status of versions.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Status {
    Affected,
    Unaffected,
    Unknown,
}

impl Status {
    /// The status of a word; that of one that the format does not have is unknown.
    fn of(word: &str) -> Self {
        match word {
            "affected" => Self::Affected,
            "unaffected" => Self::Unaffected,
            _ => Self::Unknown,
        }
    }
}

/// A span with its status.
struct Entry<'a> {
    span: Span<'a>,
    status: Status,
    git: bool,
}

/// The entries of a product.
#[derive(Default)]
pub(super) struct Entries<'a>(Vec<Entry<'a>>);

impl Entries<'_> {
    /// The ranges with a status of their own.
    pub(super) fn ranges(&self) -> Vec<AffectedRange<'_>> {
        let known = self.0.iter().filter(|entry| entry.status != Status::Unknown);
        known.map(|e| AffectedRange { versions: e.span.range(), affected: e.status == Status::Affected, git: e.git }).collect()
    }

    /// The ranges whose status is unknown.
    pub(super) fn unknown(&self) -> Vec<seaworthy_model::VersionRange<'_>> {
        self.0.iter().filter(|entry| entry.status == Status::Unknown).map(|entry| entry.span.range()).collect()
    }

    /// Leaves open whatever no entry decides.
    pub(super) fn leave_open(&mut self) {
        let entry = Entry { span: Span::ALL, status: Status::Unknown, git: false };
        if !self.0.iter().any(|known| known.status == entry.status && known.span == entry.span) {
            self.0.push(entry);
        }
    }
}

impl<'a> Entries<'a> {
    /// The entries of a product with this name. A text that is too long for a version is given to `refuse`; what is not read leaves open
    /// whatever no entry decides.
    pub(super) fn of(versions: &'a [Version<'_>], product: &str, refuse: &mut dyn FnMut(&str)) -> Self {
        let mut entries = Self(Vec::with_capacity(versions.len()));
        let mut open = false;
        for version in versions {
            if let Some(text) = version.too_long() {
                refuse(text);
                open = true;
                continue;
            }
            match version.spans(product) {
                Reading::Spans(spans) => entries.take(version, spans, Status::of(&version.status)),
                Reading::Unnamed => {}
                Reading::Unread => open = true,
            }
        }
        if open {
            entries.leave_open();
        }
        entries
    }

    fn take(&mut self, version: &'a Version<'_>, spans: Vec<Span<'a>>, status: Status) {
        let git = version.is_git();
        for span in spans {
            if git {
                // Commits have no order here.
                self.0.push(Entry { span, status, git });
            } else {
                self.cut(version, span, status);
            }
        }
    }

    /// The parts of a span between the changes of its status.
    fn cut(&mut self, version: &'a Version<'_>, span: Span<'a>, status: Status) {
        let mut changes: Vec<(&str, Status)> =
            version.changes.iter().flatten().map(|change| (&*change.at, Status::of(&change.status))).collect();
        changes.sort_by_cached_key(|&(at, _)| UpstreamVersion::new(at));
        let (mut rest, mut status) = (span, status);
        for (at, next) in changes {
            let place = UpstreamVersion::new(at);
            let begins = match &rest.start {
                End::Open => false,
                End::Including(start) | End::Excluding(start) => place <= UpstreamVersion::new(start),
            };
            if !begins {
                if !rest.range().contains(&place) {
                    break;
                }
                let start = std::mem::replace(&mut rest.start, End::Including(at.into()));
                self.0.push(Entry { span: Span { start, end: End::Excluding(at.into()) }, status, git: false });
            }
            status = next;
        }
        self.0.push(Entry { span: rest, status, git: false });
    }
}

impl Version<'_> {
    /// The first text that is too long for a version; `None` where there is none.
    fn too_long(&self) -> Option<&str> {
        let changes = self.changes.iter().flatten().map(|change| &*change.at);
        let texts = [Some(&*self.version), self.less_than.as_deref(), self.less_than_or_equal.as_deref()];
        texts.into_iter().flatten().chain(changes).find(|text| text.len() > VERSION_BYTES)
    }

    /// All texts in the place of a version.
    fn texts(&self) -> impl Iterator<Item = &str> {
        [Some(&*self.version), self.less_than.as_deref(), self.less_than_or_equal.as_deref()].into_iter().flatten()
    }

    /// Whether the bounds are commits. Some say so by their look alone.
    fn is_git(&self) -> bool {
        self.version_type.as_deref() == Some("git") || self.texts().any(is_commit)
    }

    /// Whether the versions are those of a distribution's builds, which say nothing of upstream's.
    fn is_of_distribution(&self) -> bool {
        let packaged = self
            .version_type
            .as_deref()
            .is_some_and(|kind| kind.eq_ignore_ascii_case("dpkg") || is_of_distribution(&kind.to_ascii_lowercase()));
        self.texts().any(|text| {
            let numbered = |sign: &str| text.split(sign).skip(1).any(|rest| rest.starts_with(|c: char| c.is_ascii_digit()));
            let epoch = text.split_once(':').is_some_and(|(e, v)| !e.is_empty() && !v.is_empty() && e.bytes().all(|b| b.is_ascii_digit()));
            let release = packaged && (epoch || numbered("-"));
            release || [".el", ".fc", ".amzn", ".azl", "+deb", "~deb", "ubuntu"].iter().any(|mark| numbered(mark))
        })
    }

    /// The spans of the entry, without regard to changes of the status.
    fn spans(&self, product: &str) -> Reading<'_> {
        if self.is_of_distribution() {
            return Reading::Unread;
        }
        let bound = |text: Option<&'_ str>| text.filter(|text| !is_unnamed(text) || text.eq_ignore_ascii_case("unspecified")).is_some();
        let (text, including) = match (self.less_than.as_deref(), self.less_than_or_equal.as_deref()) {
            (Some(text), _) if bound(Some(text)) => (text, false),
            (_, Some(text)) if bound(Some(text)) => (text, true),
            _ if self.changes.iter().flatten().next().is_some() => ("*", false),
            _ if matches!(&*self.version, "0") => {
                return Reading::Spans(vec![Span { start: End::Including("0".into()), end: End::Including("0".into()) }]);
            }
            _ => return read(&self.version, product),
        };
        let start = match read(&self.version, product) {
            _ if matches!(&*self.version, "0" | "0.0" | "0.0.0") => End::Open,
            Reading::Unnamed => End::Open,
            Reading::Spans(spans) => match <[Span<'_>; 1]>::try_from(spans) {
                Ok([span]) => span.start,
                Err(_) => return Reading::Unread,
            },
            Reading::Unread => return Reading::Unread,
        };
        if text.eq_ignore_ascii_case("unspecified") {
            // A beginning without an end; without both, no version is named.
            return if start == End::Open { Reading::Unread } else { Reading::Spans(vec![Span { start, end: End::Open }]) };
        }
        let end = match (branch_of(text), read(text, product)) {
            (Some(""), _) => End::Open,
            // A star stands for whatever comes: before it is the whole branch, as is up to it.
            (Some(branch), _) => End::Including(format!("{branch}.*").into()),
            (None, Reading::Spans(spans)) => match <[Span<'_>; 1]>::try_from(spans) {
                Ok([Span { end: End::Including(version), start }]) if start != End::Open && !including => End::Excluding(version),
                Ok([span]) => span.end,
                Err(_) => return Reading::Unread,
            },
            (None, _) => return Reading::Unread,
        };
        Reading::Spans(vec![Span { start, end }])
    }
}

/// Whether a text is the name of a commit: of its letters, or of a length that no number in a version has.
fn is_commit(text: &str) -> bool {
    Scheme::of(text) == Scheme::Commit || matches!(text.len(), 40 | 64) && text.bytes().all(|b| b.is_ascii_hexdigit())
}
