//! Foreign text that is shown, kept or published: without what moves a cursor, turns the order of reading, cannot be seen, or is secret.

use std::borrow::Cow;
use std::fmt::Write as _;
use std::ops::Range;

use percent_encoding::percent_decode_str;

use crate::CveId;

/// The marks in the place of a secret.
const MASK: &str = "***";
/// The mark behind a text of which the end was left out.
const CUT: &str = " […]";
/// The greatest length of a word at which a text is not cut, in bytes.
const LONGEST_WORD: usize = 200;
/// Parts of names of parameters whose values are secret.
const SECRET_PARTS: [&str; 9] = ["token", "key", "sig", "pass", "pwd", "secret", "auth", "cred", "session"];
/// Whole names of such parameters.
const SECRET_NAMES: [&str; 4] = ["code", "jwt", "sas", "bearer"];

/// Whether a character changes how the text around it is shown, or cannot be seen: control characters, the marks of the direction of
/// writing, separators of lines and paragraphs, everything that Unicode calls `Default_Ignorable_Code_Point` (zero-width characters,
/// fillers, variation selectors, tags), annotations, and what is no character.
#[must_use]
pub fn deceives(c: char) -> bool {
    if c < '\u{7f}' {
        return c < ' ';
    }
    c.is_control()
        || matches!(c,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}'
            | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}'
            | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}' | '\u{fffe}' | '\u{ffff}' | '\u{1bca0}'..='\u{1bca3}'
            | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}')
}

fn replaced(text: &str, kept: impl Fn(char) -> bool) -> Cow<'_, str> {
    let bad = |c: char| deceives(c) && !kept(c);
    if !text.contains(bad) {
        return text.into();
    }
    let mut out = String::with_capacity(text.len() + 8);
    for c in text.chars() {
        match c {
            c if !bad(c) => out.push(c),
            // The pictures of control characters stand in their order.
            '\0'..='\u{1f}' => out.push(char::from_u32(0x2400 + u32::from(c)).unwrap_or(char::REPLACEMENT_CHARACTER)),
            '\u{7f}' => out.push('\u{2421}'),
            c => {
                // Writing into a string does not fail.
                let _ = write!(out, "[U+{:04X}]", u32::from(c));
            }
        }
    }
    out.into()
}

/// A foreign name or value as one line for people: control characters are replaced by their pictures (`␛`), and characters that turn the
/// direction of writing or are invisible by their numbers (`[U+202E]`).
///
/// ```
/// use seaworthy_model::text::shown;
///
/// assert_eq!(shown("curl\u{1b}[31m\n"), "curl␛[31m␊");
/// assert_eq!(shown("moc\u{202e}.txt"), "moc[U+202E].txt");
/// ```
#[must_use]
pub fn shown(text: &str) -> Cow<'_, str> {
    replaced(text, |_| false)
}

/// A text of several lines for people: as [`shown`], but line feeds and tabs stay.
///
/// ```
/// assert_eq!(seaworthy_model::text::printable("a\tb\r\nc"), "a\tb␍\nc");
/// ```
#[must_use]
pub fn printable(text: &str) -> Cow<'_, str> {
    replaced(text, |c| matches!(c, '\n' | '\t'))
}

/// JSON in which the characters that [`shown`] replaces are written as escapes: it looks like what it says, and its value is the same.
///
/// ```
/// assert_eq!(seaworthy_model::text::json_safe("{\"a\":\"b\u{202e}\"}"), "{\"a\":\"b\\u202e\"}");
/// ```
#[must_use]
pub fn json_safe(json: &str) -> Cow<'_, str> {
    let bad = |c: char| deceives(c) && !matches!(c, '\n' | '\t' | '\r');
    if !json.contains(bad) {
        return json.into();
    }
    let mut out = String::with_capacity(json.len() + 16);
    for c in json.chars() {
        if bad(c) {
            for unit in c.encode_utf16(&mut [0; 2]) {
                // Writing into a string does not fail.
                let _ = write!(out, "\\u{unit:04x}");
            }
        } else {
            out.push(c);
        }
    }
    out.into()
}

