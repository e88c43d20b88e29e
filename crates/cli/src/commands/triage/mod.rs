//! The commands `triage ...`: the queue, and one command for each decision.

mod adopt;
mod assign;
mod board;
mod bulk;
mod case;
mod clocks;
mod decide;
mod embargo;
mod list;
mod open;
mod rate;
mod show;
mod split;
mod suggest;
mod undo;

use clap::Subcommand;

pub(super) use show::title;

use crate::context::Context;
use crate::error::CommandResult;

/// Work on the cases: the queue, decisions, suggestions, a view for the terminal.
#[derive(Debug, Subcommand)]
pub(crate) enum TriageCommand {
    List(list::ListArgs),
    Show(show::ShowArgs),
    Board(board::BoardArgs),
    Decide(decide::DecideArgs),
    Defer(decide::DeferArgs),
    Assign(assign::AssignArgs),
    Rate(rate::RateArgs),
    Pause(clocks::PauseArgs),
    Resume(clocks::ResumeArgs),
    Open(open::OpenArgs),
    Adopt(adopt::AdoptArgs),
    Embargo(embargo::EmbargoArgs),
    Disclose(embargo::DiscloseArgs),
    Split(split::SplitArgs),
    Bulk(bulk::BulkArgs),
    Suggest(suggest::SuggestArgs),
    Undo(undo::UndoArgs),
}

pub(super) fn run(context: &Context, command: &TriageCommand) -> CommandResult {
    match command {
        TriageCommand::List(args) => list::run(context, args),
        TriageCommand::Show(args) => show::run(context, args),
        TriageCommand::Board(args) => board::run(context, args),
        TriageCommand::Decide(args) => decide::run(context, args),
        TriageCommand::Defer(args) => decide::defer(context, args),
        TriageCommand::Assign(args) => assign::run(context, args),
        TriageCommand::Rate(args) => rate::run(context, args),
        TriageCommand::Pause(args) => clocks::pause(context, args),
        TriageCommand::Resume(args) => clocks::resume(context, args),
        TriageCommand::Open(args) => open::run(context, args),
        TriageCommand::Adopt(args) => adopt::run(context, args),
        TriageCommand::Embargo(args) => embargo::run(context, args),
        TriageCommand::Disclose(args) => embargo::disclose(context, args),
        TriageCommand::Split(args) => split::run(context, args),
        TriageCommand::Bulk(args) => bulk::run(context, args),
        TriageCommand::Suggest(args) => suggest::run(context, args),
        TriageCommand::Undo(args) => undo::run(context, args),
    }
}
