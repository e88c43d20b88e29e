//! `inventory`: what is shipped.

use std::collections::BTreeMap;

use anyhow::{Context, bail};
use seaworthy_inventory::{Inventory, SpecOptions, read_packages_file, read_spec_tree};

use crate::args::{Arguments, InventoryCommand};
use crate::scan::tell_problems;

pub(crate) fn run(arguments: &Arguments, command: &InventoryCommand) -> anyhow::Result<u8> {
    match command {
        InventoryCommand::List { selector, json } => {
            let inventory = selector.read(None)?;
            if *json {
                say!("{}", serde_json::to_string_pretty(&inventory)?);
                return Ok(0);
            }
            tell_problems(arguments, &inventory);
            use std::io::Write as _;
            let mut out = std::io::BufWriter::new(std::io::stdout().lock());
            for package in &inventory.packages {
                writeln!(
                    out,
                    "{} {} ({} binary packages, {} patches, {} components)",
                    package.name,
                    package.evr,
                    package.binaries.len(),
                    package.patches.len(),
                    package.components.len()
                )?;
            }
            out.flush()?;
        }
        InventoryCommand::Show { package, selector } => {
            let inventory = selector.read(None)?;
            let found: Vec<_> = inventory.packages.iter().filter(|p| p.name == *package).collect();
            if found.is_empty() {
                let owner = inventory.packages.iter().find(|p| p.binaries.iter().any(|b| b.name == *package));
                let hint = owner.map(|o| format!("; it is a binary package of {}", o.name)).unwrap_or_default();
                bail!("no source package {package} in {}{hint}", inventory.origin.location);
            }
            say!("{}", serde_json::to_string_pretty(&found)?);
        }
        InventoryCommand::Diff { from, to, json } => {
            let (from, to) = (versions(&read(from)?), versions(&read(to)?));
            let names: std::collections::BTreeSet<&String> = from.keys().chain(to.keys()).collect();
            let changes: Vec<(&String, Option<&String>, Option<&String>)> =
                names.into_iter().map(|n| (n, from.get(n), to.get(n))).filter(|(_, a, b)| a != b).collect();
            if *json {
                let rows: Vec<_> = changes.iter().map(|(n, a, b)| serde_json::json!({"package": n, "from": a, "to": b})).collect();
                say!("{}", serde_json::to_string_pretty(&rows)?);
                return Ok(0);
            }
            for (name, a, b) in &changes {
                match (a, b) {
                    (None, Some(b)) => say!("+ {name} {b}"),
                    (Some(a), None) => say!("- {name} {a}"),
                    (Some(a), Some(b)) => say!("  {name} {a} -> {b}"),
                    (None, None) => {}
                }
            }
            if changes.is_empty() {
                say!("the same packages in the same versions");
            }
        }
    }
    Ok(0)
}

fn versions(inventory: &Inventory) -> BTreeMap<String, String> {
    inventory.packages.iter().map(|p| (p.name.clone(), p.evr.to_string())).collect()
}

/// One side of a comparison.
fn read(at: &str) -> anyhow::Result<Inventory> {
    if std::path::Path::new(at).is_file() {
        return read_packages_file(at).context("while reading a packages file");
    }
    read_spec_tree(at, &SpecOptions::default()).context("while reading a spec tree")
}
