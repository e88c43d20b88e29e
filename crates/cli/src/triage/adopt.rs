//! `triage adopt`: the fixes of the time before there was a ledger.

use std::collections::BTreeSet;

use anyhow::Context;
use seaworthy_intelligence::Store;
use seaworthy_inventory::{read_history, read_packages_file};
use seaworthy_ledger::{Draft, Event, Sight};
use seaworthy_pipeline::adopt;

use super::Desk;
use super::args::AdoptArgs;
use crate::args::Arguments;
use crate::{cases, ledger, progress};

pub(super) fn run(arguments: &Arguments, desk: &mut Desk, args: &AdoptArgs) -> anyhow::Result<u8> {
    let bar = progress::spinner(arguments, "reading the history");
    let line = cases::line(args.line.as_deref(), &desk.config).to_owned();
    let history = read_history(&args.history).context("while reading the history of fixes")?;
    for problem in &history.problems {
        eprintln!("warning: {}:{}: {}", problem.file, problem.line.unwrap_or(0), problem.message);
    }
    let shipped = args.packages.iter().map(read_packages_file).collect::<Result<Vec<_>, _>>().context("while reading what was shipped")?;
    // Severities come from what is known; a home without it takes the fixes over unrated.
    let store = Store::new(&arguments.home);
    let knowledge = if store.status()?.sources.is_empty() { None } else { Some(store.open()?) };
    let head = desk.ledger.head()?.seq;
    let known: BTreeSet<_> = cases::load(&mut desk.ledger, Some(&line), Sight::All)?.into_keys().collect();
    let until = args.until.map(|day| day.to_string());
    let adopted = adopt(&line, &history, &shipped, knowledge.as_ref(), &known, until.as_deref(), &args.channel);
    bar.set_message("writing the cases");
    let actor = ledger::actor();
    let why = format!("taken over from {}", args.history.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default());
    let event = |(at, key, event)| Draft { why: Some(why.clone()), ..Draft::new(at, &actor, Event::Case { key, event }) };
    let drafts: Vec<Draft> = adopted.events.into_iter().map(event).collect();
    if !drafts.is_empty() {
        desk.ledger.append_if(head, drafts).context("somebody else changed the ledger meanwhile: run it again")?;
    }
    bar.finish_and_clear();
    say!("{} fixes were taken over as cases that are fixed and published.", adopted.pairs);
    for (count, what) in [
        (adopted.known, "have a case already"),
        (adopted.not_shipped, "are of packages that are not shipped"),
        (adopted.not_there, "have no version that can be read, or one that is newer than what is shipped"),
    ] {
        if count > 0 {
            say!("  passed over: {count} {what}");
        }
    }
    Ok(0)
}
