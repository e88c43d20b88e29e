//! The reader of XML, and what is packed: any bytes are read or refused, within the limits.

use seaworthy_host::archive::unpacked;
use seaworthy_host::xml::{Escaped, Place, Step, Xml};

pub fn run(data: &[u8]) {
    if let Ok(content) = unpacked(data, 1 << 20) {
        assert!(content.len() <= 1 << 20);
    }
    let Ok(text) = std::str::from_utf8(data) else { return };
    let mut xml = Xml::new(text);
    while let Ok(Some(step)) = xml.next() {
        if let Step::Open(start) = step {
            let _ = xml.attribute(&start, "a");
        }
        assert!(xml.at() <= text.len() && xml.line() <= text.len() + 1);
    }
    // Whatever the text, what is written of it is one element.
    let written = format!("<e a=\"{}\">{}</e>", Escaped(text, Place::Attribute), Escaped(text, Place::Text));
    let mut xml = Xml::new(&written);
    while let Some(step) = xml.next().unwrap_or_else(|e| panic!("{written:?}: {e}")) {
        if let Step::Close { name, text } = step {
            assert_eq!(name, "e");
            text.unwrap_or_else(|e| panic!("{written:?}: {e}"));
        }
    }
}
