//! The open cases as a person goes through them.

use seaworthy_model::Severity;
use seaworthy_model::case::{Case, CaseKey};

use super::queue::Queued;

/// All open cases in the order of the queue, of which a filter leaves some and one is selected.
#[derive(Clone, Debug, Default)]
pub struct Worklist {
    queue: Vec<Queued>,
    /// The words of each case that the filter looks at, in lower case.
    words: Vec<String>,
    /// The places in the queue of the cases that the filter leaves.
    left: Vec<usize>,
    /// The place of the selected case among those.
    selected: usize,
    filter: String,
}

impl Worklist {
    /// Takes the queue as it is now. The selected case stays selected; where it has left the queue, the next one is.
    pub fn fill(&mut self, queue: Vec<Queued>) {
        let before = self.case().map(|case| case.key.clone());
        self.words = queue.iter().map(|queued| words(&queued.case)).collect();
        self.queue = queue;
        self.choose();
        self.go_to(self.selected);
        self.select(before.iter());
    }

    /// The filter; empty where all cases are shown.
    #[must_use]
    pub fn filter(&self) -> &str {
        &self.filter
    }

    /// Shows only the cases that have each word of a filter, in whatever case of letters, and selects the first. An empty filter shows all,
    /// and the selected one stays selected.
    pub fn set_filter(&mut self, filter: String) {
        if filter == self.filter {
            return;
        }
        self.selected = if filter.is_empty() { self.left.get(self.selected).copied().unwrap_or(0) } else { 0 };
        self.filter = filter;
        self.choose();
    }

    fn choose(&mut self) {
        let filter = self.filter.to_lowercase();
        let has = |words: &&String| filter.split_whitespace().all(|word| words.contains(word));
        self.left = self.words.iter().enumerate().filter(|(_, words)| has(words)).map(|(place, _)| place).collect();
    }

    /// The place of the selected case among those that are shown.
    #[must_use]
    pub fn place(&self) -> usize {
        self.selected
    }

    /// Selects the case at a place among those that are shown; the last one where there are fewer.
    pub fn go_to(&mut self, place: usize) {
        self.selected = place.min(self.left.len().saturating_sub(1));
    }

    /// Selects the first of some cases that is shown; where none is, the selected one stays selected.
    pub fn select<'k>(&mut self, mut keys: impl Iterator<Item = &'k CaseKey>) {
        let place = |key: &CaseKey| self.left.iter().position(|place| self.queue.get(*place).is_some_and(|q| q.case.key == *key));
        self.selected = keys.find_map(place).unwrap_or(self.selected);
    }

    /// The selected case; `None` where none is shown.
    #[must_use]
    pub fn case(&self) -> Option<&Case> {
        self.left.get(self.selected).and_then(|place| self.queue.get(*place)).map(|queued| &queued.case)
    }

    /// The number of open cases.
    #[must_use]
    pub fn total(&self) -> usize {
        self.queue.len()
    }

    /// The number of cases that the filter leaves.
    #[must_use]
    pub fn shown(&self) -> usize {
        self.left.len()
    }

    /// The cases that stand in `rows` rows, with the selected one in the middle as far as there are others, and its row.
    #[must_use]
    pub fn window(&self, rows: usize) -> (Vec<&Queued>, usize) {
        let first = self.selected.saturating_sub(rows / 2).min(self.left.len().saturating_sub(rows));
        let cases = self.left.iter().skip(first).take(rows).filter_map(|place| self.queue.get(*place));
        (cases.collect(), self.selected - first)
    }
}

/// The words of a case that the filter looks at, in lower case.
fn words(case: &Case) -> String {
    let CaseKey { line, package, cve, part } = &case.key;
    let severity = case.severity().map_or("unrated", Severity::as_str);
    format!("{package} {part} {cve} {line} {severity} {} {}", case.state, case.assignee.as_deref().unwrap_or_default()).to_lowercase()
}
