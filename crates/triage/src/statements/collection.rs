//! The statements of several documents on the findings of a scan, and what of them says nothing of it.

use std::collections::{BTreeMap, BTreeSet};

use seaworthy_model::CveId;

use super::json::short;
use super::remark::{Spoken, Stated, remark};
use super::{Document, Ours};
use crate::{Found, Remarked};

/// The statements of documents, by what they are about.
#[derive(Debug, Default)]
pub struct Statements {
    by_pair: BTreeMap<(String, CveId), Pair>,
    /// The places of the statements that say nothing of a finding, by document and reason.
    passed: BTreeMap<(usize, String, &'static str), BTreeSet<String>>,
}

/// The statements on one package and one CVE.
#[derive(Debug, Default)]
struct Pair {
    stated: Vec<Stated>,
    /// Whether they were asked about a finding.
    is_asked: bool,
}

/// A message about a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told {
    /// The name of the document's file.
    pub file: String,
    /// The message.
    pub message: String,
}

impl Statements {
    /// The statements of documents, each with the name of its file, and what could not be read or does not count. Where there are several
    /// versions of a document, the newest one counts.
    #[must_use]
    pub fn of(documents: &[(String, Document)]) -> (Self, Vec<Told>) {
        let (mut out, mut told) = (Self::default(), Vec::new());
        for (place, (name, document)) in documents.iter().enumerate() {
            let mut tell = |message: String| told.push(Told { file: name.clone(), message });
            document.problems.iter().for_each(|problem| tell(format!("{}: {}", problem.at, problem.message)));
            if let Some(newer) = document.newer(documents.iter().map(|(_, other)| other)) {
                tell(format!("version {newer} of the document takes its place: nothing of it counts"));
                continue;
            }
            for statement in &document.statements {
                let stated = Stated { place, document: name.clone(), statement: statement.clone() };
                out.by_pair.entry((statement.package.clone(), statement.cve)).or_default().stated.push(stated);
            }
        }
        (out, told)
    }

    /// Leaves out the statements that are about packages of other vendors and cannot count for these; tells their number for each document
    /// and namespace.
    pub fn leave_out_others(&mut self, ours: &Ours) -> Vec<Told> {
        let mut others: BTreeMap<(usize, String, String), usize> = BTreeMap::new();
        for pair in self.by_pair.values_mut() {
            pair.stated.retain(|Stated { place, document, statement }| {
                let can_count = statement.can_count(ours);
                if !can_count {
                    let namespace = short(statement.namespace.as_deref().unwrap_or_default());
                    *others.entry((*place, document.clone(), namespace)).or_default() += 1;
                }
                can_count
            });
        }
        let whose = if ours.vendor.is_empty() {
            "the vendor of these is not known: name it as vendor in [publish] of seaworthy.toml".to_owned()
        } else {
            format!("these are of {:?}, by vendor in [publish] or the name of the distribution", ours.vendor)
        };
        let told = |((_, file, namespace), n): ((usize, String, String), usize)| {
            let are = if n == 1 { "statement is" } else { "statements are" };
            Told { file, message: format!("{n} {are} about packages of {namespace:?} in general and left out; {whose}") }
        };
        others.into_iter().map(told).collect()
    }

    /// The remark on a finding; `None` where nothing is said of it. What says nothing is counted.
    pub fn remark(&mut self, package: &str, cve: CveId, found: &Found<'_>, ours: &Ours) -> Option<Remarked> {
        let pair = self.by_pair.get_mut(&(package.to_owned(), cve))?;
        pair.is_asked = true;
        let Spoken { remarked, passed } = remark(&pair.stated, found, ours);
        for (nth, why) in passed {
            if let Some(stated) = pair.stated.get(nth) {
                count(&mut self.passed, stated, why.kind());
            }
        }
        remarked
    }

    /// The numbers of statements that said nothing of a finding, by document and reason, after all findings were asked about.
    #[must_use]
    pub fn passed(mut self) -> Vec<Told> {
        for stated in self.by_pair.values().filter(|pair| !pair.is_asked).flat_map(|pair| &pair.stated) {
            count(&mut self.passed, stated, "this scan found nothing open of it");
        }
        let told = |((_, file, why), places): ((usize, String, &str), BTreeSet<String>)| {
            let (n, first) = (places.len(), places.into_iter().next().unwrap_or_default());
            let message = match n {
                1 => format!("1 statement decides nothing: {why} ({first})"),
                n => format!("{n} statements decide nothing: {why} (such as {first})"),
            };
            Told { file, message }
        };
        self.passed.into_iter().map(told).collect()
    }
}

fn count(passed: &mut BTreeMap<(usize, String, &'static str), BTreeSet<String>>, stated: &Stated, why: &'static str) {
    passed.entry((stated.place, stated.document.clone(), why)).or_default().insert(stated.statement.at.clone());
}
