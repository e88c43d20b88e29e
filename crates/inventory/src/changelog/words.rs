//! What the words of an item of a changelog say of the CVEs that it names.
//!
//! A changelog is written by people, so that this is no parser of sentences: it looks at the verb that governs an id, at what stands
//! between both, and at words that deny. What it cannot tell counts as a fix, as long as nothing speaks against it.

use seaworthy_model::CveId;

use crate::entry_words::with_ids;

/// What an item says of a CVE.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Says {
    /// It is named, and the item is about something else, such as a test.
    Named,
    /// It is not fixed, or not any more.
    TakenBack,
    /// It is fixed.
    Fixed,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Verb {
    Fix,
    Upgrade,
    Remove,
    /// What follows is undone.
    Revert,
}

/// The number of words after a negation that it can deny.
const REACH: usize = 3;

/// Reasons to remove a patch that leave the fix in the package: the sources have it.
const IN_SOURCES: [&str; 32] = [
    "upstreamed",
    "fixed upstream",
    "fixed in ",
    "fixed by ",
    "fix is in",
    "fixes are in",
    "patched in ",
    "addressed in ",
    "resolved in ",
    "in upstream",
    "by upstream",
    "part of upstream",
    "from upstream release",
    "applied upstream",
    "merged",
    "included in",
    "includes",
    "is included",
    "its included",
    "already in",
    "already fixed",
    "already applied",
    "already part",
    "already has",
    "already contains",
    "no longer need",
    "no longer require",
    "not needed",
    "unneeded",
    "obsolete",
    "superseded",
    "unaffected",
];

/// The words between a verb of removal and an id that leave the id, or its patch, as the object.
const LIGHT: [&str; 22] = [
    "the", "a", "an", "all", "old", "older", "our", "this", "for", "of", "to", "against", "that", "which", "and", "or", "both", "s",
    "from", "security", "out", "back",
];

/// The words that may stand between an id and a participle about it.
const AUXILIARY: [&str; 16] =
    ["is", "are", "was", "were", "has", "have", "been", "be", "being", "file", "files", "temporarily", "now", "again", "for", "got"];

/// A part of an item with one governing verb.
#[derive(Default)]
struct Clause {
    verb: Option<Verb>,
    /// Whether the verb may be a noun in its place.
    is_noun: bool,
    /// Whether what is said is undone.
    reversed: bool,
    /// Whether it says that something is not fixed.
    denied: bool,
    /// Whether it is about something else than a fix.
    aside: bool,
    /// Whether a patch or fix is the object of a removal.
    of_patch: bool,
    /// Whether something else is.
    of_other: bool,
    /// The places of the ids that no verb has decided.
    undecided: Vec<usize>,
    /// The places of the ids that stood last, while nothing but auxiliary words came after.
    group: Vec<usize>,
}

impl Clause {
    fn says(&self, in_sources: bool) -> Says {
        let removes = self.verb == Some(Verb::Remove);
        if self.denied {
            Says::TakenBack
        } else if self.aside {
            Says::Named
        } else if removes && !self.reversed {
            // "Remove the unused check of CVE-...": the fix is not what is removed.
            if in_sources || self.of_other && !self.of_patch { Says::Named } else { Says::TakenBack }
        } else if self.reversed && !removes {
            Says::TakenBack
        } else {
            Says::Fixed
        }
    }
}

