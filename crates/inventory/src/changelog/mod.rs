//! Changelogs: the CVEs that an entry fixes, and those whose fix it takes back.
//!
//! An entry is what rpm keeps of a changelog: <https://rpm-software-management.github.io/rpm/manual/spec.html#changelog-section>.

mod words;

use seaworthy_model::{CveId, Evr, compare_rpm_segments};

use self::words::{Says, bare, is_reversal, of_item};
use crate::ChangelogEntry;

/// The greatest length of an item in bytes; what is longer is not read.
const MAX_ITEM: usize = 1 << 16;

/// An entry as it is written.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Written {
    /// The day, `YYYY-MM-DD`.
    pub(crate) date: String,
    /// The EVR of its header line; `None` where there is none.
    pub(crate) evr: Option<Evr>,
    /// The items, each in one line.
    pub(crate) items: Vec<String>,
}

/// The items of a text: each begins with a line that has a bullet, or behind an empty line.
pub(crate) fn items<'a>(lines: impl IntoIterator<Item = &'a str>) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    let mut begins = true;
    for line in lines {
        let text = line.trim();
        if text.is_empty() {
            begins = true;
            continue;
        }
        if begins || text.starts_with(['-', '*', '+']) {
            out.push(String::new());
        }
        begins = false;
        if let Some(item) = out.last_mut().filter(|item| item.len() < MAX_ITEM) {
            item.push_str(text);
            item.push(' ');
        }
    }
    out
}

/// The entries of a changelog, in its order: the newest first.
pub(crate) fn entries(written: Vec<Written>) -> Vec<ChangelogEntry> {
    let mut out: Vec<ChangelogEntry> = Vec::with_capacity(written.len());
    let mut reversals: Vec<(usize, std::ops::Range<usize>)> = Vec::new();
    for (at, entry) in written.iter().enumerate() {
        let mut said: Vec<(CveId, Says)> = Vec::new();
        for item in &entry.items {
            let of = of_item(item);
            if of.is_empty() {
                reversals.extend(reversed(item, at, &written).into_iter().map(|older| (at, older)));
            }
            for (cve, says) in of {
                match said.iter_mut().find(|(id, _)| *id == cve) {
                    // "Drop the patch" beside "fixed by the update" in one entry: it is fixed.
                    Some((_, before)) => *before = says.max(*before),
                    None => said.push((cve, says)),
                }
            }
        }
        let those = |wanted: Says| said.iter().filter(|(_, says)| *says == wanted).map(|(cve, _)| *cve).collect();
        out.push(ChangelogEntry {
            date: entry.date.clone(),
            evr: entry.evr.clone(),
            cves: those(Says::Fixed),
            taken_back: those(Says::TakenBack),
            advisory: None,
        });
    }
    // The oldest first: what was taken back is in the package again where that is undone.
    for (at, older) in reversals.into_iter().rev() {
        let undone: Vec<(Vec<CveId>, Vec<CveId>)> =
            out.get(older).unwrap_or_default().iter().map(|entry| (entry.cves.clone(), entry.taken_back.clone())).collect();
        let Some(entry) = out.get_mut(at) else { continue };
        for (fixed, taken_back) in undone {
            let added = |cve: &CveId, entry: &ChangelogEntry| entry.cves.contains(cve) || entry.taken_back.contains(cve);
            for cve in fixed {
                if !added(&cve, entry) {
                    entry.taken_back.push(cve);
                }
            }
            for cve in taken_back {
                if !added(&cve, entry) {
                    entry.cves.push(cve);
                }
            }
        }
    }
    out
}

/// The CVEs that a text of one sentence, such as the title of an advisory, says are fixed.
pub(crate) fn fixed_in_text(text: &str) -> impl Iterator<Item = CveId> {
    of_item(text).into_iter().filter(|(_, says)| *says == Says::Fixed).map(|(cve, _)| cve)
}

