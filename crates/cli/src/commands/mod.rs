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
    after_help = "Exit codes: 0 done, 1 findings, or something is not as it was written, 2 error, 3 it cannot be told whether something is \
                  affected, 70 a defect of the program, 75 another run goes on, or this one was cancelled."
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
    use clap::{Arg, Command, CommandFactory as _};

    use super::Arguments;

    #[test]
    fn the_command_line_is_sound() {
        Arguments::command().debug_assert();
    }

    /// Whether a text names a word, and not only the beginning of a longer one.
    fn names(text: &str, word: &str) -> bool {
        let ends = |at: usize| !text[at + word.len()..].starts_with(|c: char| c.is_ascii_alphanumeric() || c == '-');
        text.match_indices(word).any(|(at, _)| ends(at))
    }

    /// The commands below one, and their options, that the pages do not name.
    fn unnamed(command: &Command, path: &str, pages: &str) -> Vec<String> {
        let options = command.get_arguments().filter_map(Arg::get_long).map(|long| format!("--{long}"));
        let mut missing: Vec<String> = options.filter(|o| !names(pages, o)).map(|option| format!("{path} {option}")).collect();
        for below in command.get_subcommands() {
            let name = format!("{path} {}", below.get_name());
            if !names(pages, name.trim_start()) {
                missing.push(name.clone());
            }
            missing.extend(unnamed(below, &name, pages));
        }
        missing
    }

    #[test]
    fn every_command_and_option_is_on_a_page() {
        let workspace = seaworthy_testing::workspace();
        let docs = std::fs::read_dir(workspace.join("docs")).unwrap().map(|entry| entry.unwrap().path());
        let pages = docs.filter(|path| path.extension().is_some_and(|ext| ext == "md")).chain([workspace.join("README.md")]);
        let pages: String = pages.map(|path| std::fs::read_to_string(path).unwrap()).collect();
        assert_eq!(unnamed(&Arguments::command(), "", &pages), Vec::<String>::new());
    }
}
