//! Foreign text for people: without characters that move a cursor or turn the direction of writing, and without secrets.

use std::borrow::Cow;
use std::fmt::Write as _;

/// The text that replaces a secret.
const MASK: &str = "***";
/// The parts of names of query parameters whose values are secret.
const SECRET_PARAMETERS: [&str; 8] = ["token", "key", "sig", "pass", "pwd", "secret", "auth", "cred"];

/// Whether a character changes how the text around it is shown, or cannot be seen itself.
fn deceives(c: char) -> bool {
    c.is_control()
        || matches!(c,
            // Marks, embeddings, overrides and isolates of the direction of writing.
            '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{206f}'
            // Separators of lines and paragraphs, a byte order mark, annotations, tags; what is no character.
            | '\u{2028}' | '\u{2029}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}' | '\u{fffe}' | '\u{ffff}')
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

/// A text without the secrets of its addresses: user and password, and the values of query parameters whose names contain `token`, `key`,
/// `sig`, `pass` or the like, are replaced by `***`.
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
        let end = after.find(|c: char| c.is_whitespace() || matches!(c, '"' | '<' | '>' | '`')).unwrap_or(after.len());
        let (address, behind) = after.split_at(end);
        // Another address may stand right behind this one; its scheme belongs to it.
        let (address, next) = match address.find("://") {
            Some(at) => {
                let scheme = address.get(..at).unwrap_or_default();
                let begin = scheme.rfind(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.'))).map_or(0, |i| i + 1);
                address.split_at(if begin == 0 { at } else { begin })
            }
            None => (address, ""),
        };
        mask(&mut out, address);
        let used = after.len() - behind.len() - next.len();
        rest = after.get(used..).unwrap_or_default();
    }
    out.push_str(rest);
    if out == text { text.into() } else { out.into() }
}

/// Appends the rest of an address, behind its scheme, without its secrets.
fn mask(out: &mut String, address: &str) {
    let end = address.find(['/', '?', '#', '\\']).unwrap_or(address.len());
    let authority = address.get(..end).unwrap_or_default();
    // A password that should have been encoded: what looks like a port is none, and an @ comes later.
    let torn = authority.rsplit_once(':').is_some_and(|(_, port)| !port.bytes().all(|b| b.is_ascii_digit()) && !authority.ends_with(']'));
    let at = if authority.contains('@') || !torn { authority.rfind('@') } else { address.rfind('@') };
    let rest = match at {
        Some(at) => {
            out.push_str(MASK);
            address.get(at..).unwrap_or_default()
        }
        None => address,
    };
    let Some((path, query)) = rest.split_once('?') else { return out.push_str(rest) };
    out.push_str(path);
    let (query, fragment) = query.split_once('#').map_or((query, None), |(query, fragment)| (query, Some(fragment)));
    for (i, pair) in query.split('&').enumerate() {
        out.push(if i == 0 { '?' } else { '&' });
        match pair.split_once('=') {
            Some((name, value)) if !value.is_empty() && is_secret(name) => {
                out.push_str(name);
                out.push('=');
                out.push_str(MASK);
                // What closes a sentence is no part of the value.
                out.push_str(value.get(value.trim_end_matches([')', ',', '.', ':', ';', '\'']).len()..).unwrap_or_default());
            }
            _ => out.push_str(pair),
        }
    }
    if let Some(fragment) = fragment {
        out.push('#');
        out.push_str(fragment);
    }
}

fn is_secret(parameter: &str) -> bool {
    let name = parameter.to_ascii_lowercase();
    SECRET_PARAMETERS.iter().any(|part| name.contains(part))
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
        Some((at, _)) => format!("{} […]", text.get(..at).unwrap_or_default()).into(),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

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
            ("nothing: // here", "nothing: // here"),
            ("://", "://"),
        ];
        for (text, wanted) in cases {
            assert_eq!(masked(text), wanted, "{text}");
        }
    }

    proptest! {
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
