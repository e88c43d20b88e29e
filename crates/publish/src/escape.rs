//! Foreign text inside XML.

/// Appends `text` as the content of an element or of an attribute in double quotes. Characters that XML 1.0 forbids even as
/// references (section 2.2) are left out, line ends and tabs become spaces in what a reader sees of an attribute anyway.
pub(crate) fn push(out: &mut String, text: &str) {
    let mut from = 0;
    for (at, c) in text.char_indices() {
        let instead = match c {
            '&' => "&amp;",
            '<' => "&lt;",
            '>' => "&gt;",
            '"' => "&quot;",
            '\t' | '\n' => continue,
            // A bare carriage return would come back as a line feed.
            '\r' => "",
            '\u{0}'..='\u{1f}' | '\u{fffe}' | '\u{ffff}' => "",
            _ => continue,
        };
        out.push_str(&text[from..at]);
        out.push_str(instead);
        from = at + c.len_utf8();
    }
    out.push_str(&text[from..]);
}

/// Appends `<name>text</name>` and a line end.
pub(crate) fn element(out: &mut String, indent: &str, name: &str, text: &str) {
    out.push_str(indent);
    out.push('<');
    out.push_str(name);
    out.push('>');
    push(out, text);
    out.push_str("</");
    out.push_str(name);
    out.push_str(">\n");
}

/// Appends ` name="value"`.
pub(crate) fn attribute(out: &mut String, name: &str, value: &str) {
    out.push(' ');
    out.push_str(name);
    out.push_str("=\"");
    push(out, value);
    out.push('"');
}

/// At most `most` characters of a text; what was cut is marked.
pub(crate) fn cut(text: &str, most: usize) -> std::borrow::Cow<'_, str> {
    match text.char_indices().nth(most) {
        None => text.into(),
        Some((at, _)) => format!("{} […]", &text[..at]).into(),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use quick_xml::events::Event;

    proptest! {
        /// Whatever the text, a reader gets it back, less what XML cannot carry.
        #[test]
        fn text_survives(text in any::<String>()) {
            let mut out = String::new();
            super::element(&mut out, "", "e", &text);
            let mut reader = quick_xml::Reader::from_str(&out);
            let mut found = String::new();
            loop {
                match reader.read_event().unwrap() {
                    Event::Text(t) => found.push_str(&t.xml10_content()),
                    Event::GeneralRef(r) => found.push_str(quick_xml::escape::resolve_predefined_entity(&r.xml10_content()).unwrap()),
                    Event::Eof => break,
                    _ => {}
                }
            }
            let kept: String = text.chars().filter(|c| matches!(c, '\t' | '\n' | ' '..) && !matches!(c, '\u{fffe}' | '\u{ffff}')).collect();
            // The reader takes NEL and the line separator for line ends, as XML 1.1 does.
            let plain = |s: &str| s.replace(['\u{85}', '\u{2028}'], "\n");
            prop_assert_eq!(plain(found.trim_end_matches('\n')), plain(kept.trim_end_matches('\n')));
        }
    }
}
