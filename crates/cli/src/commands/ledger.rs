use std::fs::File;
use std::io::{BufReader, BufWriter};
use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use jiff::Timestamp;
use seaworthy_model::Digest;
use seaworthy_pipeline::ledger::{Entry, Head};
use seaworthy_pipeline::{Document, Home, LogCheck, LogRequest, TimeCorrection};

use crate::arguments::parse_time;
use crate::columns::{Cell, Table, fixed, number, print, reason, text};
use crate::context::Context;
use crate::error::{CommandError, CommandResult, Ended};
use crate::output;

/// Show, check, copy and rebuild the ledger: the log of all that was done and decided.
#[derive(Debug, Subcommand)]
pub(crate) enum LedgerCommand {
    /// Show the events, the newest first, with time, actor, subject and reason.
    Log(LogArgs),
    /// Compute the digests of all events again, and name the first event at which the log is not as it was written.
    #[command(after_help = "Exit codes: 0 the log is what was written, 1 it is not, 2 error.")]
    Verify {
        /// The digest that an earlier check printed, which must still be in the log. It shows whether the end of the log was cut off.
        #[arg(long, value_name = "DIGEST")]
        known: Option<Digest>,
        /// As JSON.
        #[arg(long)]
        json: bool,
    },
    /// Write all events with their digests as JSON lines: a backup, or the start of a ledger elsewhere.
    Export {
        /// The file to write to, instead of standard output.
        #[arg(long, short, value_name = "FILE")]
        output: Option<PathBuf>,
        /// The number of the first event to write.
        #[arg(long, value_name = "NUMBER", default_value_t = 1)]
        from: u64,
        /// Write the export although it has cases under embargo; an export is always whole.
        #[arg(long)]
        embargoed: bool,
    },
    /// Correct the time of an event that a wrong clock dated. The event stays as it is; all that depends on its time is derived anew.
    /// This cannot be taken back but by another correction.
    CorrectTime {
        /// The number of the event, as `ledger log` shows it.
        event: u64,
        /// The time at which it happened.
        #[arg(long, value_name = "TIME", value_parser = parse_time)]
        to: Timestamp,
        /// The reason: how the time is known.
        #[arg(long, value_name = "TEXT")]
        why: String,
    },
    /// Import an export, all of it or nothing, into an empty ledger or one that ends where the export begins. All lines are checked.
    /// This cannot be taken back.
    Import {
        /// The file of the export; - for standard input.
        file: PathBuf,
    },
    /// Build the views from the log again. The result is the same, unless something else had changed the views.
    Rebuild,
}

#[derive(Debug, Args)]
pub(crate) struct LogArgs {
    /// Show only events of the cases of a CVE, or of a CVE in one package.
    #[arg(long, num_args = 1..=2, value_names = ["CVE", "PACKAGE"])]
    case: Vec<String>,
    /// Show only events of one kind, such as case, synced, scanned or publication.
    #[arg(long)]
    kind: Option<String>,
    /// The greatest number of events to show; 0 for all.
    #[arg(long, value_name = "NUMBER", default_value_t = 50)]
    limit: u64,
    /// Print JSON, one event a line.
    #[arg(long)]
    json: bool,
    /// Show also events of cases under embargo.
    #[arg(long)]
    embargoed: bool,
}