/// A text in which every address has lost its secrets: user and password, and the values of parameters that are named like a token, a
/// key, a signature or a password.
///
/// ```
/// use seaworthy_model::text::masked;
///
/// assert_eq!(masked("https://ci:hunter2@mirror.example/3.0/?sig=abc&arch=x86_64"), "https://***@mirror.example/3.0/?sig=***&arch=x86_64");
/// assert_eq!(masked("no address"), "no address");
/// ```
#[must_use]
pub fn masked(text: &str) -> Cow<'_, str> {
    if !text.contains("://") {
        return text.into();
    }
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("://") {
        out.push_str(before);
        out.push_str("://");
        let (address, next) = address(after);
        mask(&mut out, address);
        rest = next;
    }
    out.push_str(rest);
    if out == text { text.into() } else { out.into() }
}

/// As [`masked`], of a text that is one address as a whole, whatever stands in it.
///
/// ```
/// use seaworthy_model::text::masked_address;
///
/// assert_eq!(masked_address("postgres://mia:hun ter@db.example/sea?password=2"), "postgres://***@db.example/sea?password=***");
/// ```
#[must_use]
pub fn masked_address(address: &str) -> String {
    match address.split_once("://") {
        None => address.to_owned(),
        Some((scheme, rest)) => {
            let mut out = format!("{scheme}://");
            mask(&mut out, rest);
            out
        }
    }
}

/// JSON in which every text has lost its secrets, as in [`masked`]. What is no JSON stays as it is.
///
/// ```
/// use seaworthy_model::text::masked_json;
///
/// assert_eq!(masked_json(r#"{"a":"http://h/?token=b\"c"}"#), r#"{"a":"http://h/?token=***\"c"}"#);
/// ```
#[must_use]
pub fn masked_json(json: &str) -> Cow<'_, str> {
    if !json.contains("://") {
        return json.into();
    }
    let mut out = String::with_capacity(json.len());
    let mut rest = json;
    // The quotes that open texts: none stands outside of them in JSON.
    while let Some((before, after)) = rest.split_once('"') {
        out.push_str(before);
        let mut escaped = false;
        let end = after.bytes().position(|b| {
            let closes = b == b'"' && !escaped;
            escaped = b == b'\\' && !escaped;
            closes
        });
        // The quote is one byte.
        let (literal, behind) = rest.get(before.len()..).unwrap_or_default().split_at(end.map_or(after.len() + 1, |end| end + 2));
        let text = if literal.contains("://") { serde_json::from_str::<String>(literal).ok() } else { None };
        match text.as_deref().map(masked) {
            Some(Cow::Owned(text)) => out.push_str(&serde_json::Value::from(text).to_string()),
            _ => out.push_str(literal),
        }
        rest = behind;
    }
    out.push_str(rest);
    if out == json { json.into() } else { out.into() }
}

