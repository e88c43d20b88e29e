//! The state of the board, and its changes by keys.

use jiff::Timestamp;
use ratatui::crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use seaworthy_model::Severity;
use seaworthy_model::case::{Case, CaseEvent, CaseKey, CaseState, Decision, Justification, Origin, Reason};
use seaworthy_pipeline::triage::Suggestion;
use seaworthy_pipeline::{CaseFile, Queued, Undoing};

use super::super::case::parse_until;
use super::super::show;

/// The number of cases that J and K pass over.
const LEAP: usize = 10;

/// The state of the board.
pub(super) struct Board {
    /// All open cases, in the order of the queue.
    queue: Vec<Queued>,
    /// The words of each case that the filter looks at, in lower case.
    words: Vec<String>,
    /// The places in the queue of the cases that the filter leaves.
    left: Vec<usize>,
    /// The place of the selected case among those.
    pub(super) selected: usize,
    /// The details of the selected case, by heading.
    pub(super) sections: Vec<(&'static str, Vec<String>)>,
    pub(super) suggestions: Vec<Suggestion>,
    /// The first line of the details that is shown.
    pub(super) scroll: u16,
    pub(super) filter: String,
    pub(super) mode: Mode,
    /// The outcome of the last action.
    pub(super) message: String,
    /// The person at the board.
    pub(super) actor: String,
    pub(super) now: Timestamp,
}

/// The mode, which says what keys mean.
pub(super) enum Mode {
    Queue,
    Help,
    Filter,
    Form(Form),
    /// The question whether a batch is to be undone.
    Undo(Box<Undoing>),
}

/// The form for the parts of a decision.
pub(super) struct Form {
    pub(super) state: CaseState,
    pub(super) fields: Vec<(Field, String)>,
    pub(super) at: usize,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Field {
    Justification,
    Statement,
    Until,
}

impl Field {
    pub(super) fn label(self) -> &'static str {
        match self {
            Self::Justification => "justification (1 to 5)",
            Self::Statement => "statement",
            Self::Until => "until (a day, or 90d)",
        }
    }
}

/// The outcome of a key.
pub(super) enum Outcome {
    Stay,
    Quit,
    /// Write an event of the selected case, with the reason for the log.
    Write(Box<CaseEvent>, Option<String>),
    /// Ask whether the last batch of the person at the board is to be undone.
    AskUndo,
    /// Undo a batch.
    Undo(Box<Undoing>),
}

impl Board {
    pub(super) fn new(now: Timestamp, actor: &str) -> Self {
        Self {
            queue: Vec::new(),
            words: Vec::new(),
            left: Vec::new(),
            selected: 0,
            sections: Vec::new(),
            suggestions: Vec::new(),
            scroll: 0,
            filter: String::new(),
            mode: Mode::Queue,
            message: String::new(),
            actor: actor.to_owned(),
            now,
        }
    }

    /// Takes the queue as it is now. The selected case stays selected; where it has left the queue, the next one is.
    pub(super) fn fill_queue(&mut self, queue: Vec<Queued>, now: Timestamp) {
        let before = self.case().map(|case| case.key.clone());
        self.words = queue.iter().map(|queued| words(&queued.case)).collect();
        self.queue = queue;
        self.now = now;
        self.choose();
        self.selected = self.selected.min(self.last());
        self.select(before.iter());
    }

    /// Selects the first of some cases that is shown; where none is, the selected one stays selected.
    pub(super) fn select<'k>(&mut self, mut keys: impl Iterator<Item = &'k CaseKey>) {
        let place = |key: &CaseKey| self.left.iter().position(|place| self.queue.get(*place).is_some_and(|q| q.case.key == *key));
        self.selected = keys.find_map(place).unwrap_or(self.selected);
    }

    /// Applies the filter: it leaves the cases that have each of its words.
    fn choose(&mut self) {
        let filter = self.filter.to_lowercase();
        let has = |words: &&String| filter.split_whitespace().all(|word| words.contains(word));
        self.left = self.words.iter().enumerate().filter(|(_, words)| has(words)).map(|(place, _)| place).collect();
    }

    /// Shows all cases; the selected one stays selected.
    fn show_all(&mut self) {
        self.filter.clear();
        self.selected = self.left.get(self.selected).copied().unwrap_or(0);
        self.choose();
    }

