//! Foreign text in XML.

use std::borrow::Cow;
use std::fmt::{self, Display, Write};

/// Whether XML 1.0 forbids a character, also as a reference.
pub(super) fn is_forbidden(c: char) -> bool {
    matches!(c, '\0'..='\u{8}' | '\u{b}' | '\u{c}' | '\u{e}'..='\u{1f}' | '\u{fffe}' | '\u{ffff}')
}

/// The place in which foreign text is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// The content of an element. A carriage return is written as a reference, since a bare one is read as a line feed.
    Text,
    /// An attribute in double quotes. Tabs and line ends are written as references, since a reader makes spaces of them.
    Attribute,
    /// Prose in an element or an attribute. Tabs and line ends stay as they are, and carriage returns are left out. Characters that are
    /// neither ASCII nor a letter or digit of any script are written as references: a reader gets the same text, and a person who looks at
    /// the file is not misled by characters that change the direction of the text or cannot be seen.
    Prose,
}

/// Text that is written into XML. Characters that XML 1.0 forbids even as references (section 2.2) are left out.
///
/// ```
/// use seaworthy_host::xml::{Escaped, Place};
///
/// assert_eq!(Escaped("a<\"b\"\u{1}\r\n", Place::Attribute).to_string(), "a&lt;&quot;b&quot;&#13;&#10;");
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Escaped<'a>(pub &'a str, pub Place);

impl Display for Escaped<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(text, place) = *self;
        let mut from = 0;
        for (at, c) in text.char_indices() {
            let instead: Cow<'_, str> = match (c, place) {
                ('&', _) => "&amp;".into(),
                ('<', _) => "&lt;".into(),
                ('>', _) => "&gt;".into(),
                ('"', Place::Attribute | Place::Prose) => "&quot;".into(),
                ('\t', Place::Attribute) => "&#9;".into(),
                ('\n', Place::Attribute) => "&#10;".into(),
                ('\r', Place::Attribute | Place::Text) => "&#13;".into(),
                ('\t' | '\n', _) => continue,
                ('\r', Place::Prose) => "".into(),
                (c, _) if is_forbidden(c) => "".into(),
                ('\u{7f}'.., Place::Prose) if !c.is_alphanumeric() => format!("&#x{:X};", u32::from(c)).into(),
                _ => continue,
            };
            f.write_str(text.get(from..at).unwrap_or_default())?;
            f.write_str(&instead)?;
            from = at + c.len_utf8();
        }
        f.write_str(text.get(from..).unwrap_or_default())
    }
}

/// Appends prose to XML.
pub fn push(out: &mut String, text: &str) {
    // Writing into a string does not fail.
    let _ = write!(out, "{}", Escaped(text, Place::Prose));
}

/// Appends the element `<name>text</name>` and a line end.
pub fn element(out: &mut String, indent: &str, name: &str, text: &str) {
    let _ = writeln!(out, "{indent}<{name}>{}</{name}>", Escaped(text, Place::Prose));
}

/// Appends the attribute ` name="value"`.
pub fn attribute(out: &mut String, name: &str, value: &str) {
    let _ = write!(out, " {name}=\"{}\"", Escaped(value, Place::Prose));
}
