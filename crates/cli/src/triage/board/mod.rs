//! `triage board`: the queue in a terminal, the evidence beside it, and a keystroke a decision.

mod draw;

use std::io::IsTerminal;

use anyhow::{Context, bail};
use jiff::Timestamp;
use ratatui::crossterm::event::{self, Event as Input, KeyCode, KeyEvent, KeyEventKind, KeyModifiers};
use seaworthy_ledger::{Entry, Event, Query, Sight};
use seaworthy_model::case::{Case, CaseEvent, CaseState, Decision, Justification, Origin, Reason};
use seaworthy_triage::{Policy, Suggestion, suggest};

use super::args::{Note, parse_until};
use super::{Desk, show};
use crate::args::Arguments;
use crate::{cases, ledger};

/// So many cases of the queue are held at once.
const HELD: u64 = 500;

/// What is on the screen.
struct Board {
    queue: Vec<Case>,
    selected: usize,
    /// What is told of the selected case, by heading.
    sections: Vec<(&'static str, Vec<String>)>,
    suggestions: Vec<Suggestion>,
    /// How far the right side is scrolled.
    scroll: u16,
    filter: String,
    mode: Mode,
    /// What happened last.
    message: String,
    now: Timestamp,
}

/// What keys mean.
enum Mode {
    Queue,
    Help,
    Filter,
    Form(Form),
}

/// What a decision needs to be told.
struct Form {
    state: CaseState,
    fields: Vec<(Field, String)>,
    at: usize,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Field {
    Justification,
    Statement,
    Until,
}

impl Field {
    fn label(self) -> &'static str {
        match self {
            Self::Justification => "justification (1 to 5)",
            Self::Statement => "statement",
            Self::Until => "until (a day, or 90d)",
        }
    }
}

/// What a key leads to.
enum Outcome {
    Stay,
    Quit,
    /// An event of the selected case, and why.
    Write(Box<CaseEvent>, Option<String>),
}

pub(super) fn run(arguments: &Arguments, mut desk: Desk, line: Option<&str>, embargoed: bool) -> anyhow::Result<u8> {
    if !std::io::stdout().is_terminal() || !std::io::stdin().is_terminal() {
        bail!("the board needs a terminal: `seaworthy triage list` shows the queue elsewhere");
    }
    let policy = cases::policy(&arguments.home)?;
    let colours = crate::colours(arguments.color);
    let sight = desk.sight(embargoed);
    let mut board = Board::new(desk.now);
    board.load(&mut desk, line, sight)?;
    board.look(&mut desk, &policy, embargoed)?;
    let mut terminal = ratatui::try_init().context("the terminal cannot be drawn on")?;
    let ended = (|| -> anyhow::Result<()> {
        loop {
            terminal.draw(|frame| draw::draw(frame, &board, colours))?;
            let Input::Key(key) = event::read()? else { continue };
            if key.kind != KeyEventKind::Press {
                continue;
            }
            let before = (board.selected, board.filter.clone());
            match board.key(key) {
                Outcome::Quit => return Ok(()),
                Outcome::Stay if before == (board.selected, board.filter.clone()) => continue,
                Outcome::Stay => {}
                Outcome::Write(event, why) => {
                    board.message = match write(&mut desk, board.case(), *event, why) {
                        Ok(told) => told,
                        Err(error) => format!("{error:#}"),
                    };
                    board.load(&mut desk, line, sight)?;
                }
            }
            board.look(&mut desk, &policy, embargoed)?;
        }
    })();
    ratatui::restore();
    ended.map(|()| 0)
}

fn write(desk: &mut Desk, case: Option<&Case>, event: CaseEvent, why: Option<String>) -> anyhow::Result<String> {
    let Some(case) = case else { return Ok("no case is selected".into()) };
    // The board may stand open for hours.
    desk.now = crate::clock::timestamp();
    case.clone().apply(desk.now, &event)?;
    let told = Event::Case { key: case.key.clone(), event: event.clone() }.to_string();
    let draft = desk.draft(&case.key, &Note { why }, event);
    desk.ledger.append(vec![draft])?;
    Ok(told)
}

impl Board {
    fn new(now: Timestamp) -> Self {
        Self {
            queue: Vec::new(),
            selected: 0,
            sections: Vec::new(),
            suggestions: Vec::new(),
            scroll: 0,
            filter: String::new(),
            mode: Mode::Queue,
            message: String::new(),
            now,
        }
    }