    /// The place of the last case that is shown.
    fn last(&self) -> usize {
        self.left.len().saturating_sub(1)
    }

    /// Removes the details of a case.
    pub(super) fn clear(&mut self) {
        self.scroll = 0;
        self.sections.clear();
        self.suggestions.clear();
    }

    pub(super) fn fill(&mut self, file: &CaseFile) {
        self.scroll = 0;
        self.suggestions.clone_from(&file.suggestions);
        self.sections = show::sections(file);
        // Where people decide, the evidence comes first.
        self.sections.sort_by_key(|(heading, _)| *heading != "Evidence");
        self.sections.retain(|(_, lines)| !lines.is_empty());
    }

    /// The number of open cases.
    pub(super) fn total(&self) -> usize {
        self.queue.len()
    }

    /// The number of cases that the filter leaves.
    pub(super) fn shown(&self) -> usize {
        self.left.len()
    }

    /// The cases that stand in `rows` rows, with the selected one in the middle as far as there are others, and its row.
    pub(super) fn window(&self, rows: usize) -> (Vec<&Queued>, usize) {
        let first = self.selected.saturating_sub(rows / 2).min(self.left.len().saturating_sub(rows));
        let cases = self.left.iter().skip(first).take(rows).filter_map(|place| self.queue.get(*place));
        (cases.collect(), self.selected - first)
    }

    pub(super) fn case(&self) -> Option<&Case> {
        self.left.get(self.selected).and_then(|place| self.queue.get(*place)).map(|queued| &queued.case)
    }

    pub(super) fn key(&mut self, key: KeyEvent) -> Outcome {
        if key.modifiers.contains(KeyModifiers::CONTROL) && key.code == KeyCode::Char('c') {
            return Outcome::Quit;
        }
        match &self.mode {
            Mode::Queue => self.queue_key(key.code),
            Mode::Help => {
                self.mode = Mode::Queue;
                Outcome::Stay
            }
            Mode::Filter => self.filter_key(key.code),
            Mode::Form(_) => self.form_key(key.code),
            Mode::Undo(_) => self.undo_key(key.code),
        }
    }

    fn queue_key(&mut self, code: KeyCode) -> Outcome {
        let last = self.last();
        self.message.clear();
        match code {
            KeyCode::Char('q') => return Outcome::Quit,
            KeyCode::Esc if self.filter.is_empty() => self.message = "q leaves".into(),
            KeyCode::Esc => self.show_all(),
            KeyCode::Char('?') => self.mode = Mode::Help,
            KeyCode::Char('/') => self.mode = Mode::Filter,
            KeyCode::Down | KeyCode::Char('j') => self.selected = (self.selected + 1).min(last),
            KeyCode::Up | KeyCode::Char('k') => self.selected = self.selected.saturating_sub(1),
            KeyCode::Char('J') => self.selected = (self.selected + LEAP).min(last),
            KeyCode::Char('K') => self.selected = self.selected.saturating_sub(LEAP),
            KeyCode::Home | KeyCode::Char('g') => self.selected = 0,
            KeyCode::End | KeyCode::Char('G') => self.selected = last,
            KeyCode::PageDown | KeyCode::Char(' ') => self.scroll = self.scroll.saturating_add(10),
            KeyCode::PageUp => self.scroll = self.scroll.saturating_sub(10),
            KeyCode::Char('u') => return Outcome::AskUndo,
            _ if self.case().is_none() => {}
            KeyCode::Char('a') => return decide(plain(CaseState::Affected), None),
            KeyCode::Char('i') => return decide(plain(CaseState::UnderInvestigation), None),
            KeyCode::Char('n') => self.ask(CaseState::NotAffected, &[Field::Justification, Field::Statement]),
            KeyCode::Char('d') => self.ask(CaseState::Deferred, &[Field::Until, Field::Statement]),
            KeyCode::Char('w') => self.ask(CaseState::WillNotFix, &[Field::Until, Field::Statement]),
            KeyCode::Char('m') => return Outcome::Write(Box::new(CaseEvent::Assigned { to: Some(self.actor.clone()) }), None),
            KeyCode::Char('s') => match self.suggestions.first().cloned() {
                Some(s) => return decide(s.decision, Some(s.because)),
                None => self.message = "nothing is suggested for this case".into(),
            },
            KeyCode::Char('x') => match self.suggestions.first() {
                Some(s) => return Outcome::Write(Box::new(CaseEvent::Refused { suggestion: s.name.clone() }), None),
                None => self.message = "nothing is suggested for this case".into(),
            },
            _ => self.message = "? shows the keys".into(),
        }
        Outcome::Stay
    }

