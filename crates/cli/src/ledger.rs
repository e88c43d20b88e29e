//! `ledger`: the log of what was done and decided, and how the other commands write to it.

use std::fs::File;
use std::io::{BufReader, BufWriter, Write};
use std::path::Path;

use anyhow::{Context, bail};
use seaworthy_ledger::{Draft, Entries, Entry, Event, Ledger, LedgerError, Location, Sight};
use seaworthy_model::Digest;

use crate::args::{Arguments, LedgerCommand, LogArgs};
use crate::clock;
use crate::config::Config;

/// The ledger of a home. The log that an earlier version has left there is taken over.
pub(crate) fn open(arguments: &Arguments, config: &Config) -> anyhow::Result<Ledger> {
    let mut ledger = Ledger::open(&Location::of(config.ledger(), &arguments.home)?)?;
    if let Some(events) = ledger.adopt(&arguments.home)?
        && !arguments.quiet
    {
        eprintln!("note: the {events} events of ledger.jsonl are taken over; the file is now ledger.jsonl.imported");
    }
    Ok(ledger)
}

/// An event that happens now, by whoever runs this.
pub(crate) fn new(event: Event) -> Draft {
    Draft::new(clock::timestamp(), actor(), event)
}

/// Who runs this: `SEAWORTHY_ACTOR`, or the name of the account.
pub(crate) fn actor() -> String {
    let named = ["SEAWORTHY_ACTOR", "USER", "LOGNAME"].iter().find_map(|name| std::env::var(name).ok().filter(|v| !v.trim().is_empty()));
    named.unwrap_or_else(|| "seaworthy".into())
}

pub(crate) fn run(arguments: &Arguments, command: &LedgerCommand) -> anyhow::Result<u8> {
    if !arguments.home.is_dir() {
        bail!("there is no home {}: `seaworthy init` makes one", arguments.home.display());
    }
    let mut ledger = open(arguments, &Config::read(&arguments.home)?)?;
    match command {
        LedgerCommand::Log(args) => log(&mut ledger, args),
        LedgerCommand::Verify { known } => verify(&mut ledger, known.as_ref()),
        LedgerCommand::Export { output, from, embargoed } => export(arguments, &mut ledger, output.as_deref(), *from, *embargoed),
        LedgerCommand::Import { file } => {
            let count = if file.as_os_str() == "-" {
                ledger.import("standard input", &mut std::io::stdin().lock())?
            } else {
                let opened = File::open(file).with_context(|| format!("cannot read {}", file.display()))?;
                ledger.import(&file.display().to_string(), &mut BufReader::new(opened))?
            };
            tell(arguments, format_args!("{count} events came; {}", until(&mut ledger)?));
            Ok(0)
        }
        LedgerCommand::Rebuild => {
            let rebuilt = ledger.rebuild()?;
            let same = if rebuilt.before == rebuilt.after { "as it was" } else { "not as it was: something had changed it" };
            tell(
                arguments,
                format_args!("the view of cases is built from {} events, and is {same}; {}", rebuilt.steps, rebuilt.after.short()),
            );
            Ok(0)
        }
    }
}

fn tell(arguments: &Arguments, text: std::fmt::Arguments<'_>) {
    if !arguments.quiet {
        say!("{text}");
    }
}

fn until(ledger: &mut Ledger) -> anyhow::Result<String> {
    let head = ledger.head()?;
    Ok(match head.digest {
        Some(digest) => format!("the last one is {} with {digest}", head.seq),
        None => "the ledger is empty".into(),
    })
}

fn log(ledger: &mut Ledger, args: &LogArgs) -> anyhow::Result<u8> {
    let choice = Entries {
        cve: args.case.first().map(|text| text.parse()).transpose().context("--case wants a CVE, and maybe a package after it")?,
        package: args.case.get(1).cloned(),
        kind: args.kind.clone(),
        newest_first: true,
        limit: Some(args.limit).filter(|limit| *limit > 0),
        sight: if args.embargoed { Sight::All } else { Sight::DisclosedAt(clock::timestamp()) },
        ..Entries::default()
    };
    if args.json {
        let mut out = BufWriter::new(std::io::stdout().lock());
        for entry in ledger.entries(&choice)? {
            serde_json::to_writer(&mut out, &entry)?;
            out.write_all(b"\n")?;
        }
        out.flush()?;
        return Ok(0);
    }
    let entries = ledger.entries(&choice)?;
    if entries.is_empty() {
        say!("no event");
        return Ok(0);
    }
    let mut table = comfy_table::Table::new();
    table.load_style(comfy_table::presets::NOTHING).set_header(["event", "when", "who", "what"]);
    for Entry { seq, at, actor, why, event, .. } in entries {
        let why = why.map(|why| format!("\n  {}", shown(&why))).unwrap_or_default();
        table.add_row([seq.to_string(), at.to_string(), shown(&actor), format!("{}{why}", shown(&event.to_string()))]);
    }
    say!("{table}");
    Ok(0)
}

/// A text on one line, which cannot move the cursor or change the colour.
fn shown(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

fn verify(ledger: &mut Ledger, known: Option<&Digest>) -> anyhow::Result<u8> {
    let verified = match ledger.verify() {
        Ok(verified) => verified,
        Err(broken @ LedgerError::Broken { .. }) => {
            say!("{broken}");
            return Ok(1);
        }
        Err(other) => return Err(other.into()),
    };
    if let Some(known) = known
        && ledger.find(known)?.is_none()
    {
        say!("no event has the digest {known}: the end of the log was cut off, or it is another log");
        return Ok(1);
    }
    match verified.head {
        Some(head) => say!("{} events are as they were written; the last one has {head}", verified.entries),
        None => say!("nothing is written yet"),
    }
    Ok(0)
}

fn export(arguments: &Arguments, ledger: &mut Ledger, output: Option<&Path>, from: u64, embargoed: bool) -> anyhow::Result<u8> {
    let mut count = |sight| ledger.counts(sight).map(|counts| counts.values().sum::<u64>());
    let hidden = count(Sight::All)? - count(Sight::DisclosedAt(clock::timestamp()))?;
    if hidden > 0 && !embargoed {
        bail!("{hidden} cases are under embargo, and an export is always whole: say --embargoed if its readers may know of them");
    }
    match output {
        None => drop(ledger.export(from, &mut BufWriter::new(std::io::stdout().lock()))?),
        Some(path) => {
            // Written beside, then renamed: an export that is there is whole.
            let folder = path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
            let cannot = || format!("cannot write {}", path.display());
            let mut file = tempfile::NamedTempFile::new_in(folder).with_context(cannot)?;
            let count = ledger.export(from, &mut BufWriter::new(&mut file))?;
            file.as_file().sync_all().with_context(cannot)?;
            file.persist(path).with_context(cannot)?;
            tell(arguments, format_args!("{count} events written to {}; {}", path.display(), until(ledger)?));
        }
    }
    Ok(0)
}