/// The part of the text after a scheme that belongs to the address, and the rest.
fn address(after: &str) -> (&str, &str) {
    let ends = |c: char| c.is_whitespace() || matches!(c, '"' | '<' | '>' | '`');
    let end = after.find(ends).unwrap_or(after.len());
    let address = after.get(..end).unwrap_or_default();
    // Another address may stand right behind this one; its scheme belongs to it.
    if let Some(at) = address.find("://") {
        let scheme = address.get(..at).unwrap_or_default();
        let begin = scheme.rfind(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.'))).map_or(0, |i| i + 1);
        return after.split_at(if begin == 0 { at } else { begin });
    }
    // A password with a blank or a quote in it, which should have been encoded: the address goes on behind the @.
    if !address.contains('@') && is_torn(authority(address)) {
        let line = after.find('\n').unwrap_or(after.len());
        let host = after.get(end..line).and_then(|rest| rest.find('@')).map(|at| end + at);
        let host = host.filter(|at| !after.get(end..*at).unwrap_or_default().contains("://"));
        if let Some(host) = host {
            let end = after.get(host..).and_then(|rest| rest.find(ends)).map_or(after.len(), |end| host + end);
            return after.split_at(end);
        }
    }
    after.split_at(end)
}

/// User, password, host and port.
fn authority(address: &str) -> &str {
    address.get(..address.find(['/', '?', '#', '\\']).unwrap_or(address.len())).unwrap_or_default()
}

/// Whether an authority ends inside of a password: what looks like a port is none.
fn is_torn(authority: &str) -> bool {
    // What closes a sentence is no part of it.
    let authority = authority.trim_end_matches([')', ',', '.', ':', ';', '\'', '}']);
    let is_port = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    authority.rsplit_once(':').is_some_and(|(_, port)| !is_port(port) && !authority.ends_with(']'))
}

/// Appends what is behind the scheme of an address.
fn mask(out: &mut String, address: &str) {
    let authority = authority(address);
    let at = if authority.contains('@') || !is_torn(authority) { authority.rfind('@') } else { address.rfind('@') };
    let mut rest = match at {
        Some(at) => {
            out.push_str(MASK);
            address.get(at..).unwrap_or_default()
        }
        None => address,
    };
    let parameters = rest.find(['?', '#']).unwrap_or(rest.len());
    out.push_str(rest.get(..parameters).unwrap_or_default());
    rest = rest.get(parameters..).unwrap_or_default();
    // A pair, and before it what tells it from the one before.
    while let Some(mark) = rest.chars().next() {
        let behind = rest.get(mark.len_utf8()..).unwrap_or_default();
        let (pair, next) = behind.split_at(behind.find(['&', ';', '#']).unwrap_or(behind.len()));
        out.push(mark);
        match pair.split_once('=') {
            Some((name, value)) if !value.is_empty() && is_secret(name) => {
                out.push_str(name);
                out.push('=');
                out.push_str(MASK);
                out.push_str(value.get(value.trim_end_matches([')', ',', '.', ':', '\'']).len()..).unwrap_or_default());
            }
            _ => out.push_str(pair),
        }
        rest = next;
    }
}

fn is_secret(parameter: &str) -> bool {
    let name = percent_decode_str(parameter).decode_utf8_lossy().to_ascii_lowercase();
    SECRET_PARTS.iter().any(|part| name.contains(part)) || SECRET_NAMES.contains(&name.as_str())
}

/// The first `most` characters of a text; a mark follows where characters were cut.
///
/// ```
/// assert_eq!(seaworthy_model::text::cut("abcdef", 3), "abc […]");
/// ```
#[must_use]
pub fn cut(text: &str, most: usize) -> Cow<'_, str> {
    match text.char_indices().nth(most) {
        None => text.into(),
        Some((at, _)) => format!("{}{CUT}", text.get(..at).unwrap_or_default()).into(),
    }
}

/// The beginning of a text, which ends with a word; the mark of [`cut`] follows where something was left out, and with it the text has at most
/// `most` bytes. A word that is very long is cut between characters.
///
/// ```
/// use seaworthy_model::text::abridged;
///
/// assert_eq!(abridged("one two three", 13), "one two three");
/// assert_eq!(abridged("one two three", 12), "one […]");
/// ```
#[must_use]
pub fn abridged(text: &str, most: usize) -> Cow<'_, str> {
    if text.len() <= most {
        return text.into();
    }
    let mut end = most.saturating_sub(CUT.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    let (kept, rest) = text.split_at(end);
    // No word of a language is longer.
    let torn = !rest.starts_with(char::is_whitespace);
    let word = kept.rfind(char::is_whitespace).filter(|at| torn && kept.len() - at <= LONGEST_WORD);
    let kept = word.and_then(|at| kept.get(..at)).unwrap_or(kept);
    format!("{}{CUT}", kept.trim_end()).into()
}

/// The text in lines of at most `most` columns, broken at white space, and long words after `-`, `.`, `/` or anywhere. A CVE id is never
/// broken, so that a search finds it.
///
/// ```
/// assert_eq!(seaworthy_model::text::wrap("see a-very-long-word", 7), ["see", "a-very-", "long-", "word"]);
/// ```
#[must_use]
pub fn wrap(text: &str, most: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    let (mut line, mut columns) = (String::new(), 0_usize);
    for word in text.split_whitespace() {
        let own = width(word);
        if !line.is_empty() && columns + 1 + own <= most {
            line.push(' ');
            line.push_str(word);
            columns += 1 + own;
            continue;
        }
        if !line.is_empty() {
            lines.push(std::mem::take(&mut line));
        }
        let mut parts = if own > most { broken(word, most.max(1)) } else { vec![word] };
        line.push_str(parts.pop().unwrap_or_default());
        columns = width(&line);
        lines.extend(parts.into_iter().map(str::to_owned));
    }
    lines.push(line);
    lines
}