    fn load(&mut self, desk: &mut Desk, line: Option<&str>, sight: Sight) -> anyhow::Result<()> {
        let query = Query { open: Some(true), line: line.map(str::to_owned), sight, limit: Some(HELD), ..Query::default() };
        self.queue = desk.ledger.cases(&query)?.cases;
        self.now = desk.now;
        self.selected = self.selected.min(self.shown().len().saturating_sub(1));
        Ok(())
    }

    /// Brings what is told of the selected case.
    fn look(&mut self, desk: &mut Desk, policy: &Policy, embargoed: bool) -> anyhow::Result<()> {
        self.scroll = 0;
        let Some(key) = self.case().map(|c| c.key.clone()) else {
            self.sections.clear();
            return Ok(());
        };
        let Some(case) = desk.ledger.case(&key)? else { return Ok(()) };
        let history = desk.ledger.history(&key)?;
        self.suggestions = suggest(&case, &desk.precedents(embargoed)?);
        self.tell(&case, &history, policy);
        Ok(())
    }

    fn tell(&mut self, case: &Case, history: &[Entry], policy: &Policy) {
        self.sections = show::sections(case, history, &self.suggestions, policy, self.now);
        // Where people decide, the evidence comes first.
        self.sections.sort_by_key(|(heading, _)| *heading != "Evidence");
        self.sections.retain(|(_, lines)| !lines.is_empty());
    }

    /// The cases that the filter leaves.
    fn shown(&self) -> Vec<&Case> {
        let has = |case: &Case| format!("{} {} {}", case.key.package, case.key.cve, case.state).contains(&self.filter);
        self.queue.iter().filter(|case| has(case)).collect()
    }

    fn case(&self) -> Option<&Case> {
        self.shown().get(self.selected).copied()
    }

    fn key(&mut self, key: KeyEvent) -> Outcome {
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
        }
    }

    fn queue_key(&mut self, code: KeyCode) -> Outcome {
        let last = self.shown().len().saturating_sub(1);
        self.message.clear();
        match code {
            KeyCode::Char('q') | KeyCode::Esc => return Outcome::Quit,
            KeyCode::Char('?') => self.mode = Mode::Help,
            KeyCode::Char('/') => self.mode = Mode::Filter,
            KeyCode::Down | KeyCode::Char('j') => self.selected = (self.selected + 1).min(last),
            KeyCode::Up | KeyCode::Char('k') => self.selected = self.selected.saturating_sub(1),
            KeyCode::Home | KeyCode::Char('g') => self.selected = 0,
            KeyCode::End | KeyCode::Char('G') => self.selected = last,
            KeyCode::PageDown | KeyCode::Char(' ') => self.scroll = self.scroll.saturating_add(10),
            KeyCode::PageUp => self.scroll = self.scroll.saturating_sub(10),
            _ if self.case().is_none() => {}
            KeyCode::Char('a') => return decide(plain(CaseState::Affected), None),
            KeyCode::Char('i') => return decide(plain(CaseState::UnderInvestigation), None),
            KeyCode::Char('n') => self.ask(CaseState::NotAffected, &[Field::Justification, Field::Statement]),
            KeyCode::Char('d') => self.ask(CaseState::Deferred, &[Field::Until, Field::Statement]),
            KeyCode::Char('w') => self.ask(CaseState::WillNotFix, &[Field::Until, Field::Statement]),
            KeyCode::Char('m') => return Outcome::Write(Box::new(CaseEvent::Assigned { to: Some(ledger::actor()) }), None),
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
                self.filter.clear();
                self.mode = Mode::Queue;
            }
            KeyCode::Enter => self.mode = Mode::Queue,
            _ => {}
        }
        self.selected = 0;
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
            KeyCode::Enter => match form.decision() {
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

/// A decision that needs no words.
fn plain(state: CaseState) -> Decision {
    Decision { state, justification: None, reason: Reason::Reviewed, statement: String::new(), until: None, origin: Origin::Person }
}

impl Form {
    fn decision(&self) -> Result<Decision, String> {
        let mut decision = plain(self.state);
        for (field, text) in &self.fields {
            let text = text.trim();
            match field {
                Field::Statement => decision.statement = text.to_owned(),
                Field::Until if text.is_empty() => {}
                Field::Until => decision.until = Some(parse_until(text)?),
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

#[cfg(test)]
mod tests;
