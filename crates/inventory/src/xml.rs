//! A thin layer over the XML reader: one event at a time with the path of open elements, and limits on depth and text.

use quick_xml::events::{BytesStart, Event};
use quick_xml::reader::Reader;

/// Deeper than any metadata that is read here.
const MAX_DEPTH: usize = 32;
/// The longest text of one element that is kept.
const MAX_TEXT: usize = 1 << 20;
/// The most elements and texts of one document.
const MAX_EVENTS: u64 = 200_000_000;

/// A step of a document.
pub(crate) enum Step<'a> {
    /// An element opens; an empty one closes at the next step.
    Open(BytesStart<'a>),
    /// An element closed; its own text, trimmed, without the text of elements inside it.
    Close {
        /// The local name, without a prefix.
        name: String,
        /// The text.
        text: String,
    },
}

/// A document under way.
pub(crate) struct Xml<'a> {
    reader: Reader<&'a [u8]>,
    open: Vec<(String, String)>,
    close_next: bool,
    steps: u64,
}

/// What is wrong, and at which byte.
pub(crate) struct XmlError {
    pub(crate) at: usize,
    pub(crate) message: String,
}

impl<'a> Xml<'a> {
    pub(crate) fn new(text: &'a str) -> Self {
        let mut reader = Reader::from_str(text);
        reader.config_mut().check_end_names = true;
        Self { reader, open: Vec::new(), close_next: false, steps: 0 }
    }

    /// The byte after the last step.
    pub(crate) fn at(&self) -> usize {
        usize::try_from(self.reader.buffer_position()).unwrap_or(usize::MAX)
    }

    /// Whether the open elements, outermost first, end in `names`.
    pub(crate) fn inside(&self, names: &[&str]) -> bool {
        self.open.len() >= names.len() && self.open.iter().rev().zip(names.iter().rev()).all(|(a, b)| a.0 == *b)
    }

    /// How many elements are open.
    pub(crate) fn depth(&self) -> usize {
        self.open.len()
    }

    fn fail<T>(&self, message: impl Into<String>) -> Result<T, XmlError> {
        Err(XmlError { at: self.at(), message: message.into() })
    }

    /// The next step; `None` at the end of a complete document.
    pub(crate) fn next(&mut self) -> Result<Option<Step<'a>>, XmlError> {
        if std::mem::take(&mut self.close_next) {
            return Ok(self.pop());
        }
        loop {
            self.steps += 1;
            if self.steps > MAX_EVENTS {
                return self.fail("more elements than the limit; refused");
            }
            let event = match self.reader.read_event() {
                Ok(event) => event,
                Err(e) => return Err(XmlError { at: usize::try_from(self.reader.error_position()).unwrap_or(0), message: e.to_string() }),
            };
            match event {
                Event::Start(start) => {
                    self.push(&start)?;
                    return Ok(Some(Step::Open(start)));
                }
                Event::Empty(start) => {
                    self.push(&start)?;
                    self.close_next = true;
                    return Ok(Some(Step::Open(start)));
                }
                Event::End(_) => return Ok(self.pop()),
                Event::Text(text) => self.text(&text.xml10_content())?,
                Event::CData(text) => self.text(&text.xml10_content())?,
                Event::GeneralRef(reference) => {
                    let found = match reference.resolve_char_ref() {
                        Ok(Some(c)) => c.to_string(),
                        // Entities of a DTD are not expanded: that is how small documents grow without end.
                        Ok(None) => quick_xml::escape::resolve_predefined_entity(&reference.xml10_content()).unwrap_or_default().to_owned(),
                        Err(e) => return self.fail(e.to_string()),
                    };
                    self.text(&found)?;
                }
                Event::Eof if self.open.is_empty() => return Ok(None),
                Event::Eof => return self.fail("the document ends inside an element; it is cut short"),
                Event::Comment(_) | Event::Decl(_) | Event::PI(_) | Event::DocType(_) => {}
            }
        }
    }

    fn push(&mut self, start: &BytesStart<'_>) -> Result<(), XmlError> {
        if self.open.len() >= MAX_DEPTH {
            return self.fail(format!("elements nested deeper than {MAX_DEPTH}; refused"));
        }
        self.open.push((start.local_name().into_inner().to_owned(), String::new()));
        Ok(())
    }

    fn pop(&mut self) -> Option<Step<'a>> {
        self.open.pop().map(|(name, text)| Step::Close { name, text: text.trim().to_owned() })
    }

    fn text(&mut self, text: &str) -> Result<(), XmlError> {
        let Some((_, own)) = self.open.last_mut() else { return Ok(()) };
        if own.len() + text.len() > MAX_TEXT {
            return self.fail(format!("a text longer than {MAX_TEXT} bytes; refused"));
        }
        own.push_str(text);
        Ok(())
    }
}

/// The value of an attribute, by its name with prefix; `None` where it is missing or broken.
pub(crate) fn attribute(start: &BytesStart<'_>, name: &str) -> Option<String> {
    let value = start.try_get_attribute(name).ok().flatten()?;
    value.normalized_value(quick_xml::XmlVersion::Implicit1_0).ok().map(std::borrow::Cow::into_owned)
}
