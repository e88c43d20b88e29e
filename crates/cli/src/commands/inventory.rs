use std::io::Write;

use clap::Subcommand;
use seaworthy_pipeline::Source;
use seaworthy_pipeline::matching::formats::plural;

use super::selection::Selector;
use crate::context::Context;
use crate::error::{CommandResult, Ended};
use crate::output;
use crate::say::{Cleaned, Reader};

/// List, show or compare the packages that are shipped.
#[derive(Debug, Subcommand)]
pub(crate) enum InventoryCommand {
    /// List the source packages.
    List {
        #[command(flatten)]
        selector: Selector,
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
    /// Show one package with all its parts, as JSON.
    Show {
        /// The source package.
        package: String,
        #[command(flatten)]
        selector: Selector,
    },
    /// Compare two releases: packages that came, went and changed their version.
    Diff {
        /// The older release: a packages file, a folder of specs, GIT_DIR@REVISION, or a repository (folder or address).
        from: String,
        /// The newer release, in the same forms.
        to: String,
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
}

pub(super) fn run(context: &Context, command: &InventoryCommand) -> CommandResult {
    let home = context.home()?;
    match command {
        InventoryCommand::List { selector, json: true } => output::json(&home.inventory(&selector.selection()?, None)?)?,
        InventoryCommand::List { selector, json: false } => {
            let inventory = home.read_inventory(&selector.selection()?)?;
            let mut out = std::io::BufWriter::new(Cleaned::new(std::io::stdout().lock(), Reader::Person));
            for package in &inventory.packages {
                writeln!(
                    out,
                    "{} {} ({}, {}, {})",
                    package.name,
                    package.evr,
                    plural(package.binaries.len(), "binary package", "binary packages"),
                    plural(package.patches.len(), "patch", "patches"),
                    plural(package.components.len(), "component", "components")
                )?;
            }
            out.flush()?;
        }
        InventoryCommand::Show { package, selector } => {
            output::json(&home.shipped_packages(package, &selector.selection()?)?)?;
        }
        InventoryCommand::Diff { from, to, json } => {
            let compared = home.compare_releases(&Source::release(from), &Source::release(to))?;
            if *json {
                output::json(&compared)?;
                return Ok(Ended::Well);
            }
            for change in &compared.changes {
                let name = &change.package;
                match (&change.from, &change.to) {
                    (None, Some(to)) => say!("+ {name} {to}"),
                    (Some(from), None) => say!("- {name} {from}"),
                    (Some(from), Some(to)) => say!("  {name} {from} -> {to}"),
                    (None, None) => {}
                }
            }
            if compared.changes.is_empty() {
                say!("the same packages in the same versions");
            }
        }
    }
    Ok(Ended::Well)
}
