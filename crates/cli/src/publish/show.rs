//! What is told of a publication.

use std::collections::{BTreeMap, HashSet};

use anyhow::{Context, bail};
use seaworthy_publish::contract::Concluded;
use seaworthy_publish::press::{Held, difference};
use seaworthy_publish::site::Index;
use seaworthy_publish::{Advisory, Standing};
use serde_json::{Value, json};

use super::press::{Change, Press};
use crate::args::Arguments;
use crate::render::plural;

/// So many rows of each kind are told, where not all are asked for.
pub(super) const TOLD: usize = 15;

/// The plan, for people.
pub(super) fn plan(press: &Press, change: &Change, concluded: &Concluded, all: bool) {
    let most = if all { usize::MAX } else { TOLD };
    say!("Plan {} for {} {}", change.digest(press), press.distribution.name, press.distribution.line);
    let last = press.last().map_or_else(|| "nothing is published yet".to_owned(), |p| format!("{} is in force", p.id));
    say!("{last}; to be published at {}\n", press.distribution.site);
    packages(change, most);
    advisories(press, change, most);
    told_of(concluded, most);
    if !changes_anything(press, change) {
        say!("\nNothing would change.");
    }
}

fn changes_anything(press: &Press, change: &Change) -> bool {
    press.last().is_none()
        || !change.drafts.is_empty()
        || change.channels.values().any(super::press::Channel::changes)
        || !revised(press, change).is_empty()
}

fn packages(change: &Change, most: usize) {
    for (name, channel) in change.channels.iter().filter(|(_, c)| c.changes()) {
        let (added, removed) = difference(&channel.before, &channel.after);
        say!("Channel {name}: {}, {} come, {} go", plural(channel.after.len(), "package", "packages"), added.len(), removed.len());
        rows(added.iter().map(|n| format!("+ {n}{}", fixes(change, n))).chain(removed.iter().map(|n| format!("- {n}"))), most);
    }
    let known = change.given.iter().filter(|g| g.known).count();
    if known > 0 {
        say!("Passed over: {} that the channel {} has already", plural(known, "package", "packages"), change.target);
    }
    for (name, channel) in change.channels.iter().filter(|(_, c)| c.changes()) {
        let given = change.given.iter().map(|g| g.package.source.as_str());
        let sources: HashSet<&str> = given.chain(change.gone.iter().map(|held| held.source.as_str())).collect();
        let before = channel.before.behind(&sources);
        let behind: Vec<_> = channel.after.behind(&sources).into_iter().filter(|b| !before.contains(b)).collect();
        if !behind.is_empty() {
            say!("Left behind in {name}: no fix counts as delivered before all packages of its source are there, or are taken back");
            rows(behind.iter().map(|(nevra, evr)| format!("! {nevra}, whose source is there in {evr}")), most);
        }
    }
}

/// The CVEs that machines get the fix of with a package.
fn fixes(change: &Change, nevra: &seaworthy_model::Nevra) -> String {
    let held: Option<&Held> = change.channels.values().flat_map(|c| c.after.packages()).find(|p| p.nevra() == *nevra);
    let Some(held) = held else { return String::new() };
    let of = |a: &&Advisory| {
        a.package == held.source && a.fixed().is_some() && a.deliveries.iter().any(|d| d.version == held.source_evr.to_string())
    };
    let cves: Vec<String> = change.edition.advisories.iter().filter(of).map(|a| a.cve.to_string()).collect();
    match cves.len() {
        0 => String::new(),
        n if n > 3 => format!("  fixes {}, {} and {} more", cves[0], cves[1], n - 2),
        _ => format!("  fixes {}", cves.join(", ")),
    }
}

/// The advisories that changed since the last publication.
fn revised<'c>(press: &Press, change: &'c Change) -> Vec<&'c Advisory> {
    let since = press.chronicle.publication().map(|(at, _)| *at);
    let later = |a: &&Advisory| !change.fresh.contains(&a.id) && since.is_some_and(|since| a.updated() > since);
    change.edition.advisories.iter().filter(later).collect()
}

fn advisories(press: &Press, change: &Change, most: usize) {
    let edition = &change.edition;
    let fresh: Vec<&Advisory> = edition.advisories.iter().filter(|a| change.fresh.contains(&a.id)).collect();
    let revised = revised(press, change);
    say!("Advisories: {}, {} new, {} revised", edition.advisories.len(), fresh.len(), revised.len());
    rows(fresh.into_iter().map(|a| format!("new      {}", line(a))), most);
    rows(revised.into_iter().map(|a| format!("revised  {}", line(a))), most);
}

