//! `replay`: drive the program through history, and report how it would have gone.

use std::path::PathBuf;

use anyhow::{Context, bail};
use jiff::Timestamp;
use seaworthy_intelligence::Store;
use seaworthy_inventory::read_history;
use seaworthy_ledger::{Draft, Entries, Event, Ledger, LedgerError, Location, Sight};
use seaworthy_matching::ProductTable;
use seaworthy_model::{Digest, DigestWriter};
use seaworthy_pipeline::{Grid, Replay, Report, Step, Timeline, report};

use crate::args::{Arguments, ReplayArgs};
use crate::{cases, progress, sla};

const ACTOR: &str = "replay";
/// So many steps are written at once: a transaction costs more than they do.
const STEPS: usize = 16;

pub(crate) fn run(arguments: &Arguments, args: &ReplayArgs) -> anyhow::Result<u8> {
    if args.to < args.from {
        bail!("--to {} is before --from {}", args.to, args.from);
    }
    let bar = progress::spinner(arguments, "reading history");
    let policy = cases::policy(&arguments.home)?;
    let knowledge = Store::new(&arguments.home).open()?;
    let timeline = Timeline::read(&args.packages_dir, read_history(&args.history)?, args.images.as_deref())?;
    let products = ProductTable::built_in();
    let grid = Grid { from: args.from, to: args.to, every: args.every.seconds() };
    let mut ledger = Ledger::open(&location(arguments, args)?)?;
    let done = resume(&mut ledger, &began(args, knowledge.digest(), &timeline, &policy, &products), args)?;
    let mut all = cases::load(&mut ledger, Some(&args.line), Sight::All)?;
    let replay = Replay {
        knowledge: &knowledge,
        timeline: &timeline,
        policy: &policy,
        products: &products,
        line: &args.line,
        grid,
        audit: args.audit,
    };
    let mut pending: Vec<Draft> = Vec::new();
    let mut steps = 0;
    let mut audited = 0;
    replay.run(&mut all, done, |step| -> Result<(), LedgerError> {
        bar.set_message(format!("{} of {}", step.at, args.to));
        steps += 1;
        audited += u64::from(step.audited);
        pending.extend(events(step));
        if steps % STEPS == 0 {
            ledger.append(std::mem::take(&mut pending))?;
        }
        Ok(())
    })?;
    if !pending.is_empty() {
        ledger.append(pending)?;
    }
    bar.finish_and_clear();
    let report = report(all.values(), &policy, args.from, args.to);
    let images = images(&mut ledger)?;
    if args.json {
        say!("{}", serde_json::to_string_pretty(&serde_json::json!({ "report": report, "images": images }))?);
    } else {
        show(&report, &images, &ledger.head()?);
        if audited > 0 {
            say!("{audited} steps were judged again from nothing, and came to the same cases");
        }
    }
    Ok(0)
}

fn location(arguments: &Arguments, args: &ReplayArgs) -> anyhow::Result<Location> {
    Ok(match &args.ledger {
        Some(text) if text.contains("://") => Location::of(Some(text), &arguments.home)?,
        Some(path) => Location::Sqlite(PathBuf::from(path)),
        None => Location::Sqlite(arguments.home.join("replay.db")),
    })
}

/// The event that a replay begins with: all that its outcome follows from.
fn began(args: &ReplayArgs, knowledge: Digest, timeline: &Timeline, policy: &seaworthy_triage::Policy, products: &ProductTable) -> Event {
    let mut inputs = DigestWriter::new();
    for text in
        [args.from.to_string(), args.every.to_string(), args.line.clone(), format!("{policy:?}"), seaworthy_matching::ENGINE.to_owned()]
    {
        inputs.field(text);
    }
    inputs.field(knowledge.as_bytes());
    inputs.field(products.digest().as_bytes());
    inputs.field(timeline.digest().as_bytes());
    let about = format!(
        "from {} every {}, {} snapshots, {} images, {} fixes, knowledge {}",
        args.from,
        args.every,
        timeline.snapshots.len(),
        timeline.images.len(),
        timeline.history.rows.len(),
        knowledge.short()
    );
    Event::ReplayBegan { inputs: inputs.finish(), about }
}

