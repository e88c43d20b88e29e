//! The state of the board, and its changes by keys.

use jiff::Timestamp;
use ratatui::crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use seaworthy_model::case::{Case, CaseEvent, CaseState, Decision, Justification, Origin, Reason};
use seaworthy_pipeline::triage::Suggestion;
use seaworthy_pipeline::{CaseFile, Queued, Undoing, Worklist};

use super::super::case::parse_until;

/// The number of cases that J and K pass over.
const LEAP: usize = 10;

/// The state of the board.
pub(super) struct Board {
    pub(super) list: Worklist,
    /// The details of the selected case, by heading.
    pub(super) sections: Vec<(&'static str, Vec<String>)>,
    pub(super) suggestions: Vec<Suggestion>,
    /// The first line of the details that is shown.
    pub(super) scroll: u16,
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
            list: Worklist::default(),
            sections: Vec::new(),
            suggestions: Vec::new(),
            scroll: 0,
            mode: Mode::Queue,
            message: String::new(),
            actor: actor.to_owned(),
            now,
        }
    }

    /// Takes the queue as it is now.
    pub(super) fn fill_queue(&mut self, queue: Vec<Queued>, now: Timestamp) {
        self.list.fill(queue);
        self.now = now;
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
        self.sections = file.sections();
        // Where people decide, the evidence comes first.
        self.sections.sort_by_key(|(heading, _)| *heading != "Evidence");
        self.sections.retain(|(_, lines)| !lines.is_empty());
    }

    pub(super) fn case(&self) -> Option<&Case> {
        self.list.case()
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
        let place = self.list.place();
        self.message.clear();
        match code {
            KeyCode::Char('q') => return Outcome::Quit,
            KeyCode::Esc if self.list.filter().is_empty() => self.message = "q leaves".into(),
            KeyCode::Esc => self.list.set_filter(String::new()),
            KeyCode::Char('?') => self.mode = Mode::Help,
            KeyCode::Char('/') => self.mode = Mode::Filter,
            KeyCode::Down | KeyCode::Char('j') => self.list.go_to(place + 1),
            KeyCode::Up | KeyCode::Char('k') => self.list.go_to(place.saturating_sub(1)),
            KeyCode::Char('J') => self.list.go_to(place + LEAP),
            KeyCode::Char('K') => self.list.go_to(place.saturating_sub(LEAP)),
            KeyCode::Home | KeyCode::Char('g') => self.list.go_to(0),
            KeyCode::End | KeyCode::Char('G') => self.list.go_to(usize::MAX),
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
        let mut filter = self.list.filter().to_owned();
        match code {
            KeyCode::Char(c) => filter.push(c),
            KeyCode::Backspace => drop(filter.pop()),
            KeyCode::Enter => self.mode = Mode::Queue,
            KeyCode::Esc => (filter, self.mode) = (String::new(), Mode::Queue),
            _ => {}
        }
        self.list.set_filter(filter);
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