/// The older entries that an item without a CVE undoes as a whole: "back out the previous change", "revert the change of 1.2-3", "revert to
/// 1.2-3". `at` is the place of its entry.
fn reversed(item: &str, at: usize, written: &[Written]) -> Option<std::ops::Range<usize>> {
    let words = || item.split_whitespace().map(bare).filter(|word| !word.is_empty());
    // Most items begin with no such word.
    let first: Vec<String> = words().take(4).collect();
    let next = |i: usize| first.get(i + 1).map_or("", String::as_str);
    let verb = (0..first.len().min(3)).find(|&i| is_reversal(&first[i], next(i)))?;
    let rest: Vec<String> = words().take(40).skip(verb + 1).collect();
    for (i, word) in rest.iter().enumerate().filter(|(_, word)| word.contains(|c: char| c.is_ascii_digit())) {
        if let Some(named) = (at + 1..written.len()).find(|&older| is_named(word, at, older, written)) {
            let goes_back = i > 0 && rest.get(i - 1).is_some_and(|before| before == "to");
            return Some(if goes_back { at + 1..named } else { named..named + 1 });
        }
    }
    let previous = rest.iter().position(|word| matches!(word.as_str(), "previous" | "last" | "prior"))?;
    let what = ["change", "commit", "patch", "release", "build", "fix", "update", "entry", "version", "upgrade", "one"];
    let is_entry = rest.iter().skip(previous + 1).take(2).any(|word| what.iter().any(|what| word.starts_with(what)));
    (is_entry && at + 1 < written.len()).then(|| at + 1..at + 2)
}

/// Whether a word names an older entry: its EVR, or its release where the version is that of the entry at `at`.
fn is_named(word: &str, at: usize, older: usize, written: &[Written]) -> bool {
    let evr = |at: usize| written.get(at).and_then(|entry| entry.evr.as_ref());
    let Some(named) = evr(older) else { return false };
    let plain = |release: &str| release.split('.').next().unwrap_or_default().to_owned();
    let of_release = || {
        let same = evr(at).is_some_and(|own| own.epoch == named.epoch && compare_rpm_segments(&own.version, &named.version).is_eq());
        same && !named.release.is_empty() && word == plain(&named.release)
    };
    word == named.to_string().to_ascii_lowercase()
        || word == format!("{}-{}", named.version, plain(&named.release)).to_ascii_lowercase()
        || of_release()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The entries of a changelog, `EVR: ITEM; ITEM`, the newest first.
    fn read(text: &[&str]) -> String {
        let written = text.iter().map(|entry| {
            let (evr, items) = entry.split_once(": ").expect("EVR: ITEMS");
            Written { date: "2025-01-01".into(), evr: evr.parse().ok(), items: items.split("; ").map(str::to_owned).collect() }
        });
        let said = |entry: &ChangelogEntry| {
            let ids = |cves: &[CveId]| cves.iter().map(|cve| cve.to_string().replace("CVE-2025-", "")).collect::<Vec<_>>().join(" ");
            format!("[{}|{}]", ids(&entry.cves), ids(&entry.taken_back))
        };
        entries(written.collect()).iter().map(said).collect()
    }

    #[test]
    fn an_entry_says_what_it_fixes_and_what_it_takes_back() {
        const FIX: &str = "1.2-2: - Patch CVE-2025-0001";
        let rows: Vec<(&str, &[&str], &str)> = vec![
            ("a fix", &[FIX], "[0001|]"),
            ("named by two items", &["1.2-2: - Drop CVE-2025-0001.patch; - Update to 1.2 to fix CVE-2025-0001"], "[0001|]"),
            ("taken back", &["1.2-3: - Remove patch for CVE-2025-0001", FIX], "[|0001][0001|]"),
            ("the entry before", &["1.2-3: - Backed out the previous change (test failures)", FIX], "[|0001][0001|]"),
            ("the same in other words", &["1.2-3: - Revert last commit, causes cycles", FIX], "[|0001][0001|]"),
            ("an entry by its release", &["1.2-4: - Revert the change from -2", "1.2-3: - x", FIX], "[|0001][|][0001|]"),
            ("an entry by its version", &["1.2-4: - revert changes of 1.2-2", "1.2-3: - x", FIX], "[|0001][|][0001|]"),
            ("to an entry", &["1.3-1: - Revert to 1.2-1", FIX, "1.2-1: - Patch CVE-2025-0002"], "[|0001][0001|][0002|]"),
            (
                "a reversal of a reversal",
                &["1.2-4: - Revert the previous change", "1.2-3: - Revert the previous change", FIX],
                "[0001|][|0001][0001|]",
            ),
            ("something else", &["1.2-3: - Revert the default stack size", FIX], "[|][0001|]"),
            ("the last entry has none before it", &["1.2-3: - Revert previous change"], "[|]"),
        ];
        seaworthy_testing::hold(rows.into_iter().map(|(why, log, expected)| (why, expected.to_owned(), read(log))));
    }

    #[test]
    fn items_begin_with_a_bullet_or_behind_an_empty_line() {
        assert_eq!(items("- one\n  goes on\n- two\n\nthree".lines()), ["- one goes on ", "- two ", "three "]);
    }
}
