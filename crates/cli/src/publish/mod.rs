//! `publish`: how the world learns. Packages, advisories and pages change in one step, or not at all.

mod args;
mod press;
mod settings;
mod show;
mod store;
mod verify;

use std::collections::BTreeMap;

use anyhow::{Context, bail};
use seaworthy_ledger::{Draft, Event, Publication};
use seaworthy_model::Digest;
use seaworthy_publish::contract::Concluded;
use seaworthy_publish::keys::Signers;
use seaworthy_publish::press::{Contents, Documents, Packages, Real, Replaced, conclude, documents};
use seaworthy_publish::site::Index;

pub(crate) use args::PublishCommand;
use args::{What, WithdrawArgs};
use press::{Change, Press};
use store::Target;

use crate::args::Arguments;
use crate::{keys, ledger, progress};

/// So many publications stay on the disk; what was pinned are snapshots, which all stay.
const KEPT: usize = 16;

pub(crate) fn run(arguments: &Arguments, command: &PublishCommand) -> anyhow::Result<u8> {
    match command {
        PublishCommand::Plan { what, json } => plan(arguments, what, *json),
        PublishCommand::Run { what, plan, no_programs } => {
            let (mut press, means) = open(arguments, what.line.as_deref())?;
            let change = press.change(what)?;
            if let Some(expected) = plan {
                let found = change.digest(&press);
                if *expected != found {
                    bail!(
                        "the plan {} does not hold any more, now it is {}: look at it again with `seaworthy publish plan`",
                        expected.short(),
                        found.short()
                    );
                }
            }
            publish(arguments, press, change, &means, what.all, !no_programs, None)
        }
        PublishCommand::Verify { packages, no_programs } => verify::run(arguments, *packages, !no_programs),
        PublishCommand::Withdraw(args) => withdraw(arguments, args),
        PublishCommand::Diff { from, to } => show::diff(arguments, from.as_deref(), to.as_deref()),
    }
}

/// Where a publication goes, and what signs it.
struct Means {
    /// Keys that have proved that they sign.
    signers: Signers,
    store: Option<Target>,
}

/// Everything that a publication needs; one that was cut short is completed.
fn open(arguments: &Arguments, line: Option<&str>) -> anyhow::Result<(Press, Means)> {
    let press = Press::open_to_change(arguments, line)?;
    // A key that is lost or expired stops everything before anything changes.
    let signers = keys::open(arguments, &press.config)?.signers(press.now)?;
    // So does a store that cannot be asked.
    let store = Target::open(&press)?;
    if let Some(id) = press.complete()? {
        say!("The publication {id} was cut short: it is in force now.");
    }
    Ok((press, Means { signers, store }))
}

fn plan(arguments: &Arguments, what: &What, json: bool) -> anyhow::Result<u8> {
    let bar = progress::spinner(arguments, "looking at what is to be published");
    let mut press = Press::open(arguments, what.line.as_deref())?;
    let change = press.change(what)?;
    bar.set_message("asking what consumers would conclude");
    let concluded = asked(&press, &change, None)?;
    bar.finish_and_clear();
    if json {
        say!("{}", serde_json::to_string_pretty(&show::json(&press, &change, &concluded))?);
    } else {
        show::plan(&press, &change, &concluded, what.all);
    }
    Ok(u8::from(!concluded.agrees()))
}

fn withdraw(arguments: &Arguments, args: &WithdrawArgs) -> anyhow::Result<u8> {
    if args.why.trim().is_empty() {
        bail!("--why is empty: people who have the package will ask");
    }
    let (mut press, means) = open(arguments, args.line.as_deref())?;
    let change = press.withdrawal(args)?;
    publish(arguments, press, change, &means, false, true, Some(args.why.clone()))
}

