//! The harness of the tables: rows of records, packages and verdict, each with the point that it makes.
//!
//! A row is text in two small languages, described in [`record`] and [`package`]. Records take the whole way of a source's own: they are
//! written as the source publishes them, stored, linked and read back.

pub(crate) mod package;
pub(crate) mod record;

use std::collections::BTreeMap;

use seaworthy_intelligence::records::SourceKind;
use seaworthy_intelligence::{Delivery, Input, InputBody, Knowledge, Store};
use seaworthy_inventory::Inventory;
use seaworthy_matching::{Assessment, Finding, Options, ProductTable, assess};
use seaworthy_model::EvidenceKind;
pub(crate) use seaworthy_testing::hold;

/// The day on which rows are judged, unless they name another. Records are of 2024-01-10 unless they say otherwise.
pub(crate) const DAY: &str = "2024-06-01";

/// Knowledge and inventory for a row.
pub(crate) struct World {
    knowledge: Knowledge,
    pub(crate) inventory: Inventory,
    pub(crate) options: Options,
}

impl World {
    /// The world with these records and packages, judged on [`DAY`].
    pub(crate) fn new(records: &[&str], packages: &[&str]) -> Self {
        let mut inventory = Inventory::new("spec tree", "here");
        inventory.packages = packages.iter().map(|p| package::package(p)).collect();
        Self { knowledge: knowledge(records), inventory, options: Options::default() }.on(DAY)
    }

    /// The same world on another day (`YYYY-MM-DD`), at its end.
    pub(crate) fn on(mut self, day: &str) -> Self {
        self.options.as_of = Some(format!("{day}T23:59:59Z").parse::<jiff::Timestamp>().unwrap().into());
        self
    }

    /// The same world with lines of a table of products over the built-in one.
    pub(crate) fn with_table(mut self, lines: &str) -> Self {
        self.options.products.overlay(ProductTable::parse(lines).unwrap());
        self
    }

    /// The same world, with the findings that the version alone rules out.
    pub(crate) fn with_ruled_out(mut self) -> Self {
        self.options.keep_ruled_out = true;
        self
    }

    pub(crate) fn assess(&self) -> Assessment {
        assess(&self.knowledge, &self.inventory, &self.options)
    }

    pub(crate) fn findings(&self) -> Vec<Finding> {
        self.assess().findings
    }

    /// The status and ties of each pair: `ferry 1000 affected by home+name`, joined by `; `, or `nothing`.
    pub(crate) fn ties(&self) -> String {
        listed(self.findings().iter().map(|f| format!("{} {} {} by {}", f.package, number(f), f.status, kinds(f))))
    }

    /// The same without package and CVE, for rows with one of each.
    pub(crate) fn tie(&self) -> String {
        listed(self.findings().iter().map(|f| format!("{} by {}", f.status, kinds(f))))
    }

    /// The status and the last reason of each pair: `affected: nvd: 1.2 is in the affected range: before 1.4`.
    pub(crate) fn reasons(&self) -> String {
        listed(self.findings().iter().map(|f| format!("{}: {}", f.status, f.evidence.last().map_or("", |e| e.detail.as_str()))))
    }
}

fn listed(lines: impl Iterator<Item = String>) -> String {
    let lines: Vec<String> = lines.collect();
    if lines.is_empty() { "nothing".to_owned() } else { lines.join("; ") }
}

/// The short form of an id: `1000` for CVE-2009-1000; the whole id for another year.
fn number(finding: &Finding) -> String {
    let id = finding.cve.to_string();
    id.strip_prefix("CVE-2009-").unwrap_or(&id).to_owned()
}

/// The kinds of evidence without those about the version.
fn kinds(finding: &Finding) -> String {
    let word = |kind: EvidenceKind| serde_json::to_value(kind).unwrap().as_str().unwrap().to_owned();
    let mut kinds: Vec<String> = Vec::new();
    for evidence in finding.evidence.iter().filter(|e| !matches!(e.kind, EvidenceKind::Version | EvidenceKind::Platform)) {
        if kinds.last() != Some(&word(evidence.kind)) {
            kinds.push(word(evidence.kind));
        }
    }
    kinds.join("+")
}

/// The knowledge from records in the language of [`record`].
fn knowledge(records: &[&str]) -> Knowledge {
    let mut artefacts: BTreeMap<SourceKind, Vec<Input>> = BTreeMap::new();
    for (kind, name, bytes) in record::artefacts(records) {
        let input = Input { kind, origin: name.clone(), name, validators: Default::default(), body: InputBody::Bytes(bytes) };
        artefacts.entry(kind).or_default().push(input);
    }
    let delivery = |inputs| Delivery { inputs, location: "here".into(), error: None };
    let deliveries = artefacts.into_iter().map(|(kind, inputs)| (kind, delivery(inputs))).collect();
    let home = tempfile::tempdir().unwrap();
    let store = Store::new(home.path());
    let report = store.ingest(deliveries, 1_727_740_800, &|_| {}).unwrap();
    assert_eq!((report.refused, report.errors), (Vec::new(), BTreeMap::new()), "{records:?}");
    store.open().unwrap()
}
