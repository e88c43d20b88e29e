//! Reading and writing XML of strangers: one step at a time with the path of open elements, limits on depth and text, and the
//! place of everything that is wrong.
//!
//! Entities of a document's own DTD are not expanded, since that is how small documents grow without end. A reference to one makes
//! the text or attribute that holds it unreadable, never shorter: [`Step::Close`] and [`Xml::attribute`] give an error there, and the
//! reader goes on behind it, so that a record pays for itself alone.

use std::borrow::Cow;
use std::fmt::{self, Display, Write};

use quick_xml::XmlVersion;
use quick_xml::events::{BytesStart, Event};
use quick_xml::reader::Reader;

/// Deeper than any metadata that is read.
const MAX_DEPTH: usize = 64;
/// The longest text of one element, in bytes.
const MAX_TEXT: usize = 1 << 20;
/// The most elements and texts of one document.
const MAX_EVENTS: u64 = 200_000_000;

/// What is wrong with a document or a part of it, and where.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("byte {at}: {message}")]
pub struct XmlError {
    /// The byte, counted from 0.
    pub at: usize,
    /// The line, counted from 1.
    pub line: usize,
    /// What is wrong.
    pub message: String,
}

/// A step of a document.
#[derive(Debug)]
pub enum Step<'a> {
    /// An element opens; an empty one closes at the next step.
    Open(Start<'a>),
    /// An element closed.
    Close {
        /// The local name, without a prefix.
        name: String,
        /// Its own text, trimmed, without the text of elements inside it; an error where it holds an unknown entity.
        text: Result<String, XmlError>,
    },
}

/// An element that opens, with its attributes.
#[derive(Debug)]
pub struct Start<'a>(BytesStart<'a>);

impl Start<'_> {
    /// The local name, without a prefix.
    #[must_use]
    pub fn name(&self) -> &str {
        self.0.local_name().into_inner()
    }
}

/// An open element.
struct Open {
    name: String,
    text: String,
    fault: Option<XmlError>,
}

/// A document under way.
///
/// ```
/// use seaworthy_host::xml::{Step, Xml};
///
/// let mut xml = Xml::new("<list><name>a&amp;b</name><name>n&x;</name></list>");
/// let mut names = Vec::new();
/// while let Some(step) = xml.next()? {
///     match step {
///         Step::Close { name, text } if name == "name" => names.push(text.ok()),
///         _ => {}
///     }
/// }
/// assert_eq!(names, [Some("a&b".to_owned()), None]);
/// # Ok::<(), seaworthy_host::xml::XmlError>(())
/// ```
pub struct Xml<'a> {
    source: &'a str,
    reader: Reader<&'a [u8]>,
    open: Vec<Open>,
    close_next: bool,
    steps: u64,
    /// A byte and its line: lines are counted on from there.
    counted: (usize, usize),
}

impl<'a> Xml<'a> {
    /// A document of which nothing was read yet.
    #[must_use]
    pub fn new(text: &'a str) -> Self {
        let mut reader = Reader::from_str(text);
        reader.config_mut().check_end_names = true;
        Self { source: text, reader, open: Vec::new(), close_next: false, steps: 0, counted: (0, 1) }
    }

    /// The byte after the last step.
    #[must_use]
    pub fn at(&self) -> usize {
        usize::try_from(self.reader.buffer_position()).unwrap_or(usize::MAX)
    }

    /// The line of the last step, counted from 1.
    pub fn line(&mut self) -> usize {
        self.line_of(self.at())
    }

    /// Whether the open elements, outermost first, end in `names`.
    #[must_use]
    pub fn inside(&self, names: &[&str]) -> bool {
        self.open.len() >= names.len() && self.open.iter().rev().zip(names.iter().rev()).all(|(a, b)| a.name == *b)
    }

    /// How many elements are open.
    #[must_use]
    pub fn depth(&self) -> usize {
        self.open.len()
    }