/// The parts of a long word, each of at most `most` columns, or a CVE id with the punctuation behind it.
fn broken(word: &str, most: usize) -> Vec<&str> {
    let ids: Vec<Range<usize>> = word.match_indices(['C', 'c']).filter_map(|(start, _)| id_at(word, start)).collect();
    let (mut parts, mut from) = (Vec::new(), 0);
    while let Some((hard, _)) = word[from..].char_indices().nth(most) {
        let mark = word[from..from + hard].rfind(['-', '.', '/', '_', ',']).map(|i| i + 1);
        let mut at = from + mark.filter(|i| *i * 2 > hard).unwrap_or(hard);
        if let Some(id) = ids.get(ids.partition_point(|id| id.end <= at)).filter(|id| id.start < at) {
            at = if id.start > from { id.start } else { id.end };
        }
        parts.push(&word[from..at]);
        from = at;
    }
    if from < word.len() {
        parts.push(&word[from..]);
    }
    parts
}

/// The place of the CVE id that begins at a place of a word, with the punctuation behind it; `None` where none does.
fn id_at(word: &str, start: usize) -> Option<Range<usize>> {
    let (_, length) = CveId::prefix_of(&word[start..])?;
    let end = start + length;
    Some(start..end + word[end..].bytes().take_while(u8::is_ascii_punctuation).count())
}

