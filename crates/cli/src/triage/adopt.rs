//! `triage adopt`: the fixes of the time before there was a ledger.

use std::collections::BTreeSet;

use anyhow::Context;
use seaworthy_intelligence::Store;
use seaworthy_inventory::{read_history, read_packages_file};
use seaworthy_ledger::{Draft, Event, Sight};
use seaworthy_matching::{Options, assess};
use seaworthy_model::Status;
use seaworthy_pipeline::Adoption;

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
    let mut ruled_out = BTreeSet::new();
    if let (Some(knowledge), Some(newest)) = (&knowledge, shipped.last()) {
        bar.set_message("judging what is shipped");
        let only = history.rows.iter().map(|row| row.cve).collect();
        let assessment = assess(knowledge, newest, &Options { only: Some(only), keep_ruled_out: true, ..Options::default() });
        let findings = assessment.findings.into_iter().filter(|f| f.status == Status::NotAffected);
        ruled_out.extend(findings.map(|f| (f.package, f.cve)));
    }
    let adoption = Adoption {
        line: &line,
        history: &history,
        shipped: &shipped,
        knowledge: knowledge.as_ref(),
        ruled_out: &ruled_out,
        until: until.as_deref(),
        place: &args.channel,
        retired: args.retired,
    };
    let adopted = adoption.adopt(&known);
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
        (adopted.not_there, "are fixed in a version that is not shipped, or that cannot be read: the first are cases that wait for it"),
        (adopted.known, "were passed over: they have a case already"),
        (adopted.not_shipped, "were passed over: their packages are not shipped (--retired takes them too)"),
    ] {
        if count > 0 {
            say!("  {count} {what}");
        }
    }
    Ok(0)
}
