//! Reading foreign XML step by step, with the path of open elements, limits on depth and text, and the place of every fault; and writing
//! foreign text into XML.
//!
//! Entities of a document's own DTD are not expanded, since that is how small documents grow without end. A reference to one makes
//! the text or attribute that holds it unreadable, never shorter: [`Step::Close`] and [`Xml::attribute`] give an error there, and the
//! reader goes on behind it, so that a record pays for itself alone. The same holds for characters that XML 1.0 forbids (section 2.2),
//! for attributes that are there twice, and for a text with elements in between. A document in another encoding than UTF-8 is refused,
//! also where its bytes happen to be UTF-8: they would mean something else.

use std::borrow::Cow;
use std::fmt;
use std::ops::Range;

use quick_xml::XmlVersion;
use quick_xml::events::attributes::AttrError;
use quick_xml::events::{BytesStart, Event};
use quick_xml::reader::Reader;

mod write;

use write::is_forbidden;
pub use write::{Escaped, Place, attribute, element, push};

/// Deeper than any metadata that is read.
const MAX_DEPTH: usize = 64;
/// The longest text of one element, in bytes.
const MAX_TEXT: usize = 1 << 20;
/// The most elements and texts of one document.
const MAX_EVENTS: u64 = 200_000_000;

/// The error of a document or of a part of it, with its place.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("byte {at}: {message}")]
pub struct XmlError {
    /// The byte, counted from 0.
    pub at: usize,
    /// The line, counted from 1.
    pub line: usize,
    /// The fault.
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
        /// The text of the element itself, without literal blanks around it. An error where it holds an unknown entity or a character that
        /// XML forbids, and where elements stand in between.
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
#[derive(Default)]
struct Open {
    name: String,
    text: String,
    /// The part of the text from the first to the last character that was written as a reference: no blank of it is one of the layout.
    meant: Option<Range<usize>>,
    /// Whether it has elements inside.
    parent: bool,
    fault: Option<XmlError>,
}

impl Open {
    /// The text without the blanks of the layout.
    fn trimmed(&self) -> &str {
        let blank = |c: char| matches!(c, ' ' | '\t' | '\r' | '\n');
        let begin = self.text.len() - self.text.trim_start_matches(blank).len();
        let end = self.text.trim_end_matches(blank).len().max(begin);
        let (begin, end) = self.meant.as_ref().map_or((begin, end), |meant| (begin.min(meant.start), end.max(meant.end)));
        self.text.get(begin..end).unwrap_or_default()
    }
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
    /// Whether the document's one element has begun.
    begun: bool,
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
        Self { source: text, reader, open: Vec::new(), begun: false, close_next: false, steps: 0, counted: (0, 1) }
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

    /// The number of open elements.
    #[must_use]
    pub fn depth(&self) -> usize {
        self.open.len()
    }