/// The number of columns of a text.
fn width(text: &str) -> usize {
    text.chars().count()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn texts_are_broken_at_white_space_and_cve_ids_never() {
        let cases: [(&str, usize, &[&str]); 9] = [
            ("", 5, &[""]),
            ("as it  stands", usize::MAX, &["as it stands"]),
            ("one\ntwo\tthree", 9, &["one two", "three"]),
            ("abcdefgh", 3, &["abc", "def", "gh"]),
            ("a-very-long-word", 7, &["a-very-", "long-", "word"]),
            ("see CVE-2024-1234567: pier", 10, &["see", "CVE-2024-1234567:", "pier"]),
            (
                "https://example.org/advisories/CVE-2024-1234567/details-of-the-flaw now",
                24,
                &["https://example.org/", "advisories/", "CVE-2024-1234567/", "details-of-the-flaw now"],
            ),
            ("CVE-2024-1111,CVE-2024-2222", 14, &["CVE-2024-1111,", "CVE-2024-2222"]),
            ("\u{e9}\u{e9}\u{e9}\u{e9}", 2, &["\u{e9}\u{e9}", "\u{e9}\u{e9}"]),
        ];
        for (text, most, wanted) in cases {
            assert_eq!(wrap(text, most), wanted, "{text}");
        }
    }

    #[test]
    fn addresses_lose_their_secrets_and_nothing_else() {
        let cases = [
            ("http://user:pass@host:80/a", "http://***@host:80/a"),
            ("http://token@host/a", "http://***@host/a"),
            ("http://u:p@ss@host/a", "http://***@host/a"),
            ("http://u:p/a?s#s@host/a", "http://***@host/a"),
            ("http://host/a@b", "http://host/a@b"),
            ("http://host:8080/a@b", "http://host:8080/a@b"),
            ("http://[::1]:80/x", "http://[::1]:80/x"),
            ("postgres://u:p@db/x?sslmode=require", "postgres://***@db/x?sslmode=require"),
            ("cannot get (https://u:p@h/x?X-Amz-Signature=ab): no", "cannot get (https://***@h/x?X-Amz-Signature=***): no"),
            ("https://a/,https://u:p@b/ and ftp://c:d@e", "https://a/,https://***@b/ and ftp://***@e"),
            ("https://h/?access_token=x#f", "https://h/?access_token=***#f"),
            ("https://h/?page=2&token=", "https://h/?page=2&token="),
            ("https://h/?page=2;token=x;n=1", "https://h/?page=2;token=***;n=1"),
            ("https://h/?%74oken=x", "https://h/?%74oken=***"),
            ("https://h/a#id=1&access_token=x", "https://h/a#id=1&access_token=***"),
            ("https://h/?code=x&country_code=y", "https://h/?code=***&country_code=y"),
            ("http://u:p w\"x@host/a b@c", "http://***@host/a b@c"),
            ("(http://host:80) by u@host", "(http://host:80) by u@host"),
            ("http://u:p\nu@host", "http://u:p\nu@host"),
            ("nothing: // here", "nothing: // here"),
            ("://", "://"),
        ];
        for (text, wanted) in cases {
            assert_eq!(masked(text), wanted, "{text}");
        }
    }

    #[test]
    fn what_cannot_be_seen_is_shown_by_its_number() {
        for (text, wanted) in [
            ("open\u{200b}ssl", "open[U+200B]ssl"),
            ("a\u{ad}b\u{2060}c\u{3164}d", "a[U+00AD]b[U+2060]c[U+3164]d"),
            ("a\u{fe0f}\u{e0100}", "a[U+FE0F][U+E0100]"),
            ("\u{e9}t\u{e9} \u{5d0} \u{1f98a}", "\u{e9}t\u{e9} \u{5d0} \u{1f98a}"),
        ] {
            assert_eq!(shown(text), wanted);
        }
    }

    #[test]
    fn json_stays_json() {
        for (value, wanted) in [
            ("http://h/?token=a\"b", "http://h/?token=***\"b"),
            ("http://u:a\\b@h/\n", "http://***@h/\n"),
            ("http://u:p@h/ http://h/?sig=a\\", "http://***@h/ http://h/?sig=***"),
            ("a\\\"://", "a\\\"://"),
        ] {
            let json = serde_json::json!({ "key\"": [value, "plain"] }).to_string();
            let masked: serde_json::Value = serde_json::from_str(&masked_json(&json)).unwrap();
            assert_eq!(masked, serde_json::json!({ "key\"": [wanted, "plain"] }));
        }
        assert_eq!(masked_json("no \"json http://u:p@h"), "no \"json http://u:p@h");
    }

    proptest! {
        #[test]
        fn a_wrapped_text_is_whole_and_within_its_width(text in "[a-c\u{e9}./ \n-]{0,60}|\\PC{0,90}", most in 1usize..30) {
            let bare = |text: &str| text.chars().filter(|c| !c.is_whitespace()).collect::<String>();
            let lines = wrap(&text, most);
            prop_assert_eq!(bare(&lines.concat()), bare(&text));
            prop_assert!(lines.iter().all(|line| width(line) <= most || CveId::find_all(line).next().is_some()), "{:?}", lines);
        }

        #[test]
        fn an_abridged_text_is_a_beginning_within_its_limit(text in "[a-zé ]{0,80}|\\PC{0,300}", most in 8usize..120) {
            let abridged = abridged(&text, most);
            prop_assert!(abridged.len() <= most);
            prop_assert_eq!(super::abridged(&abridged, most), abridged.as_ref());
            match abridged.strip_suffix(CUT).filter(|_| text.len() > most) {
                Some(kept) => prop_assert!(text.starts_with(kept)),
                None => prop_assert_eq!(abridged.as_ref(), text.as_str()),
            }
        }

        #[test]
        fn masked_json_has_the_same_shape(text in "[a-c:/@?&=# \"\\\\]{0,40}") {
            let json = serde_json::to_string(&[&text]).unwrap();
            let read: Vec<String> = serde_json::from_str(&masked_json(&json)).unwrap();
            prop_assert_eq!(read, [masked(&text).into_owned()]);
        }

        #[test]
        fn nothing_that_deceives_is_left(text in any::<String>()) {
            prop_assert!(!shown(&text).contains(deceives));
            prop_assert!(!printable(&text).contains(|c| deceives(c) && !matches!(c, '\n' | '\t')));
            let once = shown(&text);
            prop_assert_eq!(shown(&once), once.as_ref());
        }

        #[test]
        fn a_password_is_found_wherever_it_stands(before in "[ -~]{0,20}", password in "[a-zA-Z0-9:!$%*.~-]{8,20}", after in "[ -~]{0,9}") {
            let text = format!("{before} https://me:{password}@host/{after}");
            prop_assert!(!masked(&text).contains(&format!(":{password}@")), "{}", masked(&text));
        }

        #[test]
        fn masking_twice_is_masking_once(text in "[a-c:/@?&=# ]{0,40}") {
            let once = masked(&text).into_owned();
            prop_assert_eq!(masked(&once), once.as_str());
        }
    }
}
