//! Plans and publications as text.

use std::collections::BTreeSet;

use seaworthy_model::Nevra;
use seaworthy_pipeline::matching::formats::plural;
use seaworthy_pipeline::publish::{Advisory, Concluded, Standing};
use seaworthy_pipeline::{Home, PublicationOutcome, PublicationPlan, Published, Rewrite, StoreState};

use crate::columns::{Cell, Table, fixed, number, print};
use crate::error::{CommandResult, Ended};
use crate::output;

/// The number of rows that are shown of each kind without --all.
pub(super) const ROWS: usize = 15;

/// Prints a plan, and gives the end of the command.
pub(super) fn planned(planned: &PublicationPlan, json: bool, most: usize) -> CommandResult {
    if json {
        output::json(&planned.document())?;
    } else {
        plan(planned, most);
    }
    let is_refused = planned.undelivered().is_some() || planned.concluded().is_some_and(|concluded| !concluded.agrees());
    Ok(Ended::found(is_refused))
}

fn plan(plan: &PublicationPlan, most: usize) {
    let distribution = plan.distribution();
    say!("Plan {} for {} {}", plan.digest(), distribution.name, distribution.line);
    let last = plan.in_force().map_or_else(|| "nothing is published yet".to_owned(), |id| format!("{id} is in force"));
    say!("{last}; to be published at {}", distribution.site);
    match distribution.contact.as_str() {
        "" => say!("Readers are told of no contact: set that of the security team, contact in [publish] of seaworthy.toml\n"),
        contact => say!("Readers are told that the security team is reached at {contact}\n"),
    }
    packages(plan, most);
    advisories(plan, most);
    promises(plan);
    if plan.in_force().is_none() {
        tally(plan);
    }
    plan.concluded().iter().for_each(|c| concluded(c, most));
    if !plan.changes_anything() {
        say!("\nNothing would change.");
    } else if !plan.has_news() {
        say!("\nAdvisories and packages stay as they are.");
    }
    plan.rewrites().iter().for_each(|reason| rewrite(reason, most));
}

/// Prints why documents or metadata are made anew.
fn rewrite(reason: &Rewrite, most: usize) {
    match reason {
        Rewrite::Keys { come, go } => {
            say!("Documents and metadata would be made anew, since other keys sign:");
            rows(come.iter().map(|key| format!("+ {key}")).chain(go.iter().map(|key| format!("- {key}"))), most);
        }
        Rewrite::All => {
            say!("Documents would be made anew, all of them: [publish] or [distribution] in seaworthy.toml, or the program, is another.")
        }
        Rewrite::Documents { paths } => {
            say!("Documents would be made anew, since what they tell of beside advisories is other (images, shipped packages):");
            rows(paths.iter().cloned(), most);
        }
        Rewrite::Metadata => say!("Metadata of the package repository would be made anew: its settings, or the program, are others."),
        Rewrite::Lost => say!("Documents would be made anew: the site has lost the index of the publication in force."),
    }
}

/// Prints the outcome of a publication, and gives the end of the command.
pub(super) fn outcome(home: &Home, outcome: PublicationOutcome, json: bool, most: usize) -> CommandResult {
    if json {
        output::json(&outcome.document())?;
        return match outcome {
            PublicationOutcome::Refused(_) => Ok(Ended::Found),
            PublicationOutcome::Unchanged { store, .. } => Ok(store.transpose().map(|_| Ended::Well)?),
            PublicationOutcome::Published(published) => Ok(published.store.transpose().map(|_| Ended::Well)?),
        };
    }
    let store = match outcome {
        PublicationOutcome::Refused(refused) => {
            concluded(&refused, most);
            say!("Nothing was published.");
            return Ok(Ended::Found);
        }
        PublicationOutcome::Unchanged { id, store } => {
            say!("Nothing to publish: {id} is in force and says all there is to say.");
            store
        }
        PublicationOutcome::Published(published) => {
            show(home, &published, most);
            published.store
        }
    };
    if let Some(StoreState { address, pushed }) = store.transpose()? {
        if pushed.sent == 0 && pushed.removed == 0 {
            say!("{address} holds it already, {} objects.", pushed.objects);
        } else {
            let (sent, megabytes) = (pushed.sent, pushed.bytes as f64 / 1e6);
            say!("Sent {sent} objects ({megabytes:.1} MB) to {address}, removed {}; it holds {}.", pushed.removed, pushed.objects);
        }
    }
    Ok(Ended::Well)
}