pub(super) fn run(context: &Context, command: &LedgerCommand) -> CommandResult {
    let home = context.home()?;
    match command {
        LedgerCommand::Log(args) => log(&home, args),
        LedgerCommand::Verify { known, json } => verify(&home, known.as_ref(), *json),
        LedgerCommand::Export { output, from, embargoed } => export(context, &home, output.as_deref(), *from, *embargoed),
        LedgerCommand::Import { file } => {
            context.irrevocable("events are never removed; only another home is without them");
            let count = if file.as_os_str() == "-" {
                home.import_log("standard input", &mut std::io::stdin().lock())?
            } else {
                let opened = File::open(file).map_err(CommandError::file("read", file))?;
                home.import_log(&file.display().to_string(), &mut BufReader::new(opened))?
            };
            if !context.is_quiet() {
                say!("{count} events came; {}", end(&home.log_head()?));
            }
            Ok(Ended::Well)
        }
        LedgerCommand::CorrectTime { event, to, why } => {
            context.irrevocable("only another correction gives the event back the time that it had");
            let seq = home.correct_time(&TimeCorrection { seq: *event, to: *to, why: why.clone() })?;
            if !context.is_quiet() {
                say!("event {event} happened at {to}, says event {seq}");
            }
            Ok(Ended::Well)
        }
        LedgerCommand::Rebuild => {
            let rebuilt = home.rebuild_views()?;
            let same = if rebuilt.before == rebuilt.after { "as it was" } else { "not as it was: something had changed it" };
            if !context.is_quiet() {
                say!("the views are built from {} events, and are {same}; {}", rebuilt.events, rebuilt.after.short());
            }
            Ok(Ended::Well)
        }
    }
}

fn end(head: &Head) -> String {
    match head.digest {
        Some(digest) => format!("the last one is {} with {digest}", head.seq),
        None => "the ledger is empty".into(),
    }
}

fn log(home: &Home, args: &LogArgs) -> CommandResult {
    let cve = args.case.first().map(|text| text.parse()).transpose();
    let cve = cve.map_err(|e| CommandError::usage(format_args!("--case wants a CVE, and maybe a package after it: {e}")))?;
    let entries = home.log(&LogRequest {
        cve,
        package: args.case.get(1).cloned(),
        kind: args.kind.clone(),
        limit: Some(args.limit).filter(|limit| *limit > 0),
        embargoed: args.embargoed,
    })?;
    if args.json {
        for entry in entries {
            crate::say::json(&serde_json::to_string(&Document::of(&entry))?);
        }
        return Ok(Ended::Well);
    }
    if entries.is_empty() {
        say!("no event");
        return Ok(Ended::Well);
    }
    let columns = vec![number("event"), fixed("when"), text("who", 6), text("what", 20), reason("why", 20)];
    let row = |Entry { seq, at, actor, why, event, .. }: Entry| {
        [seq.to_string(), at.to_string(), actor, event.to_string(), why.unwrap_or_default()].map(Cell::plain).into()
    };
    print(&Table::new(columns, entries.into_iter().map(row).collect()));
    Ok(Ended::Well)
}

fn verify(home: &Home, known: Option<&Digest>, json: bool) -> CommandResult {
    let check = home.verify_log(known)?;
    if json {
        output::json(&check.document())?;
    } else {
        match &check {
            LogCheck::Broken { message, .. } => say!("{message}"),
            LogCheck::CutOff => {
                let known = known.map(ToString::to_string).unwrap_or_default();
                say!("no event has the digest {known}: the end of the log was cut off, or it is another log");
            }
            LogCheck::Whole(verified) => match verified.head {
                Some(head) => say!("{} events are as they were written; the last one has {head}", verified.entries),
                None => say!("nothing is written yet"),
            },
        }
    }
    Ok(Ended::found(!matches!(check, LogCheck::Whole(_))))
}

fn export(context: &Context, home: &Home, output: Option<&Path>, from: u64, embargoed: bool) -> CommandResult {
    match output {
        None => drop(home.export_log(from, embargoed, &mut BufWriter::new(std::io::stdout().lock()))?),
        Some(path) => {
            let mut count = 0;
            output::file(path, |out| {
                count = home.export_log(from, embargoed, &mut BufWriter::new(out))?;
                Ok(())
            })?;
            if !context.is_quiet() {
                say!("{count} events written to {}; {}", path.display(), end(&home.log_head()?));
            }
        }
    }
    Ok(Ended::Well)
}
