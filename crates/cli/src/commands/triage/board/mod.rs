//! The command `triage board`: the queue in a terminal, the evidence beside it, and a key for each decision.

mod draw;
mod state;
#[cfg(test)]
mod tests;

use std::io::IsTerminal;

use clap::Args;
use ratatui::crossterm::event::{self, Event as Input, KeyEvent, KeyEventKind};
use seaworthy_model::ReleaseLine;
use seaworthy_model::case::{Case, CaseEvent};
use seaworthy_pipeline::{CaseName, Desk};

use crate::context::Context;
use crate::error::{CommandError, CommandResult, Ended};
use state::{Board, Mode, Outcome};

/// Work on the queue in a terminal, with a key for each decision.
#[derive(Debug, Args)]
pub(crate) struct BoardArgs {
    /// Show only cases of this release line.
    #[arg(long, value_name = "NAME")]
    line: Option<ReleaseLine>,
    /// Show also cases under embargo.
    #[arg(long)]
    embargoed: bool,
}

pub(super) fn run(context: &Context, args: &BoardArgs) -> CommandResult {
    if !std::io::stdout().is_terminal() || !std::io::stdin().is_terminal() {
        return Err(CommandError::usage("the board needs a terminal: `seaworthy triage list` shows the queue elsewhere"));
    }
    let colours = context.globals.colours();
    let home = context.home()?;
    // A policy that cannot be meant ends it before the screen is taken.
    home.policy()?;
    let desk = home.desk()?;
    // Nor is a screen of decisions shown to somebody whose name none of them would have.
    let mut board = Board::new(desk.now(), desk.person()?);
    load(&mut board, &desk, args)?;
    open(&mut board, &desk, args)?;
    let mut terminal = ratatui::try_init().map_err(CommandError::machine("the terminal cannot be drawn on"))?;
    let ended = (|| -> Result<(), CommandError> {
        loop {
            terminal.draw(|frame| draw::draw(frame, &board, colours)).map_err(CommandError::machine("cannot draw"))?;
            let Input::Key(key) = event::read().map_err(CommandError::machine("cannot read keys"))? else { continue };
            if key.kind == KeyEventKind::Press && !act(&mut board, &desk, args, key)? {
                return Ok(());
            }
        }
    })();
    ratatui::restore();
    ended.map(|()| Ended::Well)
}

/// Does what a key asks for; gives whether the board stays.
fn act(board: &mut Board, desk: &Desk<'_>, args: &BoardArgs, key: KeyEvent) -> Result<bool, CommandError> {
    let before = board.case().map(|case| case.key.clone());
    match board.key(key) {
        Outcome::Quit => return Ok(false),
        Outcome::Stay if before.as_ref() == board.case().map(|case| &case.key) => return Ok(true),
        Outcome::Stay => {}
        Outcome::Write(event, why) => {
            board.message = write(desk, board.case(), *event, why.as_deref());
            load(board, desk, args)?;
        }
        Outcome::AskUndo => {
            match desk.undoing_of_last(args.embargoed) {
                Ok(Some(undoing)) => board.mode = Mode::Undo(Box::new(undoing)),
                Ok(None) => board.message = format!("no decision of {} is left to undo", board.actor),
                Err(error) => board.message = error.to_string(),
            }
            return Ok(true);
        }
        Outcome::Undo(undoing) => {
            let done = desk.undo(&undoing, None);
            load(board, desk, args)?;
            board.message = match done {
                Ok(()) => {
                    board.list.select(undoing.cases.iter().map(|case| &case.key));
                    undoing.in_words(true)
                }
                Err(error) => error.to_string(),
            };
        }
    }
    open(board, desk, args)?;
    Ok(true)
}

/// Writes an event of a case, and gives the events that were written, or the error, as a message.
fn write(desk: &Desk<'_>, case: Option<&Case>, event: CaseEvent, why: Option<&str>) -> String {
    let Some(case) = case else { return "no case is selected".into() };
    // It is on the board already: whoever is there may see it.
    match desk.write(&CaseName::of(&case.key, true), event, why) {
        Ok(written) => written.events.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "),
        Err(error) => error.to_string(),
    }
}

fn load(board: &mut Board, desk: &Desk<'_>, args: &BoardArgs) -> Result<(), CommandError> {
    board.fill_queue(desk.open_cases(args.line.as_ref(), args.embargoed)?, desk.now());
    Ok(())
}

/// Loads the details of the selected case.
fn open(board: &mut Board, desk: &Desk<'_>, args: &BoardArgs) -> Result<(), CommandError> {
    match board.case().map(|case| CaseName::of(&case.key, args.embargoed)) {
        Some(name) => board.fill(&desk.file(&name)?),
        None => board.clear(),
    }
    Ok(())
}