fn line(advisory: &Advisory) -> String {
    let severity = advisory.severity.map_or("unrated", |s| s.as_str());
    let standing = match &advisory.standing {
        Standing::Fixed { version } => format!("fixed in {version}"),
        other => other.as_str().replace('_', " "),
    };
    format!("{:<15} {:<17} {:<20} {severity:<9} {standing}", advisory.id, advisory.cve.to_string(), advisory.package)
}

fn rows(rows: impl Iterator<Item = String>, most: usize) {
    let mut more = 0;
    for (i, row) in rows.enumerate() {
        if i < most { say!("  {row}") } else { more += 1 }
    }
    if more > 0 {
        say!("  and {more} more (--all tells them)");
    }
}

/// What consumers conclude, in a few lines.
pub(super) fn told_of(concluded: &Concluded, most: usize) {
    for line in concluded.consumers() {
        say!("{line}");
    }
    disagreements(concluded, most);
}

/// Where consumers would conclude something else.
fn disagreements(concluded: &Concluded, most: usize) {
    if !concluded.disagreements.is_empty() {
        say!("\nConsumers would conclude something else in {} cases:", concluded.disagreements.len());
        rows(concluded.disagreements.iter().map(ToString::to_string), most);
    }
}

/// The plan as JSON.
pub(super) fn json(press: &Press, change: &Change, concluded: &Concluded) -> Value {
    let channels: BTreeMap<&String, Value> = change
        .channels
        .iter()
        .map(|(name, channel)| {
            let (added, removed) = difference(&channel.before, &channel.after);
            let names = |list: &[seaworthy_model::Nevra]| list.iter().map(ToString::to_string).collect::<Vec<_>>();
            (name, json!({ "snapshot": channel.snapshot, "added": names(&added), "removed": names(&removed) }))
        })
        .collect();
    let fresh: Vec<&Advisory> = change.edition.advisories.iter().filter(|a| change.fresh.contains(&a.id)).collect();
    // Through text, in which a score of 9.1 stays 9.1.
    let all = |list: &[&Advisory]| -> Value {
        serde_json::to_string(list).ok().and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default()
    };
    json!({
        "plan": change.digest(press),
        "in_force": press.last().map(|p| &p.id),
        "channels": channels,
        "advisories": change.edition.advisories.len(),
        "new": all(&fresh),
        "revised": all(&revised(press, change)),
        "disagreements": concluded.disagreements.iter().map(ToString::to_string).collect::<Vec<_>>(),
    })
}

/// What was published.
pub(super) fn published(press: &Press, change: &Change, id: &str, concluded: &Concluded, all: bool) {
    let most = if all { usize::MAX } else { TOLD };
    packages(change, most);
    advisories(press, change, most);
    told_of(concluded, most);
    if change.signed_again > 0 {
        say!("Signed anew, since a key is gone that signed them: {}", plural(change.signed_again, "package", "packages"));
    }
    say!("\nPublished {id} in {}", press.site.dir().display());
    say!("Serve {} with any web server, or try `seaworthy serve-repo`.", press.site.www().display());
}

/// What differs between two publications.
pub(super) fn diff(arguments: &Arguments, from: Option<&str>, to: Option<&str>) -> anyhow::Result<u8> {
    let press = Press::open(arguments, None)?;
    let current = press.site.current()?.context("nothing is published yet")?;
    let to = to.unwrap_or(&current);
    let before = match from {
        Some(from) => Some(from.to_owned()),
        None => press.site.publications()?.into_iter().rfind(|id| id.as_str() < to),
    };
    let read =
        |id: &str| -> anyhow::Result<Index> { press.site.index(id)?.with_context(|| format!("there is no publication {id} any more")) };
    let new = read(to)?;
    let Some(before) = before else {
        bail!("{to} is the only publication there is: nothing to compare it with");
    };
    let old = read(&before)?;
    say!("From {before} to {to}");
    let packages = press.packages();
    let channels: std::collections::BTreeSet<&String> = old.channels.keys().chain(new.channels.keys()).collect();
    for channel in channels {
        let contents = |index: &Index| index.channels.get(channel).map(|s| packages.contents(s)).transpose();
        let (a, b) = (contents(&old)?.unwrap_or_default(), contents(&new)?.unwrap_or_default());
        let (added, removed) = difference(&a, &b);
        say!("Channel {channel}: {} come, {} go", added.len(), removed.len());
        for nevra in &added {
            say!("  + {nevra}");
        }
        for nevra in &removed {
            say!("  - {nevra}");
        }
    }
    let changed = press.site.changed(&old, &new)?;
    say!("Documents: {} differ", changed.len());
    for path in changed {
        say!("  {path}");
    }
    Ok(0)
}