/// What an item says of each CVE that it names.
pub(super) fn of_item(item: &str) -> Vec<(CveId, Says)> {
    let item = &*with_ids(item);
    if !item.as_bytes().windows(4).any(|w| w.eq_ignore_ascii_case(b"cve-")) {
        return Vec::new();
    }
    let lower = item.to_ascii_lowercase();
    let in_sources = IN_SOURCES.iter().any(|reason| lower.contains(reason));
    let words: Vec<&str> = item.split([' ', '\t', '(', ')', '/']).filter(|w| !w.is_empty()).collect();
    let mut out: Vec<(CveId, Says)> = Vec::new();
    let mut clause = Clause::default();
    let (mut negation, mut still) = (0, 0);
    // Whether a conjunction stands before the word, and whether more ids may follow those that stood last.
    let (mut joined, mut cut) = (false, false);
    let tells_a_fix = words.windows(2).any(|pair| matches!(verb(&bare(pair[0]), &bare(pair[1])), Some((Verb::Fix | Verb::Upgrade, _))));
    let mut before = ["", ""];
    for (at, raw) in words.iter().enumerate() {
        let word = bare(raw);
        let next = words.get(at + 1).map(|next| bare(next)).unwrap_or_default();
        let ids: Vec<CveId> = CveId::find_all(raw).collect();
        let mut is_verb = false;
        if !ids.is_empty() {
            let says = if raw.to_ascii_lowercase().contains(".nopatch") { Says::Named } else { clause.says(in_sources) };
            let places = out.len()..out.len() + ids.len();
            if clause.verb.is_none() && !clause.reversed && !clause.denied {
                clause.undecided.extend(places.clone());
            }
            clause.group.extend(places);
            out.extend(ids.into_iter().map(|id| (id, says)));
        } else if !word.is_empty() {
            if cut {
                clause.group.clear();
            }
            let found = verb(&word, &next).filter(|_| !word.ends_with("ly") || word.ends_with("pply"));
            is_verb = found.is_some();
            if let Some((found, is_noun)) = found {
                let is_order = !is_noun || words.get(at + 1).is_some_and(|next| CveId::find_all(next).next().is_some());
                // "..., and fix CVE-...": another order begins.
                if joined && is_order && !is_participle(&word) {
                    clause = Clause::default();
                }
                let denies = negation > 0 || before[1] == "be" && matches!(before[0], "to" | "will" | "should" | "must");
                clause.take(found, is_noun, &word, denies, before[1], in_sources, &mut out);
            } else if is_aside(&word) {
                clause.aside = true;
                // What stands behind the ids may be about a test of the fix.
                let before = if word.starts_with("nopatch") { clause.group.clone() } else { Vec::new() };
                let undecided = clause.undecided.iter().filter(|_| !is_test(&word));
                undecided.chain(&before).for_each(|place| set(&mut out, *place, Says::Named));
            } else if still > 0 && is_open(&word) || matches!(&*word, "unfixed" | "unpatched" | "unresolved") {
                clause.denied = true;
                clause.undecided.iter().chain(&clause.group).for_each(|place| set(&mut out, *place, Says::TakenBack));
            } else if word == "vulnerable" && clause.verb.is_none() && !tells_a_fix {
                // "Vulnerable to CVE-...", and no word of a fix.
                clause.denied = true;
            } else if negation > 0 && concerns(&word) {
                clause.aside = true;
                clause.undecided.iter().for_each(|place| set(&mut out, *place, Says::Named));
            } else if clause.verb == Some(Verb::Remove) && !LIGHT.contains(&&*word) {
                clause.of_other = true;
            }
            let stays = AUXILIARY.contains(&&*word)
                || matches!(found, Some((Verb::Fix, true)))
                || matches!(&*word, "and" | "or" | "still" | "remains" | "remain");
            if !stays {
                clause.group.clear();
            }
        }
        negation = match &*word {
            _ if is_negation(&word) => REACH,
            "stop" | "stops" | "stopped" => 1,
            // It has denied the verb.
            _ if is_verb => 0,
            // "No longer needed", "not only" deny something else.
            "longer" if !matches!(verb(&next, ""), Some((Verb::Fix, true))) => 0,
            "only" => 0,
            _ => negation.saturating_sub(1),
        };
        still = if word == "still" || word.starts_with("remain") { REACH } else { still.saturating_sub(1) };
        cut = raw.ends_with(',') || matches!(&*word, "and" | "or" | "&");
        let ends = raw.ends_with(['.', ';']) || raw.ends_with(".\"");
        if ends {
            clause = Clause::default();
        }
        joined = ends || raw.ends_with([',', ':']) || matches!(&*word, "and" | "then" | "but" | "also" | "plus" | "&" | "+");
        before = [before[1], words[at]];
        before[1] = before[1].trim_matches(|c: char| !c.is_ascii_alphanumeric());
    }
    out
}