    /// The value of an attribute, by its name with prefix; `None` where it is missing.
    ///
    /// # Errors
    /// When the attributes are no XML or one is there twice, or the value holds an unknown entity or a character that XML forbids.
    pub fn attribute(&mut self, start: &Start<'_>, name: &str) -> Result<Option<String>, XmlError> {
        let mut found = None;
        for attribute in start.0.attributes() {
            match attribute {
                Ok(attribute) if attribute.key.as_ref() == name => found = Some(attribute),
                Ok(_) => {}
                Err(e) => return Err(self.error(format!("an attribute of <{}> is no XML: {e}", start.name()))),
            }
        }
        let Some(found) = found else { return Ok(None) };
        match found.normalized_value(XmlVersion::Implicit1_0) {
            Ok(value) if value.contains(is_forbidden) => {
                Err(self.error(format!("the attribute {name} of <{}> holds a character that XML forbids", start.name())))
            }
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
                    Ok(Some(c)) => self.meant(c.encode_utf8(&mut [0; 4]))?,
                    Ok(None) => {
                        let name = reference.xml10_content();
                        match quick_xml::escape::resolve_predefined_entity(&name) {
                            Some(found) => self.meant(found)?,
                            None => self.fault(before, format!("the unknown entity &{};", shortened(&name))),
                        }
                    }
                    Err(e) => self.fault(before, e.to_string()),
                },
                Event::Eof if self.open.is_empty() => return Ok(None),
                Event::Eof => return Err(self.error("the document ends inside an element; it is cut short")),
                Event::Decl(declaration) => self.declared(declaration.encoding())?,
                Event::Comment(_) | Event::PI(_) | Event::DocType(_) => {}
            }
        }
    }

    /// Refuses a document whose bytes mean something else than UTF-8. US-ASCII is a part of it.
    fn declared(&mut self, encoding: Option<Result<Cow<'_, str>, AttrError>>) -> Result<(), XmlError> {
        match encoding {
            None => Ok(()),
            Some(Ok(name)) if ["utf-8", "utf8", "us-ascii", "ascii"].iter().any(|known| name.eq_ignore_ascii_case(known)) => Ok(()),
            Some(Ok(name)) => Err(self.error(format!("the encoding {:?}; only UTF-8 is read", shortened(&name)))),
            Some(Err(e)) => Err(self.error(format!("the declaration is no XML: {e}"))),
        }
    }

    fn push(&mut self, start: &BytesStart<'_>) -> Result<(), XmlError> {
        if self.open.len() >= MAX_DEPTH {
            return Err(self.error(format!("elements nested deeper than {MAX_DEPTH}; refused")));
        }
        match self.open.last_mut() {
            Some(parent) => parent.parent = true,
            None if std::mem::replace(&mut self.begun, true) => return Err(self.error("an element behind the end of the document")),
            None => {}
        }
        self.open.push(Open { name: start.local_name().into_inner().to_owned(), ..Open::default() });
        Ok(())
    }

    fn pop(&mut self) -> Option<Step<'a>> {
        let mut open = self.open.pop()?;
        let text = open.trimmed().to_owned();
        let text = match open.fault.take() {
            Some(fault) => Err(fault),
            None if open.parent && !text.is_empty() => Err(self.error("text with elements in between")),
            None => Ok(text),
        };
        Some(Step::Close { name: open.name, text })
    }

    fn text(&mut self, text: &str) -> Result<(), XmlError> {
        let Some(own) = self.open.last_mut() else {
            let only_layout = text.trim_matches([' ', '\t', '\r', '\n', '\u{feff}']).is_empty();
            return if only_layout { Ok(()) } else { Err(self.error("text outside of the document's element")) };
        };
        if own.text.len() + text.len() > MAX_TEXT {
            return Err(self.error(format!("a text longer than {MAX_TEXT} bytes; refused")));
        }
        own.text.push_str(text);
        if text.contains(is_forbidden) {
            let at = self.at();
            self.fault(at, "a character that XML forbids".to_owned());
        }
        Ok(())
    }

    /// Text that was written as a reference: a blank of it is meant.
    fn meant(&mut self, text: &str) -> Result<(), XmlError> {
        let from = self.open.last().map_or(0, |own| own.text.len());
        self.text(text)?;
        if let Some(own) = self.open.last_mut() {
            let begin = own.meant.take().map_or(from, |meant| meant.start);
            own.meant = Some(begin..own.text.len());
        }
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

/// The first fault of a record that is read in several steps.
#[derive(Debug, Default)]
pub struct Faults(Option<XmlError>);

impl Faults {
    /// The value, or an empty one for a fault, which is kept.
    pub fn keep<T: Default>(&mut self, read: Result<T, XmlError>) -> T {
        read.unwrap_or_else(|fault| {
            self.0.get_or_insert(fault);
            T::default()
        })
    }

    /// The first fault since the last call; `None` where there was none.
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
    fn what_is_not_as_it_seems_costs_its_element() {
        for (text, wanted) in [
            ("<e> a\n</e>", Ok("a")),
            ("<e>a&#10;</e>", Ok("a\n")),
            ("<e> &#32;a&#xA0; </e>", Ok(" a\u{a0}")),
            ("<e>a\u{a0}</e>", Ok("a\u{a0}")),
            ("<e>a<!-- b -->c<![CDATA[d]]></e>", Ok("acd")),
            ("<e>a&#1;</e>", Err("forbids")),
            ("<e>a\u{1}b</e>", Err("forbids")),
            ("<e>a&#xFFFE;</e>", Err("forbids")),
            ("<e>a<b/>c</e>", Err("in between")),
            ("<e>a<b>x</b></e>", Err("in between")),
            ("<e a=\"1&#27;\"/>", Err("forbids")),
            ("<e a=\"1\" a=\"2\"/>", Err("duplicated")),
            ("<e b=\"1\" a=\"2\" b=\"1\"/>", Err("duplicated")),
        ] {
            let found = read(&format!("<l>{text}</l>")).unwrap();
            match (&found[0], wanted) {
                (Ok(found), Ok(wanted)) => assert_eq!(found, wanted, "{text}"),
                (Err(e), Err(wanted)) => assert!(e.message.contains(wanted), "{text}: {e}"),
                (found, wanted) => panic!("{text}: {found:?}, and not {wanted:?}"),
            }
        }
    }

    #[test]
    fn documents_of_another_form_are_refused() {
        for (text, wanted) in [
            ("<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?>\n<l/>", "encoding"),
            ("<?xml version=\"1.0\" encoding=\"UTF-16\"?><l/>", "encoding"),
            ("<l/><l/>", "behind the end"),
            ("<l/>x", "outside"),
            ("x<l/>", "outside"),
        ] {
            let error = read(text).unwrap_err();
            assert!(error.message.contains(wanted), "{text}: {error}");
        }
        for text in ["\u{feff}<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<l/>\n", "<?xml version='1.0' encoding='US-ASCII'?><l/>"] {
            assert!(read(text).is_ok(), "{text}");
        }
    }

    #[test]
    fn prose_misleads_nobody_who_looks_at_it() {
        let written = Escaped("\u{e9}\u{5d0} \u{202e}\u{200b}\u{9b}\u{7f}\u{feff}", Place::Prose).to_string();
        assert_eq!(written, "\u{e9}\u{5d0} &#x202E;&#x200B;&#x9B;&#x7F;&#xFEFF;");
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
        /// A reader gets any text back, without the characters that XML cannot hold.
        #[test]
        fn text_survives(text in any::<String>()) {
            let allowed = |c: &char| matches!(c, '\t' | '\n' | '\r' | ' '..) && !matches!(c, '\u{fffe}' | '\u{ffff}');
            let kept: String = text.chars().filter(allowed).collect();
            // The reader takes NEL and the line separator for line ends, as XML 1.1 does.
            let plain = |s: &str| s.replace(['\u{85}', '\u{2028}'], "\n").trim_matches([' ', '\t', '\r', '\n']).to_owned();
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
