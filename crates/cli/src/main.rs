//! The binary `seaworthy`: subcommands named after the stages.

#[macro_use]
mod say;

mod args;
mod cases;
mod clock;
mod config;
mod cycle;
mod explain;
mod inventory;
mod keys;
mod ledger;
mod plan;
mod policy;
mod progress;
mod publish;
mod render;
mod replay;
mod scan;
mod select;
mod serve_repo;
mod sla;
mod status;
mod sync;
mod triage;
mod vex;

use std::io::{IsTerminal, Write};
use std::process::ExitCode;

use clap::{CommandFactory, Parser};

use args::{Arguments, Command};

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    match run(&arguments) {
        Ok(code) => ExitCode::from(code),
        Err(error) if is_broken_pipe(&error) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            let mut told = error.to_string();
            for cause in error.chain().skip(1).map(ToString::to_string) {
                // A library's message often carries its cause already.
                if !told.contains(&cause) {
                    eprintln!("  caused by: {cause}");
                }
                told = cause;
            }
            ExitCode::from(2)
        }
    }
}

fn run(arguments: &Arguments) -> anyhow::Result<u8> {
    match &arguments.command {
        Command::Init => status::init(arguments),
        Command::Sync(sync) => sync::run(arguments, sync),
        Command::Status(status) => status::run(arguments, status),
        Command::Inventory(inventory) => inventory::run(arguments, inventory),
        Command::Scan(scan) => scan::run(arguments, scan),
        Command::Cycle(args) => cycle::run(arguments, args),
        Command::Triage(command) => triage::run(arguments, command),
        Command::Vex(command) => vex::run(arguments, command),
        Command::Publish(command) => publish::run(arguments, command),
        Command::Keys(command) => keys::run(arguments, command),
        Command::ServeRepo(args) => serve_repo::run(arguments, args),
        Command::Plan(args) => plan::run(arguments, args),
        Command::Sla(args) => sla::run(arguments, args),
        Command::Policy(command) => policy::run(arguments, command),
        Command::Ledger(command) => ledger::run(arguments, command),
        Command::Replay(args) => replay::run(arguments, args),
        Command::Explain(explain) => explain::run(arguments, explain),
        Command::Completions { shell } => {
            // Generated in memory, since the generator panics when it cannot write.
            let mut script = Vec::new();
            clap_complete::generate(*shell, &mut Arguments::command(), "seaworthy", &mut script);
            std::io::stdout().write_all(&script)?;
            Ok(0)
        }
    }
}

/// Whoever reads our output may stop reading.
fn is_broken_pipe(error: &anyhow::Error) -> bool {
    error.chain().any(|cause| cause.downcast_ref::<std::io::Error>().is_some_and(|e| e.kind() == std::io::ErrorKind::BrokenPipe))
}

/// Whether standard output may carry colour.
pub(crate) fn colours(choice: clap::ColorChoice) -> bool {
    match choice {
        clap::ColorChoice::Always => true,
        clap::ColorChoice::Never => false,
        clap::ColorChoice::Auto => std::io::stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|v| v.is_empty()),
    }
}