    /// The value of an attribute, by its name with prefix; `None` where it is missing.
    ///
    /// # Errors
    /// When the attributes are no XML, or the value holds an unknown entity.
    pub fn attribute(&mut self, start: &Start<'_>, name: &str) -> Result<Option<String>, XmlError> {
        let found = match start.0.try_get_attribute(name) {
            Ok(None) => return Ok(None),
            Ok(Some(found)) => found,
            Err(e) => return Err(self.error(format!("an attribute of <{}> is no XML: {e}", start.name()))),
        };
        match found.normalized_value(XmlVersion::Implicit1_0) {
            Ok(value) => Ok(Some(value.into_owned())),
            Err(e) => Err(self.error(format!("the attribute {name} of <{}>: {e}", start.name()))),
        }
    }

    /// The next step; `None` at the end of a complete document.
    ///
    /// # Errors
    /// When the document is not well-formed, or beyond the limits on depth, text and number of elements. Nothing behind it can be read.
    #[expect(clippy::should_implement_trait, reason = "a step that fails ends the reading, which an iterator does not say")]
    pub fn next(&mut self) -> Result<Option<Step<'a>>, XmlError> {
        if std::mem::take(&mut self.close_next) {
            return Ok(self.pop());
        }
        loop {
            self.steps += 1;
            if self.steps > MAX_EVENTS {
                return Err(self.error("more elements than the limit; refused"));
            }
            let before = self.at();
            let event = match self.reader.read_event() {
                Ok(event) => event,
                Err(e) => {
                    let at = usize::try_from(self.reader.error_position()).unwrap_or(0);
                    return Err(XmlError { at, line: self.line_of(at), message: e.to_string() });
                }
            };
            match event {
                Event::Start(start) => {
                    self.push(&start)?;
                    return Ok(Some(Step::Open(Start(start))));
                }
                Event::Empty(start) => {
                    self.push(&start)?;
                    self.close_next = true;
                    return Ok(Some(Step::Open(Start(start))));
                }
                Event::End(_) => return Ok(self.pop()),
                Event::Text(text) => self.text(&text.xml10_content())?,
                Event::CData(text) => self.text(&text.xml10_content())?,
                Event::GeneralRef(reference) => match reference.resolve_char_ref() {
                    Ok(Some(c)) => self.text(c.encode_utf8(&mut [0; 4]))?,
                    Ok(None) => {
                        let name = reference.xml10_content();
                        match quick_xml::escape::resolve_predefined_entity(&name) {
                            Some(found) => self.text(found)?,
                            None => self.fault(before, format!("the unknown entity &{};", shortened(&name))),
                        }
                    }
                    Err(e) => self.fault(before, e.to_string()),
                },
                Event::Eof if self.open.is_empty() => return Ok(None),
                Event::Eof => return Err(self.error("the document ends inside an element; it is cut short")),
                Event::Comment(_) | Event::Decl(_) | Event::PI(_) | Event::DocType(_) => {}
            }
        }
    }

    fn push(&mut self, start: &BytesStart<'_>) -> Result<(), XmlError> {
        if self.open.len() >= MAX_DEPTH {
            return Err(self.error(format!("elements nested deeper than {MAX_DEPTH}; refused")));
        }
        self.open.push(Open { name: start.local_name().into_inner().to_owned(), text: String::new(), fault: None });
        Ok(())
    }

    fn pop(&mut self) -> Option<Step<'a>> {
        self.open.pop().map(|Open { name, text, fault }| Step::Close {
            name,
            text: match fault {
                None => Ok(text.trim().to_owned()),
                Some(fault) => Err(fault),
            },
        })
    }

    fn text(&mut self, text: &str) -> Result<(), XmlError> {
        let Some(own) = self.open.last_mut() else { return Ok(()) };
        if own.text.len() + text.len() > MAX_TEXT {
            return Err(self.error(format!("a text longer than {MAX_TEXT} bytes; refused")));
        }
        own.text.push_str(text);
        Ok(())
    }

    /// Makes the text of the innermost element unreadable.
    fn fault(&mut self, at: usize, message: String) {
        let line = self.line_of(at);
        if let Some(own) = self.open.last_mut() {
            own.fault.get_or_insert(XmlError { at, line, message });
        }
    }

    fn error(&mut self, message: impl Into<String>) -> XmlError {
        let at = self.at();
        XmlError { at, line: self.line_of(at), message: message.into() }
    }

    /// The line of a byte. Places are asked for in order, so that a document full of faults is still counted once.
    fn line_of(&mut self, at: usize) -> usize {
        let (from, line) = if at >= self.counted.0 { self.counted } else { (0, 1) };
        let between = self.source.as_bytes().get(from..at.min(self.source.len())).unwrap_or_default();
        self.counted = (at.min(self.source.len()).max(from), line + between.iter().filter(|b| **b == b'\n').count());
        self.counted.1
    }
}

