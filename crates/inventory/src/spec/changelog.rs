//! The `%changelog` section.

use seaworthy_model::{CveId, Evr};

use crate::entry_words::{versions, with_ids};

/// The effect of an entry on a CVE, by its words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Patch,
    Upgrade,
    Mention,
    Remove,
}

/// An entry with all CVEs that it names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Entry {
    pub(super) date: String,
    pub(super) evr: Option<Evr>,
    pub(super) cves: Vec<(CveId, Kind)>,
}

/// The entries of a section; headers with macros are expanded by `expand`.
pub(super) fn read<'a>(lines: impl Iterator<Item = &'a str>, mut expand: impl FnMut(&str) -> String) -> Vec<Entry> {
    let mut out: Vec<Entry> = Vec::new();
    let mut item = String::new();
    for line in lines {
        let header = line.strip_prefix('*').and_then(|rest| header(rest, &mut expand));
        let starts_item = line.trim_start().starts_with(['-', '*', '+']);
        if header.is_some() || starts_item || line.trim().is_empty() {
            close(&mut item, out.last_mut());
        }
        match header {
            Some(entry) => out.push(entry),
            None if item.len() < 1 << 16 => {
                item.push_str(line.trim());
                item.push(' ');
            }
            None => {}
        }
    }
    close(&mut item, out.last_mut());
    out
}

fn close(item: &mut String, entry: Option<&mut Entry>) {
    if let Some(entry) = entry {
        for (cve, kind) in kinds(item) {
            match entry.cves.iter_mut().find(|(id, _)| *id == cve) {
                // "Drop the patch" beside "fixed by the update" in one entry: it is fixed.
                Some((_, old)) if *old == Kind::Remove || (*old == Kind::Mention && kind != Kind::Remove) => *old = kind,
                Some(_) => {}
                None => entry.cves.push((cve, kind)),
            }
        }
    }
    item.clear();
}

/// The entry of a header `* Tue Nov 24 2026 A Name <mail> - 1.2-3`, with or without the weekday, a time and a zone.
fn header(rest: &str, expand: &mut impl FnMut(&str) -> String) -> Option<Entry> {
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
    Some(Entry { date: format!("{year:04}-{:02}-{day:02}", month?), evr, cves: Vec::new() })
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

/// The effect of an item on each of its CVEs: that of the last verb before the id, else of the first after it. "Patch" and "fix" are nouns
/// after a word of removal ("drop the patch for"), unless "to" precedes them.
fn kinds(item: &str) -> Vec<(CveId, Kind)> {
    let item = with_ids(item);
    if !item.as_bytes().windows(4).any(|w| w.eq_ignore_ascii_case(b"cve-")) {
        return Vec::new();
    }
    let mut out: Vec<(CveId, Kind)> = Vec::new();
    let (mut state, mut undecided, mut previous) = (None, Vec::new(), String::new());
    for word in item.split(|c: char| c.is_whitespace() || matches!(c, ',' | ';' | '(' | ')' | '/' | ':')) {
        let ids: Vec<CveId> = CveId::find_all(word).collect();
        if !ids.is_empty() {
            if state.is_none() {
                undecided.extend(out.len()..out.len() + ids.len());
            }
            out.extend(ids.into_iter().map(|id| (id, state.unwrap_or(Kind::Mention))));
        } else if let Some((kind, noun)) = verb(word) {
            let only_a_noun = noun
                && match state {
                    Some(Kind::Remove) => !previous.eq_ignore_ascii_case("to"),
                    other => other == Some(Kind::Upgrade),
                };
            if !only_a_noun {
                // "CVE-... patch removed" is decided by the word that follows the noun.
                state = Some(kind);
            }
            let decides = !noun || !previous.is_empty() && undecided.iter().any(|i| out.get(*i).is_some_and(|(_, k)| *k == Kind::Mention));
            if decides {
                for &i in &undecided {
                    if let Some((_, k)) = out.get_mut(i) {
                        *k = kind;
                    }
                }
            }
            if !noun {
                undecided.clear();
            }
        }
        if !word.is_empty() {
            previous = word.to_owned();
        }
    }
    out
}

/// The effect that a word stands for, and whether the word may be a noun.
fn verb(word: &str) -> Option<(Kind, bool)> {
    let word = word.trim_matches(|c: char| !c.is_ascii_alphanumeric()).to_ascii_lowercase();
    let starts = |list: &[&str]| list.iter().any(|p| word.starts_with(p));
    if starts(&["remov", "drop", "delet", "revert", "unneeded", "obsolete", "unapplied"]) {
        Some((Kind::Remove, false))
    } else if starts(&["upgrad", "updat", "bump", "rebas"]) {
        Some((Kind::Upgrade, false))
    } else if starts(&["patch", "fix"]) {
        Some((Kind::Patch, true))
    } else if starts(&["address", "resolv", "mitigat", "backport", "add", "appl", "correct", "nopatch"]) {
        Some((if word == "nopatch" { Kind::Mention } else { Kind::Patch }, false))
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kind(text: &str) -> Vec<Kind> {
        kinds(text).into_iter().map(|(_, k)| k).collect()
    }

    #[test]
    fn words() {
        use Kind::{Mention, Patch, Remove, Upgrade};
        assert_eq!(kind("- Patch CVE-2024-0001 and CVE-2024-0002"), [Patch, Patch]);
        assert_eq!(kind("- Remove patch for CVE-2024-0001, CVE-2024-0002"), [Remove, Remove]);
        assert_eq!(kind("- Upgrade to 2.0 to fix CVE-2024-0001 and drop the fix for CVE-2024-0002"), [Upgrade, Remove]);
        assert_eq!(kind("- CVE-2024-0001.patch removed"), [Remove]);
        assert_eq!(kind("- Remove the old way to fix CVE-2024-0001"), [Patch]);
        assert_eq!(kind("- About CVE-2024-0001"), [Mention]);
        assert_eq!(kind("- CVE-2024-0001 fixed"), [Patch]);
        assert_eq!(kind("- Fix for CVE 2024-0001/0002"), [Patch, Patch]);
    }

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
        let got: Vec<_> = entries.iter().map(|e| (e.date.as_str(), e.evr.as_ref().map(ToString::to_string), e.cves.len())).collect();
        assert_eq!(
            got,
            [
                ("2024-03-05", Some("1:1.2-3".into()), 1),
                ("2024-03-04", Some("2.0-1".into()), 0),
                ("2019-05-30", None, 0),
                ("2021-05-26", Some("7.76.0-2".into()), 0),
                ("2006-07-12", None, 0)
            ]
        );
    }
}