impl Clause {
    /// Takes a verb into the clause, and decides the ids before it that it is about.
    #[allow(clippy::too_many_arguments, reason = "the places of one word, used once")]
    fn take(&mut self, verb: Verb, is_noun: bool, word: &str, denies: bool, previous: &str, in_sources: bool, out: &mut [(CveId, Says)]) {
        let removing = self.verb == Some(Verb::Remove) || self.reversed;
        let purpose = previous.eq_ignore_ascii_case("to");
        match verb {
            // "Do not drop the patch of CVE-...".
            Verb::Remove | Verb::Revert if denies => self.verb = Some(Verb::Fix),
            Verb::Revert => self.reversed = !self.reversed,
            // "Patch to remove the overflow of CVE-...".
            Verb::Remove if purpose && self.verb == Some(Verb::Fix) => {}
            Verb::Remove => {
                self.verb = Some(Verb::Remove);
                (self.of_patch, self.of_other) = (false, false);
            }
            Verb::Fix if denies => self.denied = true,
            // "Remove the old way to fix CVE-...".
            Verb::Fix if removing && purpose => {
                self.verb = Some(Verb::Fix);
                self.reversed = false;
            }
            // "Drop the fix", "drop the patch that was added": the object of the removal.
            Verb::Fix if self.verb == Some(Verb::Remove) && (is_noun || is_participle(word)) => self.of_patch = true,
            Verb::Upgrade if self.verb == Some(Verb::Remove) => self.of_patch = true,
            Verb::Fix if is_noun && self.verb == Some(Verb::Upgrade) => {}
            verb => self.verb = Some(verb),
        }
        let undoes = matches!(verb, Verb::Remove | Verb::Revert) && !denies;
        if undoes && is_participle(word) && (self.is_noun || self.undecided == self.group) {
            // "Patch for CVE-... reverted", "CVE-....patch removed".
            let says = if in_sources && verb == Verb::Remove { Says::Named } else { Says::TakenBack };
            self.group.iter().for_each(|place| set(out, *place, says));
        } else {
            let says = self.says(in_sources);
            self.undecided.iter().for_each(|place| set(out, *place, says));
        }
        if !is_noun {
            self.undecided.clear();
        }
        self.is_noun = is_noun;
    }
}

fn set(out: &mut [(CveId, Says)], place: usize, says: Says) {
    if let Some((_, slot)) = out.get_mut(place) {
        *slot = says;
    }
}

/// A word in lower case without what is around it.
pub(super) fn bare(word: &str) -> String {
    word.trim_matches(|c: char| !c.is_ascii_alphanumeric()).to_ascii_lowercase()
}

fn is_participle(word: &str) -> bool {
    word.ends_with("ed") || matches!(word, "undone" | "withdrawn" | "taken")
}

fn is_negation(word: &str) -> bool {
    matches!(word, "not" | "no" | "never" | "cannot" | "without" | "unable" | "fails" | "failed") || word.ends_with("n't")
}

/// Whether a word turns an item to something else than a fix: a test, a plan, a decision not to patch.
fn is_aside(word: &str) -> bool {
    let starts = ["prepar", "skip", "ignor", "nopatch", "todo", "pending", "await", "waiting", "defer", "postpon", "wontfix", "investigat"];
    is_test(word) || starts.iter().any(|start| word.starts_with(start))
}

fn is_test(word: &str) -> bool {
    ["test", "reproducer", "unittest", "selftest"].iter().any(|start| word.starts_with(start))
}

/// Whether a word behind "still" says that something is not fixed.
fn is_open(word: &str) -> bool {
    matches!(word, "vulnerable" | "affected" | "open" | "unfixed" | "unpatched" | "present" | "exploitable" | "exposed" | "missing")
}

/// Whether a word behind a negation says that something is no concern of the package.
fn concerns(word: &str) -> bool {
    ["affect", "vulnerab", "applicab", "relevan", "impact", "exploitab"].iter().any(|start| word.starts_with(start))
}