    fn ask(&mut self, state: CaseState, fields: &[Field]) {
        let fields = fields.iter().map(|field| (*field, String::new())).collect();
        self.mode = Mode::Form(Form { state, fields, at: 0 });
    }

    fn filter_key(&mut self, code: KeyCode) -> Outcome {
        match code {
            KeyCode::Char(c) => self.filter.push(c),
            KeyCode::Backspace => drop(self.filter.pop()),
            KeyCode::Esc => {
                self.show_all();
                self.mode = Mode::Queue;
                return Outcome::Stay;
            }
            KeyCode::Enter => {
                self.mode = Mode::Queue;
                return Outcome::Stay;
            }
            _ => return Outcome::Stay,
        }
        self.choose();
        self.selected = 0;
        Outcome::Stay
    }

    fn undo_key(&mut self, code: KeyCode) -> Outcome {
        if matches!(code, KeyCode::Enter | KeyCode::Esc)
            && let Mode::Undo(undoing) = std::mem::replace(&mut self.mode, Mode::Queue)
        {
            if code == KeyCode::Enter {
                return Outcome::Undo(undoing);
            }
            self.message = "nothing was changed".into();
        }
        Outcome::Stay
    }

    fn form_key(&mut self, code: KeyCode) -> Outcome {
        let Mode::Form(form) = &mut self.mode else { return Outcome::Stay };
        let last = form.at + 1 == form.fields.len();
        let Some((_, text)) = form.fields.get_mut(form.at) else { return Outcome::Stay };
        match code {
            KeyCode::Esc => {
                self.mode = Mode::Queue;
                self.message = "nothing was changed".into();
            }
            KeyCode::Char(c) => text.push(c),
            KeyCode::Backspace => drop(text.pop()),
            KeyCode::Up => form.at = form.at.saturating_sub(1),
            KeyCode::Enter if !last => form.at += 1,
            KeyCode::Down | KeyCode::Tab if !last => form.at += 1,
            KeyCode::Enter => match form.decision(self.now) {
                Ok(decision) => {
                    self.mode = Mode::Queue;
                    return decide(decision, None);
                }
                Err(message) => self.message = message,
            },
            _ => {}
        }
        Outcome::Stay
    }
}

fn decide(decision: Decision, why: Option<String>) -> Outcome {
    Outcome::Write(Box::new(CaseEvent::Decided(decision)), why)
}

/// A time that is later than now; the words cost less here than once the form is gone.
fn later(until: Timestamp, now: Timestamp) -> Result<Timestamp, String> {
    if until > now { Ok(until) } else { Err(format!("{until} is over already")) }
}

/// The words of a case that the filter looks at, in lower case.
fn words(case: &Case) -> String {
    let CaseKey { line, package, cve, part } = &case.key;
    let severity = case.severity().map_or("unrated", Severity::as_str);
    format!("{package} {part} {cve} {line} {severity} {} {}", case.state, case.assignee.as_deref().unwrap_or_default()).to_lowercase()
}

/// The decision that leads to a state without further parts.
fn plain(state: CaseState) -> Decision {
    Decision { state, justification: None, reason: Reason::Reviewed, statement: String::new(), until: None, origin: Origin::Person }
}

impl Form {
    fn decision(&self, now: Timestamp) -> Result<Decision, String> {
        let mut decision = plain(self.state);
        for (field, text) in &self.fields {
            let text = text.trim();
            match field {
                Field::Statement => decision.statement = text.to_owned(),
                Field::Until if text.is_empty() => {}
                Field::Until => decision.until = Some(parse_until(text).and_then(|until| later(until, now))?),
                Field::Justification => {
                    let number = text.parse::<usize>().ok().and_then(|n| n.checked_sub(1));
                    let chosen = number.and_then(|n| Justification::ALL.get(n).copied());
                    decision.justification = Some(chosen.ok_or("a justification is a number from 1 to 5")?);
                }
            }
        }
        decision.complete().map(|()| decision).map_err(str::to_owned)
    }
}
