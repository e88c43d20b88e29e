//! `cycle`: sync, scan, triage, plan, in one run that can be repeated.

use std::collections::BTreeMap;

use anyhow::Context;
use seaworthy_intelligence::Store;
use seaworthy_inventory::read_image_notes;
use seaworthy_ledger::{Event, Sight};
use seaworthy_matching::assess;
use seaworthy_model::Status;
use seaworthy_model::case::{CaseEvent, CaseState};
use seaworthy_pipeline::Cycle;

use crate::args::{Arguments, CycleArgs, SyncArgs};
use crate::config::Config;
use crate::{cases, clock, ledger, plan, progress, scan, sync};

/// So many events are told one by one.
const TOLD: usize = 20;

pub(crate) fn run(arguments: &Arguments, args: &CycleArgs) -> anyhow::Result<u8> {
    let config = Config::read(&arguments.home)?;
    // A policy that cannot be meant stops everything before anything changes.
    let policy = cases::policy(&arguments.home)?;
    if !args.no_sync {
        sync::run(arguments, &SyncArgs::default())?;
    }
    let bar = progress::spinner(arguments, "scanning what is shipped");
    let now = clock::timestamp();
    let line = cases::line(args.line.as_deref(), &config);
    let knowledge = Store::new(&arguments.home).open()?;
    let options = args.judging.options()?;
    let inventory = args.selector.read(None)?;
    scan::tell_problems(arguments, &inventory);
    let image = args.image_in_service.as_deref().map(|path| read_image_notes(path, None)).transpose()?;
    let assessment = assess(&knowledge, &inventory, &options);
    bar.set_message("bringing the cases up to it");
    let mut ledger = ledger::open(arguments, &config)?;
    let head = ledger.head()?.seq;
    let mut all = cases::load(&mut ledger, Some(line), Sight::All)?;
    let first = all.is_empty();
    let cycle = Cycle { knowledge: &knowledge, inventory: &inventory, image: image.as_ref(), policy: &policy, line };
    let cycled = cycle.run(&assessment, &mut all, now).context("a scan and its cases do not fit together; please report this")?;
    let mut events = cases::entries(cycled.events.clone(), now, "cycle");
    let raised = [Status::Affected, Status::Suspected].map(|s| assessment.findings.iter().filter(|f| f.status == s).count() as u64);
    if !events.is_empty() {
        events.push(ledger::new(Event::Scanned(seaworthy_ledger::Scan {
            selector: args.selector.text(),
            knowledge: assessment.knowledge,
            inventory: assessment.inventory,
            engine: assessment.engine.to_owned(),
            products: Some(options.products.digest()),
            raised,
        })));
        ledger.append_if(head, events).context("somebody else changed the ledger meanwhile: run the cycle again")?;
    }
    bar.finish_and_clear();
    let hidden = |key| all.get(key).is_some_and(|case| !case.is_disclosed(now));
    let told: Vec<_> = cycled.events.iter().filter(|(key, _)| args.embargoed || !hidden(key)).collect();
    if told.is_empty() {
        let told = all.values().filter(|c| args.embargoed || c.is_disclosed(now));
        let (cases, open) = told.fold((0, 0), |(cases, open), c| (cases + 1, open + usize::from(c.state.is_open())));
        say!("Nothing changed since the last cycle: {cases} cases, {open} open.");
    } else {
        let mut kinds: BTreeMap<&str, usize> = BTreeMap::new();
        for (_, event) in &told {
            *kinds.entry(word(event)).or_default() += 1;
        }
        let kinds: Vec<String> = kinds.iter().map(|(word, n)| format!("{n} {word}")).collect();
        say!("{}{}", if first { "First cycle: " } else { "Changed: " }, kinds.join(", "));
        for (key, event) in told.iter().take(if args.all { usize::MAX } else { TOLD }) {
            say!("  {}", Event::Case { key: key.clone(), event: event.clone() });
        }
        if told.len() > TOLD && !args.all {
            say!("  and {} more (--all tells them; `seaworthy triage list` shows the queue)", told.len() - TOLD);
        }
        say!("");
        let visible = seaworthy_triage::plan(all.values().filter(|c| args.embargoed || c.is_disclosed(now)), &policy, now);
        plan::show(&visible, 5);
    }
    Ok(0)
}

fn word(event: &CaseEvent) -> &'static str {
    match event {
        CaseEvent::Opened { state: CaseState::Affected, .. } => "affected",
        CaseEvent::Opened { .. } => "to investigate",
        CaseEvent::Observed { .. } => "seen otherwise",
        CaseEvent::Reopened { .. } => "reopened",
        CaseEvent::Decided(_) => "decided",
        CaseEvent::Expired => "expired",
        CaseEvent::Fixed { .. } => "fixed",
        CaseEvent::Withdrawn { .. } => "withdrawn",
        CaseEvent::Shipped { .. } => "on the image",
        _ => "other",
    }
}