fn show(home: &Home, published: &Published, most: usize) {
    let plan = &published.plan;
    packages(plan, most);
    advisories(plan, most);
    plan.concluded().iter().for_each(|c| concluded(c, most));
    if published.signed_again > 0 {
        say!("Signed anew, since a key is gone that signed them: {}", plural(published.signed_again, "package", "packages"));
    }
    let site = home.site();
    say!("\nPublished {} in {}", published.id, site.dir().display());
    say!("Serve {} with any web server, or try `seaworthy serve-repo`.", site.www().display());
}

fn packages(plan: &PublicationPlan, most: usize) {
    let changed = || plan.channels().iter().filter(|(_, c)| c.changes());
    for (name, channel) in changed() {
        let (added, removed) = channel.difference();
        say!("Channel {name}: {}, {} come, {} go", plural(channel.packages(), "package", "packages"), added.len(), removed.len());
        rows(added.iter().map(|n| format!("+ {n}{}", fixes(plan, n))).chain(removed.iter().map(|n| format!("- {n}"))), most);
    }
    if plan.passed_over() > 0 {
        say!("Passed over: {} that the channel {} has already", plural(plan.passed_over(), "package", "packages"), plan.target());
    }
    for (name, channel) in changed() {
        let behind = plan.left_behind(channel);
        if !behind.is_empty() {
            say!("Left behind in {name}: no fix counts as delivered before all packages of its source are there, or are taken back");
            rows(behind.iter().map(|b| format!("! {}, whose source is there in {}", b.package, b.source)), most);
        }
    }
}

/// The CVEs whose fix machines get with a package.
fn fixes(plan: &PublicationPlan, package: &Nevra) -> String {
    let cves: Vec<String> = plan.fixes(package).iter().map(ToString::to_string).collect();
    match cves.len() {
        0 => String::new(),
        n if n > 3 => format!("  fixes {}, {} and {} more", cves[0], cves[1], n - 2),
        _ => format!("  fixes {}", cves.join(", ")),
    }
}

fn advisories(plan: &PublicationPlan, most: usize) {
    let (new, revised) = (plan.new_advisories(), plan.revised_advisories());
    say!("Advisories: {}, {} new, {} revised", plan.advisories().len(), new.len(), revised.len());
    rows(new.into_iter().map(|a| format!("new      {}", line(a))), most);
    rows(revised.into_iter().map(|a| format!("revised  {}", line(a))), most);
}

/// Prints how many fixes are promised by a date, and how a team promises one.
fn promises(plan: &PublicationPlan) {
    let (awaited, promised) = (plan.awaited().count(), plan.awaited().filter(|a| a.due.is_some()).count());
    match (awaited, promised) {
        (0, _) => {}
        (_, 0) => say!("Promised dates: none; readers are promised only what [policy.deadlines] in seaworthy.toml sets"),
        _ => say!("Promised dates: {promised} of the {} to come, by [policy.deadlines] in seaworthy.toml", plural(awaited, "fix", "fixes")),
    }
}

/// Prints what a first publication tells, by year and standing.
fn tally(plan: &PublicationPlan) {
    let rows = plan.tally();
    let standings: BTreeSet<&str> = rows.iter().map(|row| row.standing).collect();
    let years: BTreeSet<i16> = rows.iter().map(|row| row.year).collect();
    if years.is_empty() {
        return;
    }
    let columns = std::iter::once(fixed("year")).chain(standings.iter().map(|standing| number(standing.replace('_', " ")))).collect();
    let row = |year: i16| {
        let of = |standing: &str| rows.iter().find(|row| row.year == year && row.standing == standing).map_or(0, |row| row.advisories);
        std::iter::once(year.to_string()).chain(standings.iter().map(|standing| of(standing).to_string())).map(Cell::plain).collect()
    };
    say!("\nThe world would be told, by the year of the first revision:");
    print(&Table::new(columns, years.into_iter().map(row).collect()));
    if let Some(count) = plan.undelivered() {
        say!("\n{count} of them would call a package affected although the spec tree has the fix: `publish run` refuses that.");
        say!(
            "Undo the first cycle (`seaworthy triage undo`) and run it again with --delivered, which names what machines can get already."
        );
    }
}

fn line(advisory: &Advisory) -> String {
    let severity = advisory.severity.map_or("unrated", |s| s.as_str());
    let standing = match &advisory.standing {
        Standing::Fixed { version, or_before } => format!("fixed in {version}{}", if *or_before { " or before" } else { "" }),
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

/// Prints the conclusions of consumers in a few lines.
pub(super) fn concluded(concluded: &Concluded, most: usize) {
    for line in concluded.consumers() {
        say!("{line}");
    }
    if !concluded.disagreements.is_empty() {
        say!("\nConsumers would conclude something else in {} cases:", concluded.disagreements.len());
        rows(concluded.disagreements.iter().map(ToString::to_string), most);
    }
}
