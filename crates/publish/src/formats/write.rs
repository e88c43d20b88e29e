//! A writer of JSON straight into bytes, with the keys in the order of the calls and no space between. Trees of values would cost more than
//! all other work on a document.

use std::borrow::Cow;
use std::fmt::Display;
use std::io::Write;

use seaworthy_model::text::{json_safe, masked};

/// The size at which texts are cut, in bytes.
const MOST_TEXT: usize = 64 << 10;

/// Whether a text is plain ASCII in which nothing has to be looked for.
fn is_ascii(text: &str) -> bool {
    text.bytes().all(|b| (0x20..0x7f).contains(&b) || b == b'\n' || b == b'\t')
}

/// A text as it may be published: without control characters (but line feeds and tabs), what is no character, and the secrets of addresses
/// that the log of an earlier version has kept; and cut.
pub(super) fn plain(text: &str) -> Cow<'_, str> {
    match masked(text) {
        Cow::Borrowed(text) => cleaned(text),
        Cow::Owned(text) => cleaned(&text).into_owned().into(),
    }
}

fn cleaned(text: &str) -> Cow<'_, str> {
    if text.len() <= MOST_TEXT && is_ascii(text) {
        return Cow::Borrowed(text);
    }
    let mut end = text.len().min(MOST_TEXT);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    let bad = |c: char| (c.is_control() && !matches!(c, '\n' | '\t')) || matches!(c, '\u{fffe}' | '\u{ffff}');
    let kept = text.get(..end).unwrap_or_default();
    if !kept.contains(bad) {
        return Cow::Borrowed(kept);
    }
    Cow::Owned(kept.chars().filter(|c| !bad(*c)).collect())
}

/// A whole document: an object and a line feed.
pub(super) fn document(fill: impl FnOnce(&mut Object<'_>)) -> Vec<u8> {
    let mut out = Vec::with_capacity(4096);
    Object::within(&mut out, fill);
    out.push(b'\n');
    out
}

/// A text in quotes. What deceives whoever looks at the document stands as an escape, with the same value.
fn string(out: &mut Vec<u8>, text: &str) {
    let text = plain(text);
    // Neither a text nor a Vec can fail here.
    if is_ascii(&text) {
        let _ = serde_json::to_writer(out, &*text);
    } else {
        let json = serde_json::to_string(&*text).unwrap_or_default();
        out.extend_from_slice(json_safe(&json).as_bytes());
    }
}

/// An object that is being written.
pub(super) struct Object<'o> {
    out: &'o mut Vec<u8>,
    first: bool,
}

impl Object<'_> {
    fn within(out: &mut Vec<u8>, fill: impl FnOnce(&mut Object<'_>)) {
        out.push(b'{');
        fill(&mut Object { out: &mut *out, first: true });
        out.push(b'}');
    }

    fn key(&mut self, key: &str) -> &mut Vec<u8> {
        if !std::mem::take(&mut self.first) {
            self.out.push(b',');
        }
        // Keys are our own words, which need no escape.
        self.out.push(b'"');
        self.out.extend_from_slice(key.as_bytes());
        self.out.extend_from_slice(b"\":");
        self.out
    }

    /// Writes a text.
    pub(super) fn text(&mut self, key: &str, value: &str) -> &mut Self {
        string(self.key(key), value);
        self
    }

    /// Writes a text, unless it is empty.
    pub(super) fn some_text(&mut self, key: &str, value: &str) -> &mut Self {
        if value.is_empty() { self } else { self.text(key, value) }
    }

    /// Writes a value that needs no escape as a text, such as a time or an id.
    pub(super) fn shown(&mut self, key: &str, value: impl Display) -> &mut Self {
        let out = self.key(key);
        let _ = write!(out, "\"{value}\"");
        self
    }

    /// Writes a number, a truth value or null.
    pub(super) fn bare(&mut self, key: &str, value: impl Display) -> &mut Self {
        let out = self.key(key);
        let _ = write!(out, "{value}");
        self
    }

    /// Writes an object.
    pub(super) fn object(&mut self, key: &str, fill: impl FnOnce(&mut Object<'_>)) -> &mut Self {
        Object::within(self.key(key), fill);
        self
    }

    /// Writes a list.
    pub(super) fn list(&mut self, key: &str, fill: impl FnOnce(&mut List<'_>)) -> &mut Self {
        List::within(self.key(key), fill);
        self
    }

    /// Writes a list of texts.
    pub(super) fn texts(&mut self, key: &str, values: impl IntoIterator<Item = impl AsRef<str>>) -> &mut Self {
        self.list(key, |list| values.into_iter().for_each(|value| list.text(value.as_ref())))
    }
}

/// A list that is being written.
pub(super) struct List<'o> {
    out: &'o mut Vec<u8>,
    first: bool,
}

impl List<'_> {
    fn within(out: &mut Vec<u8>, fill: impl FnOnce(&mut List<'_>)) {
        out.push(b'[');
        fill(&mut List { out: &mut *out, first: true });
        out.push(b']');
    }

    fn item(&mut self) -> &mut Vec<u8> {
        if !std::mem::take(&mut self.first) {
            self.out.push(b',');
        }
        self.out
    }

    /// Adds a text.
    pub(super) fn text(&mut self, value: &str) {
        string(self.item(), value);
    }

    /// Adds a number.
    pub(super) fn bare(&mut self, value: impl Display) {
        let out = self.item();
        let _ = write!(out, "{value}");
    }

    /// Adds an object.
    pub(super) fn object(&mut self, fill: impl FnOnce(&mut Object<'_>)) {
        Object::within(self.item(), fill);
    }
}