/// Begins a ledger, or tells up to when an earlier run has come.
fn resume(ledger: &mut Ledger, began: &Event, args: &ReplayArgs) -> anyhow::Result<Option<Timestamp>> {
    let first = ledger.entries(&Entries { limit: Some(1), ..Entries::default() })?;
    match first.first() {
        None => {
            ledger.append(vec![Draft::new(args.from, ACTOR, began.clone())])?;
            Ok(None)
        }
        Some(entry) if entry.event == *began => {
            let last = Entries { kind: Some("replay_step".into()), newest_first: true, limit: Some(1), ..Entries::default() };
            Ok(ledger.entries(&last)?.first().map(|entry| entry.at))
        }
        Some(entry) => bail!(
            "this ledger is of other inputs ({}; this would be {began}): name another with --ledger, or remove it to begin anew",
            entry.event
        ),
    }
}

fn events(step: Step) -> Vec<Draft> {
    let mut out = cases::entries(step.events, step.at, ACTOR);
    for image in step.images {
        let event = Event::ImageReleased {
            image: image.version,
            sku: image.sku,
            built: image.built,
            packages: image.packages,
            counts: image.counts,
        };
        out.push(Draft::new(step.at, ACTOR, event));
    }
    out.push(Draft::new(step.at, ACTOR, Event::ReplayStep { records: step.records, judged: step.judged }));
    out
}

/// The images of the whole replay, those of earlier runs as well.
fn images(ledger: &mut Ledger) -> anyhow::Result<Vec<Event>> {
    let choice = Entries { kind: Some("image_released".into()), ..Entries::default() };
    Ok(ledger.entries(&choice).context("cannot read the images of the replay")?.into_iter().map(|entry| entry.event).collect())
}

fn show(report: &Report, images: &[Event], head: &seaworthy_ledger::Head) {
    say!("Replay from {} to {}\n", report.from, report.to);
    say!("Days from publication to detection, to fix, to image, and from fix to image: median, three quarters, nine of ten");
    let spread = |s: &seaworthy_pipeline::Spread| match s.count {
        0 => format!("{:>24}", "-"),
        n => format!("{:>6.1}{:>6.1}{:>6.1} {:>5}", s.median / 24.0, s.p75 / 24.0, s.p90 / 24.0, n),
    };
    say!(
        "{:<9} {:>6} {:>6} {:>8} {:>24} {:>24} {:>24} {:>24}",
        "",
        "cases",
        "open",
        "out/band",
        "detection",
        "fix",
        "image",
        "fix to image"
    );
    for (name, line) in &report.severities {
        let spreads = [&line.to_detection, &line.to_fix, &line.to_image, &line.fix_to_image].map(spread);
        say!("{name:<9} {:>6} {:>6} {:>8} {}", line.opened, line.open, line.out_of_band, spreads.join(" "));
    }
    say!("\nDeadlines");
    sla::table(report);
    say!(
        "\n{:<16} {:>8} {:>6} {:>8} {:>9} {:>9} {:>8} {:>8}",
        "image",
        "packages",
        "fixed",
        "affected",
        "suspected",
        "fix late",
        "brought",
        "new"
    );
    for event in images {
        let Event::ImageReleased { image, packages, counts, .. } = event else { continue };
        let n = |name: &str| counts.get(name).copied().unwrap_or(0);
        say!(
            "{image:<16} {packages:>8} {:>6} {:>8} {:>9} {:>9} {:>8} {:>8}",
            n("fixed"),
            n("carried_affected"),
            n("carried_suspected"),
            n("carried_late"),
            n("brought_in"),
            n("newly_known")
        );
    }
    if let Some(digest) = &head.digest {
        say!("\n{} events, the last is {digest}", head.seq);
    }
}