/// Writes everything beside what is in force, asks consumers, and puts it in force.
fn publish(
    arguments: &Arguments,
    mut press: Press,
    mut change: Change,
    means: &Means,
    all: bool,
    programs: bool,
    why: Option<String>,
) -> anyhow::Result<u8> {
    let Means { signers, store } = means;
    let bar = progress::spinner(arguments, "writing the package repository");
    let plan = change.digest(&press);
    let channels = snapshots(&press, &mut change, signers)?;
    bar.set_message("writing advisories and pages");
    let documents = documents(&change.edition, signers, &contents_of(&channels, &change))?;
    let Documents { trees, files } = documents;
    let written = press.site.write(&trees, &|at| bar.set_message(format!("wrote {at}")))?;
    drop(trees);
    let digests = files.iter().map(|f| (f.path.clone(), Digest::of(&f.bytes))).collect();
    let index = Index::new(written, digests, channels.clone());
    let last = press.last().map(|p| p.content);
    if last == Some(index.content()) {
        bar.finish_and_clear();
        if !change.drafts.is_empty() {
            press.ledger.append_if(press.head, change.drafts).context("somebody else changed the ledger meanwhile: run it again")?;
        }
        let id = press.last().map(|p| p.id.clone()).unwrap_or_default();
        say!("Nothing to publish: {id} is in force and says all there is to say.");
        if let Some(store) = store {
            store.push(arguments, &press, &id)?;
        }
        return Ok(0);
    }
    bar.set_message("asking what consumers would conclude");
    let real = programs.then(|| Real { site: &press.site, keys: signers.public_keys() });
    let concluded = asked(&press, &change, real)?;
    if !concluded.agrees() {
        bar.finish_and_clear();
        show::told_of(&concluded, if all { usize::MAX } else { show::TOLD });
        say!("Nothing was published.");
        return Ok(1);
    }
    bar.set_message("putting it in force");
    let id = press.id(0);
    press.site.lay_out(&id, &index, &files)?;
    let publication = Publication {
        id: id.clone(),
        content: index.content(),
        plan,
        channels,
        recalled: change.recalled.clone(),
        line: press.distribution.line.clone(),
        counts: counts(&change),
    };
    let mut drafts = std::mem::take(&mut change.drafts);
    drafts.push(Draft { why, ..Draft::new(press.now, ledger::actor(), Event::Publication(publication)) });
    // From here on it counts as published: if this dies now, the next run puts it in force.
    press.ledger.append_if(press.head, drafts).context("somebody else changed the ledger meanwhile: run it again")?;
    press.site.switch(&id)?;
    press.site.prune(KEPT)?;
    bar.finish_and_clear();
    show::published(&press, &change, &id, &concluded, all);
    if let Some(store) = store {
        store.push(arguments, &press, &id)?;
    }
    Ok(0)
}

/// What consumers conclude, of the advisories and of the channels that users get packages from. The programs read what is written
/// already; a plan has nothing for them.
fn asked(press: &Press, change: &Change, real: Option<Real<'_>>) -> anyhow::Result<Concluded> {
    let public = change.channels.iter().filter(|(name, _)| press.settings().public.contains(name));
    let held = public.map(|(name, channel)| (name.clone(), (channel.snapshot.clone().unwrap_or_default(), &channel.after))).collect();
    Ok(conclude(&change.edition, &held, real)?)
}

/// Puts packages into the pool and writes the snapshots that differ; gives where each channel is to point.
fn snapshots(press: &Press, change: &mut Change, signers: &Signers) -> anyhow::Result<BTreeMap<String, String>> {
    let packages = press.packages();
    let mut out = BTreeMap::new();
    let mut written = 0;
    if let Some(channel) = change.channels.get_mut(&change.target).filter(|_| !change.given.is_empty()) {
        let restored = packages.restored(&channel.before, &change.given, signers, press.now)?;
        channel.after = packages.add(&channel.before, &mut change.given, signers, press.now)?;
        replace(&packages, change, &restored)?;
    }
    if press.has_lost_a_key(signers)? {
        let again = packages.signed_again(change.channels.values().map(|c| &c.after), signers, press.now)?;
        replace(&packages, change, &again)?;
        change.signed_again = again.len();
    }
    for (name, channel) in &mut change.channels {
        let id = press.id(written);
        let previous = channel.snapshot.as_deref().map(|snapshot| (snapshot, &channel.before));
        if packages.write(&id, &mut channel.after, previous, &change.edition, signers, press.now)? {
            written += 1;
            channel.snapshot = Some(id);
        }
        out.extend(channel.snapshot.clone().map(|snapshot| (name.clone(), snapshot)));
    }
    Ok(out)
}

/// Puts packages in the place of others, in every channel.
fn replace(packages: &Packages<'_>, change: &mut Change, replaced: &Replaced) -> anyhow::Result<()> {
    if !replaced.is_empty() {
        for channel in change.channels.values_mut() {
            channel.after = packages.replace(&channel.after, replaced)?;
        }
    }
    Ok(())
}

/// What each channel holds, with its snapshot.
fn contents_of<'c>(channels: &BTreeMap<String, String>, change: &'c Change) -> BTreeMap<String, (String, &'c Contents)> {
    channels.iter().filter_map(|(name, snapshot)| Some((name.clone(), (snapshot.clone(), &change.channels.get(name)?.after)))).collect()
}

fn counts(change: &Change) -> BTreeMap<String, u64> {
    let added = change.given.iter().filter(|g| !g.known).count();
    let named = [
        ("advisories", change.edition.advisories.len()),
        ("new_advisories", change.fresh.len()),
        ("packages_added", added),
        ("packages_taken_back", change.gone.len()),
    ];
    named.into_iter().filter(|(_, n)| *n > 0).map(|(name, n)| (name.to_owned(), n as u64)).collect()
}
