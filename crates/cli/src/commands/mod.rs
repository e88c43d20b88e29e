//! The commands, one a file: help, arguments, the call of the use case, and its result as text.

mod about;
mod completions;
mod cycle;
mod explain;
mod init;
mod inventory;
mod jobs;
mod keys;
mod ledger;
mod plan;
mod policy;
mod publish;
mod replay;
mod scan;
mod selection;
mod serve_repo;
mod sla;
mod status;
mod sync;
mod triage;
mod vex;

use clap::{ColorChoice, CommandFactory, Parser, Subcommand};

use crate::arguments::Globals;
use crate::context::Context;
use crate::error::CommandResult;

/// Security work of a Linux distribution: the vulnerabilities of its packages, from the published records to fixed updates.
#[derive(Debug, Parser)]
#[command(
    name = "seaworthy",
    version,
    color = ColorChoice::Auto,
    after_help = "Exit codes: 0 done, 1 findings, or something is not as it was written, 2 error, 70 a defect of the program, \
                  75 another run goes on, or this one was cancelled."
)]
struct Arguments {
    #[command(flatten)]
    globals: Globals,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Init(init::InitArgs),
    Sync(sync::SyncArgs),
    Status(status::StatusArgs),
    #[command(subcommand)]
    Inventory(inventory::InventoryCommand),
    Scan(scan::ScanArgs),
    Explain(explain::ExplainArgs),
    Cycle(cycle::CycleArgs),
    #[command(subcommand)]
    Triage(triage::TriageCommand),
    #[command(subcommand)]
    Vex(vex::VexCommand),
    #[command(subcommand)]
    Publish(publish::PublishCommand),
    #[command(subcommand)]
    Keys(keys::KeysCommand),
    ServeRepo(serve_repo::ServeArgs),
    Plan(plan::PlanArgs),
    Sla(sla::SlaArgs),
    #[command(subcommand)]
    Policy(policy::PolicyCommand),
    #[command(subcommand)]
    Ledger(ledger::LedgerCommand),
    #[command(subcommand)]
    Jobs(jobs::JobsCommand),
    Replay(replay::ReplayArgs),
    Completions(completions::CompletionsArgs),
}

/// Ends the program with what clap says: help, or what is wrong with the command line, which it repeats.
fn refuse(error: &clap::Error) -> ! {
    if error.use_stderr() {
        note!("{}", error.render().to_string().trim_end());
        std::process::exit(error.exit_code())
    }
    error.exit()
}

/// Runs the command that the command line names.
pub(crate) fn run() -> CommandResult {
    let Arguments { globals, command } = Arguments::try_parse().unwrap_or_else(|e| refuse(&e));
    let context = Context { globals };
    match &command {
        Command::Init(args) => init::run(&context, args),
        Command::Sync(args) => sync::run(&context, args),
        Command::Status(args) => status::run(&context, args),
        Command::Inventory(command) => inventory::run(&context, command),
        Command::Scan(args) => scan::run(&context, args),
        Command::Explain(args) => explain::run(&context, args),
        Command::Cycle(args) => cycle::run(&context, args),
        Command::Triage(command) => triage::run(&context, command),
        Command::Vex(command) => vex::run(&context, command),
        Command::Publish(command) => publish::run(&context, command),
        Command::Keys(command) => keys::run(&context, command),
        Command::ServeRepo(args) => serve_repo::run(&context, args),
        Command::Plan(args) => plan::run(&context, args),
        Command::Sla(args) => sla::run(&context, args),
        Command::Policy(command) => policy::run(&context, command),
        Command::Ledger(command) => ledger::run(&context, command),
        Command::Jobs(command) => jobs::run(&context, command),
        Command::Replay(args) => replay::run(&context, args),
        Command::Completions(args) => completions::run(args, Arguments::command()),
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::Arguments;

    #[test]
    fn the_command_line_is_sound() {
        Arguments::command().debug_assert();
    }
}
