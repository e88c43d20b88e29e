//! The `%changelog` section.

use seaworthy_model::Evr;

use crate::changelog::{Written, items};
use crate::entry_words::versions;

/// The entries of a section; headers with macros are expanded by `expand`.
pub(super) fn read<'a>(lines: impl Iterator<Item = &'a str>, mut expand: impl FnMut(&str) -> String) -> Vec<Written> {
    let mut out: Vec<Written> = Vec::new();
    let mut text: Vec<&str> = Vec::new();
    let close = |text: &mut Vec<&str>, entry: Option<&mut Written>| {
        let text = std::mem::take(text);
        entry.into_iter().for_each(|entry| entry.items = items(text.iter().copied()));
    };
    for line in lines {
        match line.strip_prefix('*').and_then(|rest| header(rest, &mut expand)) {
            Some(entry) => {
                close(&mut text, out.last_mut());
                out.push(entry);
            }
            None => text.push(line),
        }
    }
    close(&mut text, out.last_mut());
    out
}

/// The entry of a header `* Tue Nov 24 2026 A Name <mail> - 1.2-3`, with or without the weekday, a time and a zone.
fn header(rest: &str, expand: &mut impl FnMut(&str) -> String) -> Option<Written> {
    let mut words = rest.split_whitespace().peekable();
    let mut month = month_of(words.peek()?);
    if month.is_none() {
        words.next();
        month = month_of(words.peek()?);
    }
    words.next();
    let day: u32 = words.next()?.trim_end_matches(',').parse().ok().filter(|d| (1..=31).contains(d))?;
    // A time and a zone may stand between day and year.
    let year: u32 = words.by_ref().take(3).find_map(|w| w.parse().ok().filter(|y| (1970..=9999).contains(y)))?;
    let rest: Vec<&str> = words.collect();
    let evr = versions(&rest).find_map(|w| if w.contains('%') { evr_of(&expand(w)) } else { evr_of(w) });
    Some(Written { date: format!("{year:04}-{:02}-{day:02}", month?), evr, items: Vec::new() })
}

fn month_of(word: &str) -> Option<u32> {
    let head = word.get(..3)?.to_ascii_lowercase();
    let at = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"].iter().position(|m| *m == head)?;
    u32::try_from(at + 1).ok()
}

fn evr_of(word: &str) -> Option<Evr> {
    let text = word.trim_matches(['[', ']', '(', ')', ',', ';', '-', '<', '>', '"', '\'', ':', '.']);
    let text = text.strip_prefix(['v', 'V']).filter(|t| t.starts_with(|c: char| c.is_ascii_digit())).unwrap_or(text);
    if !text.starts_with(|c: char| c.is_ascii_digit()) && !text.contains('-')
        || !text.contains(|c: char| c.is_ascii_digit())
        || text.contains(['@', '%'])
    {
        return None;
    }
    text.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers() {
        let text = [
            "* Tue Mar 05 2024 A <a@example.org> - 1:1.2-3",
            "- Fix CVE-2024-0001",
            "* Mon Mar 4 2024 B [2.0-1]",
            "- x",
            "* Thu May 30 10:11:12 UTC 2019 C <c@d>",
            "- y",
            "* no header",
            "* Wed May 26 2021 D <d@e> - 7.76.0-2 (from 1.0 branch)",
            "- z",
            "* Wed Jul 12 2006 E <e@f> - sh: line 0: fg: no job control",
        ];
        let entries = read(text.into_iter(), str::to_owned);
        let got: Vec<_> = entries.iter().map(|e| (e.date.as_str(), e.evr.as_ref().map(ToString::to_string), e.items.len())).collect();
        assert_eq!(
            got,
            [
                ("2024-03-05", Some("1:1.2-3".into()), 1),
                ("2024-03-04", Some("2.0-1".into()), 1),
                ("2019-05-30", None, 2),
                ("2021-05-26", Some("7.76.0-2".into()), 1),
                ("2006-07-12", None, 0)
            ]
        );
    }
}