/// The verb that a word stands for, with whether the word may be a noun; `next` is the word behind it.
fn verb(word: &str, next: &str) -> Option<(Verb, bool)> {
    let starts = |list: &[&str]| list.iter().any(|p| word.starts_with(p));
    if is_reversal(word, next) {
        Some((Verb::Revert, false))
    } else if starts(&["remov", "drop", "delet", "disabl", "unappl", "exclud", "withdr", "discard", "omit"])
        || next == "out" && ["comment", "tak", "took", "pull"].iter().any(|start| word.starts_with(start))
    {
        Some((Verb::Remove, false))
    } else if starts(&["upgrad", "updat", "bump", "rebas"]) {
        Some((Verb::Upgrade, false))
    } else if starts(&["patch", "fix", "backport", "mitigation", "workaround", "change", "commit"]) {
        Some((Verb::Fix, true))
    } else if starts(&[
        "address", "resolv", "mitigat", "add", "appl", "correct", "restor", "reinstat", "enabl", "readd", "reappl", "reenabl",
    ]) || starts(&["re-add", "re-appl", "re-enabl", "re-introduc", "reintroduc", "cherry", "port"])
    {
        Some((Verb::Fix, false))
    } else {
        None
    }
}

/// Whether a word says that something is undone: "revert", "undo", "back out", "roll back".
pub(super) fn is_reversal(word: &str, next: &str) -> bool {
    word.starts_with("revert")
        || matches!(word, "undo" | "undoes" | "undid" | "undone" | "undoing" | "rollback" | "backout")
        || matches!(word, "back" | "backs" | "backed" | "backing") && next == "out"
        || matches!(word, "roll" | "rolls" | "rolled" | "rolling") && next == "back"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_item_says_what_it_does_to_a_cve() {
        use Says::{Fixed, Named, TakenBack};
        let rows: Vec<(&str, &[Says])> = vec![
            ("- CVE-2024-0001", &[Fixed]),
            ("- About CVE-2024-0001", &[Fixed]),
            ("- Patch CVE-2024-0001 and CVE-2024-0002", &[Fixed, Fixed]),
            ("- CVE-2024-0001 fixed", &[Fixed]),
            ("- Fix for CVE 2024-0001/0002", &[Fixed, Fixed]),
            ("- Remove CVE_2024_0001.patch", &[TakenBack]),
            ("- CVE-2024-0001: fix an overflow in the test harness", &[Fixed]),
            ("- Re-enable CVE-2024-0001.patch and refresh it", &[Fixed]),
            ("- Patch CVE-2024-0001 to remove unused pointers", &[Fixed]),
            ("- Patch CVE-2024-0001, removed the unused patch", &[Fixed]),
            ("- Update to 2.0, since 1.0 is vulnerable to CVE-2024-0001", &[Fixed]),
            ("- Add patch to remove the overflow of CVE-2024-0001", &[Fixed]),
            ("- Revert the last change and apply the fix of CVE-2024-0001", &[Fixed]),
            ("- Add a check, since callers don't look at the length of a name (CVE-2024-0001)", &[Fixed]),
            ("- Remove the old way to fix CVE-2024-0001", &[Fixed]),
            // Removed.
            ("- Remove patch for CVE-2024-0001, CVE-2024-0002", &[TakenBack, TakenBack]),
            ("- Remove CVE-2024-0001.patch as it is malformed", &[TakenBack]),
            ("- Drop the fix of CVE-2024-0001, which broke the build", &[TakenBack]),
            ("- Drop the patch that was added for CVE-2024-0001", &[TakenBack]),
            ("- CVE-2024-0001.patch removed", &[TakenBack]),
            ("- Patch for CVE-2024-0001 was reverted", &[TakenBack]),
            ("- Disable CVE-2024-0001.patch", &[TakenBack]),
            ("- Comment out CVE-2024-0001.patch", &[TakenBack]),
            ("- Do not apply CVE-2024-0001.patch", &[TakenBack]),
            ("- Stop applying CVE-2024-0001.patch", &[TakenBack]),
            ("- CVE-2024-0001 and CVE-2024-0002 patches removed", &[TakenBack, TakenBack]),
            ("- Patch CVE-2024-0001 and removed unused code", &[Fixed]),
            ("- Upgrade to 2.0 to fix CVE-2024-0001 and drop the fix for CVE-2024-0002", &[Fixed, TakenBack]),
            ("- Add patch for CVE-2024-0001. Remove patch for CVE-2024-0002", &[Fixed, TakenBack]),
            ("- Remove patch for CVE-2024-0001 and fix CVE-2024-0002", &[TakenBack, Fixed]),
            // Removed, as the sources have it.
            ("- Remove CVE-2024-0001.patch (fixed upstream in 2.0)", &[Named]),
            ("- Remove CVE-2024-0001 patch (already in this version)", &[Named]),
            ("- Drop upstreamed patch for CVE-2024-0001", &[Named]),
            // Something else removed.
            ("- Remove unnecessary check from CVE-2024-0001 patch", &[Named]),
            ("- Do not drop the patch of CVE-2024-0001", &[Fixed]),
            // Undone.
            ("- Revert CVE-2024-0001", &[TakenBack]),
            ("- Revert \"Patch for CVE-2024-0001\"", &[TakenBack]),
            ("- Back out the fix for CVE-2024-0001", &[TakenBack]),
            ("- Rolled back the update that fixed CVE-2024-0001", &[TakenBack]),
            ("- Revert the upgrade that fixed CVE-2024-0001", &[TakenBack]),
            ("- Revert \"Revert \"Patch for CVE-2024-0001\"\"", &[Fixed]),
            ("- Revert the removal of CVE-2024-0001.patch", &[Fixed]),
            ("- Revert the last change, and fix CVE-2024-0001", &[Fixed]),
            ("- Revert to the old allocator to fix CVE-2024-0001", &[Fixed]),
            // Not fixed.
            ("- CVE-2024-0001 is not fixed in this release", &[TakenBack]),
            ("- This does not yet fix CVE-2024-0001", &[TakenBack]),
            ("- Still vulnerable to CVE-2024-0001, no upstream fix yet", &[TakenBack]),
            ("- CVE-2024-0001 remains unfixed", &[TakenBack]),
            ("- Incomplete fix: CVE-2024-0001 still exploitable", &[TakenBack]),
            ("- Vulnerable to CVE-2024-0001", &[TakenBack]),
            ("- Apply no patches for CVE-2024-0001 CVE-2024-0002", &[TakenBack, TakenBack]),
            ("- CVE-2024-0001 will be fixed by the next release", &[TakenBack]),
            ("- This release no longer fixes CVE-2024-0001", &[TakenBack]),
            ("- CVE-2024-0001: no fix available", &[TakenBack]),
            ("- Update to 2.0, which is no longer affected by CVE-2024-0001", &[Fixed]),
            ("- No longer need CVE-2024-0001, str3608", &[Fixed]),
            // Named only.
            ("- CVE-2024-0001 fix pending upstream", &[Named]),
            ("- Skip the test that fails because of CVE-2024-0001", &[Named]),
            ("- Add tests for CVE-2024-0001", &[Named]),
            ("- Prepare for the CVE-2024-0001 fix", &[Named]),
            ("- Add CVE-2024-0001.nopatch: no upstream fix", &[Named]),
            ("- Nopatch CVE-2024-0001, CVE-2024-0002", &[Named, Named]),
            ("- Mark CVE-2024-0001 as nopatch", &[Named]),
            ("- Ignore CVE-2024-0001, as it is no security issue", &[Named]),
            ("- CVE-2024-0001 does not affect this package", &[Named]),
        ];
        seaworthy_testing::hold(rows.into_iter().map(|(item, expected)| {
            let found: Vec<Says> = of_item(item).into_iter().map(|(_, says)| says).collect();
            (item, format!("{expected:?}"), format!("{found:?}"))
        }));
    }
}
