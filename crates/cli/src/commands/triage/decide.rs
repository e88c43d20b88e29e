use clap::Args;
use seaworthy_model::case::CaseState;

use super::case::{CaseArgs, DecisionArgs, NoteArgs, show};
use crate::context::Context;
use crate::error::{CommandResult, Ended};

/// Decide the state of a case: under_investigation, affected, deferred, will_not_fix or not_affected.
#[derive(Debug, Args)]
pub(crate) struct DecideArgs {
    #[command(flatten)]
    case: CaseArgs,
    /// The new state.
    state: CaseState,
    #[command(flatten)]
    decision: DecisionArgs,
    #[command(flatten)]
    note: NoteArgs,
}

/// Defer the fix of a case until a day.
#[derive(Debug, Args)]
pub(crate) struct DeferArgs {
    #[command(flatten)]
    case: CaseArgs,
    #[command(flatten)]
    decision: DecisionArgs,
    #[command(flatten)]
    note: NoteArgs,
}

pub(super) fn run(context: &Context, args: &DecideArgs) -> CommandResult {
    decide(context, &args.case, args.state, &args.decision, &args.note)
}

pub(super) fn defer(context: &Context, args: &DeferArgs) -> CommandResult {
    decide(context, &args.case, CaseState::Deferred, &args.decision, &args.note)
}

fn decide(context: &Context, case: &CaseArgs, state: CaseState, decision: &DecisionArgs, note: &NoteArgs) -> CommandResult {
    show(&note.desk(&context.home()?)?.decide(&case.name(), decision.decision(state), note.why())?);
    Ok(Ended::Well)
}
