//! The words of changelog entries, which people write in several ways.

use std::borrow::Cow;

use seaworthy_model::CveId;

/// What stands between `CVE` and the year; a blank and an underscore are the ones that people write, the others what editors make of a
/// hyphen.
const MARKS: [char; 7] = ['-', ' ', '_', '\u{2010}', '\u{2011}', '\u{2012}', '\u{2013}'];

/// The least number of digits after the year: <https://www.cve.org/ResourcesSupport/AllResources/CNARules>.
const DIGITS: usize = 4;

/// A text with its CVE ids in the form of [`CveId`]: `CVE 2016-5386` and `CVE_2018_20102` with hyphens, and `CVE-2019-3822/3833`, which
/// names the year once, as two ids.
pub(crate) fn with_ids(text: &str) -> Cow<'_, str> {
    let mut out = String::new();
    let mut kept = 0;
    let mut at = 0;
    while let Some(found) = text.get(at..).and_then(|rest| rest.find(['C', 'c'])) {
        at += found;
        let Some((ids, length)) = ids_at(&text[at..]) else {
            at += 1;
            continue;
        };
        out.push_str(&text[kept..at]);
        for (nth, id) in ids.iter().enumerate() {
            out.push_str(if nth == 0 { "" } else { " " });
            out.push_str(&id.to_string());
        }
        at += length;
        kept = at;
    }
    if kept == 0 {
        return Cow::Borrowed(text);
    }
    out.push_str(&text[kept..]);
    Cow::Owned(out)
}

/// The ids at the start of a text that share a year, and their length in bytes; `None` where the text does not start with one.
fn ids_at(text: &str) -> Option<(Vec<CveId>, usize)> {
    let word = text.get(..3).filter(|word| word.eq_ignore_ascii_case("cve"))?;
    let (year, rest) = digits(text[word.len()..].strip_prefix(MARKS)?);
    // A blank behind the year begins another word.
    let (number, mut rest) = digits(rest.strip_prefix(MARKS).filter(|_| !rest.starts_with(' '))?);
    let id = |number: &str| format!("CVE-{year}-{number}").parse::<CveId>().ok();
    let mut ids = vec![id(number)?];
    while let Some((number, after)) = rest.strip_prefix('/').map(|more| digits(more.strip_prefix('-').unwrap_or(more))) {
        let ends = !after.starts_with(|c: char| c == '-' || c.is_alphanumeric());
        let Some(more) = id(number).filter(|_| ends && number.len() >= DIGITS) else { break };
        ids.push(more);
        rest = after;
    }
    Some((ids, text.len() - rest.len()))
}

/// The ASCII digits at the start of a text, and the rest.
fn digits(text: &str) -> (&str, &str) {
    text.split_at(text.bytes().take_while(u8::is_ascii_digit).count())
}

/// The words of a header line that may be its version, the likeliest first: that behind the mail, since something may follow on the version
/// as in `A <a@example.org> - 7.76.0-2 (from 1.0 branch)`, or the last one. An id is none.
pub(crate) fn versions<'a>(header: &[&'a str]) -> impl Iterator<Item = &'a str> {
    let mail = header.iter().rposition(|word| word.ends_with('>'));
    let behind = mail.and_then(|mail| header[mail + 1..].iter().find(|word| !word.trim_matches('-').is_empty()));
    behind.into_iter().chain(header.last()).copied().filter(|word| CveId::find_all(word).next().is_none())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn ids_are_read_as_people_write_them() {
        let rows = [
            ("as it should be", "Fix CVE-2024-1234.", "Fix CVE-2024-1234."),
            ("a blank", "fixes CVE 2016-5386", "fixes CVE-2016-5386"),
            ("underscores", "Patch for CVE_2018_20102", "Patch for CVE-2018-20102"),
            ("an underscore", "CVE_2025-2923, CVE-2025-2913", "CVE-2025-2923, CVE-2025-2913"),
            ("a hyphen of an editor", "resolve CVE\u{2011}2024\u{2011}0134", "resolve CVE-2024-0134"),
            ("a year for two", "CVE-2019-3822/3833.", "CVE-2019-3822 CVE-2019-3833."),
            ("a year for two, after a blank", "CVE 2015-4645/4646", "CVE-2015-4645 CVE-2015-4646"),
            ("another year", "CVE-2019-3822/2020-1234", "CVE-2019-3822/2020-1234"),
            ("a number that is none", "CVE-2019-3822/12", "CVE-2019-3822/12"),
            ("a blank behind the year", "a CVE 2018 20102", "a CVE 2018 20102"),
            ("no id", "no CVE at all, 2018-20102", "no CVE at all, 2018-20102"),
        ];
        seaworthy_testing::hold(rows.map(|(why, text, expected)| (why, expected.to_owned(), with_ids(text).into_owned())));
    }

    proptest! {
        #[test]
        fn no_id_is_lost(text in "((CVE|cve|[ /_-]|20[0-9]{2}|[0-9]{3,5}|\\PC){0,3}){0,20}") {
            let plain = with_ids(&text);
            let found: Vec<CveId> = CveId::find_all(&plain).collect();
            prop_assert!(CveId::find_all(&text).all(|id| found.contains(&id)), "{:?}", plain);
        }
    }
}