impl fmt::Debug for Xml<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Xml").field("at", &self.at()).field("depth", &self.depth()).finish_non_exhaustive()
    }
}

/// The first thing that is wrong with a record that is read in several steps.
#[derive(Debug, Default)]
pub struct Faults(Option<XmlError>);

impl Faults {
    /// The value, or nothing of it where it is wrong; that is remembered.
    pub fn keep<T: Default>(&mut self, read: Result<T, XmlError>) -> T {
        read.unwrap_or_else(|fault| {
            self.0.get_or_insert(fault);
            T::default()
        })
    }

    /// What was wrong first since the last call.
    pub fn take(&mut self) -> Option<XmlError> {
        self.0.take()
    }
}

fn shortened(name: &str) -> Cow<'_, str> {
    match name.char_indices().nth(40) {
        None => name.into(),
        Some((at, _)) => format!("{}…", name.get(..at).unwrap_or_default()).into(),
    }
}

/// Where foreign text is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// In an element. A carriage return is written as a reference, since a bare one comes back as a line feed.
    Text,
    /// In an attribute in double quotes. Tabs and line ends are written as references, since a reader makes spaces of them.
    Attribute,
    /// In either, for prose: tabs and line ends stay as they are, and carriage returns are left out.
    Prose,
}

/// Text as it stands in XML. Characters that XML 1.0 forbids even as references (section 2.2) are left out.
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
        let bytes = text.as_bytes();
        let mut from = 0;
        for (at, byte) in bytes.iter().enumerate() {
            let (length, instead) = match (byte, place) {
                (b'&', _) => (1, "&amp;"),
                (b'<', _) => (1, "&lt;"),
                (b'>', _) => (1, "&gt;"),
                (b'"', Place::Attribute | Place::Prose) => (1, "&quot;"),
                (b'\t', Place::Attribute) => (1, "&#9;"),
                (b'\n', Place::Attribute) => (1, "&#10;"),
                (b'\r', Place::Attribute | Place::Text) => (1, "&#13;"),
                (b'\t' | b'\n', _) => continue,
                (0..0x20, _) => (1, ""),
                // U+FFFE and U+FFFF.
                (0xef, _) if matches!(bytes.get(at + 1..at + 3), Some([0xbf, 0xbe | 0xbf])) => (3, ""),
                _ => continue,
            };
            f.write_str(text.get(from..at).unwrap_or_default())?;
            f.write_str(instead)?;
            from = at + length;
        }
        f.write_str(text.get(from..).unwrap_or_default())
    }
}

/// Appends prose.
pub fn push(out: &mut String, text: &str) {
    // Writing into a string does not fail.
    let _ = write!(out, "{}", Escaped(text, Place::Prose));
}

/// Appends `<name>text</name>` and a line end.
pub fn element(out: &mut String, indent: &str, name: &str, text: &str) {
    let _ = writeln!(out, "{indent}<{name}>{}</{name}>", Escaped(text, Place::Prose));
}

/// Appends ` name="value"`.
pub fn attribute(out: &mut String, name: &str, value: &str) {
    let _ = write!(out, " {name}=\"{}\"", Escaped(value, Place::Prose));
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The texts of `<e>` and the attributes `a` of it, in order.
    fn read(text: &str) -> Result<Vec<Result<String, XmlError>>, XmlError> {
        let mut xml = Xml::new(text);
        let mut out = Vec::new();
        while let Some(step) = xml.next()? {
            match step {
                Step::Open(start) if start.name() == "e" => out.extend(xml.attribute(&start, "a").transpose()),
                Step::Close { name, text } if name == "e" => out.push(text),
                _ => {}
            }
        }
        Ok(out)
    }

    #[test]
    fn an_unknown_entity_costs_its_element_and_says_where() {
        let text = "<!DOCTYPE l [<!ENTITY x \"y\">]>\n<l>\n<e>a</e>\n<e>n&x;</e>\n<e>&#0;</e><e a=\"&y;\"/>\n<e>&lt;b&#x41;</e></l>";
        let found = read(text).unwrap();
        let shown: Vec<String> =
            found.iter().map(|r| r.as_ref().map_or_else(|e| format!("line {}: {}", e.line, e.message), Clone::clone)).collect();
        assert_eq!(shown[0], "a");
        assert!(shown[1].starts_with("line 4: ") && shown[1].contains("&x;"), "{shown:?}");
        assert!(shown[2].starts_with("line 5: "), "{shown:?}");
        assert!(shown[3].starts_with("line 5: ") && shown[3].contains("attribute a of <e>"), "{shown:?}");
        assert_eq!(&shown[4..], ["", "<bA"]);
    }

    #[test]
    fn documents_beyond_the_limits_are_refused() {
        assert!(read(&"<e>".repeat(MAX_DEPTH + 1)).unwrap_err().message.contains("deeper"));
        assert!(read(&format!("<e>{}</e>", "x".repeat(MAX_TEXT + 1))).unwrap_err().message.contains("longer"));
        assert!(read("<e>").unwrap_err().message.contains("cut short"));
        let error = read("<l>\n</m>").unwrap_err();
        assert_eq!(error.line, 2, "{error}");
    }

    #[test]
    fn a_document_full_of_faults_is_counted_once() {
        let text = format!("<l>{}</l>", "<e>&x;</e>\n".repeat(200_000));
        let found = read(&text).unwrap();
        assert_eq!(found.last().unwrap().as_ref().unwrap_err().line, 200_000);
    }

    proptest! {
        /// Whatever the text, a reader gets it back, less what XML cannot carry.
        #[test]
        fn text_survives(text in any::<String>()) {
            let allowed = |c: &char| matches!(c, '\t' | '\n' | '\r' | ' '..) && !matches!(c, '\u{fffe}' | '\u{ffff}');
            let kept: String = text.chars().filter(allowed).collect();
            // The reader takes NEL and the line separator for line ends, as XML 1.1 does.
            let plain = |s: &str| s.replace(['\u{85}', '\u{2028}'], "\n").trim().to_owned();
            let document = format!("<e a=\"{}\">{}</e>", Escaped(&text, Place::Attribute), Escaped(&text, Place::Text));
            let found = read(&document).unwrap();
            prop_assert_eq!(plain(found[1].as_ref().unwrap()), plain(&kept));
            let spaces = |s: &str| s.replace(['\u{85}', '\u{2028}', '\n', '\t', '\r'], " ");
            prop_assert_eq!(spaces(found[0].as_ref().unwrap()), spaces(&kept));
            let mut prose = String::new();
            element(&mut prose, "", "e", &text);
            prop_assert_eq!(plain(read(&prose).unwrap()[0].as_ref().unwrap()), plain(&kept.replace('\r', "")));
        }

        #[test]
        fn no_document_makes_it_panic(text in "[<>/&;!?a-c=\"'\\[\\]# \n-]{0,80}") {
            let _ = read(&text);
        }
    }
}
