//! Use cases: cases are exported as VEX documents, and statements of others are imported.

use std::path::PathBuf;

use seaworthy_ledger::{Draft, Event};
use seaworthy_model::case::{CaseEvent, CaseKey, Decision};
use seaworthy_model::{Digest, ReleaseLine};
use seaworthy_publish::Distribution;
use seaworthy_publish::formats::{csaf, openvex};
use seaworthy_triage::statements::{Document, Ours, Passed, Problem, Unsupported, learn, unsupported};
use serde::Serialize;

use super::settings::{is_address, is_vendor};
use super::vex_file::read_document;
use super::{Home, HomeError, VexExportError, VexImportError, cases, chronicle, read_at};

/// A format of VEX.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum VexFormat {
    /// OpenVEX 0.2.0.
    OpenVex,
    /// CSAF 2.0, VEX profile.
    Csaf,
}

/// The request of an export.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VexExport {
    /// The format of the document.
    pub format: VexFormat,
    /// The release line; that of the settings where none is named.
    pub line: Option<ReleaseLine>,
    /// The author of the document; the distribution's name of the settings where none is given.
    pub author: Option<String>,
    /// The address that identifies the author; that of the settings where none is given.
    pub namespace: Option<String>,
    /// The namespace of the packages' purls; that of the settings where none is given.
    pub vendor: Option<String>,
    /// Whether cases under embargo are in it.
    pub embargoed: bool,
}

/// The request of an import.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VexImport {
    /// The files with the documents.
    pub files: Vec<PathBuf>,
    /// The release line; that of the settings where none is named.
    pub line: Option<ReleaseLine>,
    /// Whether the decisions are written into the log. Otherwise they are only given back.
    pub apply: bool,
    /// Whether statements count for cases under embargo.
    pub embargoed: bool,
    /// The reason for the log; the author of the document where none is given.
    pub why: Option<String>,
}

/// The outcome of an import.
#[derive(Clone, Debug, PartialEq)]
pub struct VexImported {
    /// The documents, in the order in which they were named.
    pub readings: Vec<VexReading>,
    /// The cases that a document has closed, now or before, without a statement that is known to count.
    pub unsupported: Vec<Unsupported>,
}

/// A document of others, with the decisions that follow from it.
#[derive(Clone, Debug, PartialEq)]
pub struct VexReading {
    /// The file.
    pub file: PathBuf,
    /// The author of the document; empty where it names none.
    pub author: String,
    /// The number of its statements.
    pub statements: usize,
    /// The places that could not be read.
    pub problems: Vec<Problem>,
    /// The statements that decide nothing, with the reason.
    pub passed: Vec<Passed>,
    /// The decisions, by case.
    pub decisions: Vec<(CaseKey, Decision)>,
}

/// The documents of others, with their decisions, as a document for programs.
#[derive(Debug, Serialize)]
pub struct VexReadingsDocument<'a> {
    decided: bool,
    documents: Vec<ReadDocument<'a>>,
    unsupported: &'a [Unsupported],
}

#[derive(Debug, Serialize)]
struct ReadDocument<'a> {
    file: String,
    author: &'a str,
    statements: usize,
    problems: &'a [Problem],
    passed: &'a [Passed],
    decisions: Vec<StatedDecision<'a>>,
}

#[derive(Debug, Serialize)]
struct StatedDecision<'a> {
    key: &'a CaseKey,
    decision: &'a Decision,
}

impl<'a> VexReadingsDocument<'a> {
    /// The document of an import; `decided` says whether its decisions were written.
    #[must_use]
    pub fn of(imported: &'a VexImported, decided: bool) -> Self {
        Self { decided, documents: imported.readings.iter().map(ReadDocument::of).collect(), unsupported: &imported.unsupported }
    }
}

impl<'a> ReadDocument<'a> {
    fn of(reading: &'a VexReading) -> Self {
        Self {
            file: reading.file.display().to_string(),
            author: &reading.author,
            statements: reading.statements,
            problems: &reading.problems,
            passed: &reading.passed,
            decisions: reading.decisions.iter().map(|(key, decision)| StatedDecision { key, decision }).collect(),
        }
    }
}

impl Home {
    /// The VEX document of a release line's cases, in bytes: the statements that the next publication would make, without the parts that
    /// only a publication adds.
    ///
    /// # Errors
    /// When the ledger cannot be read, or a requested name cannot be part of a document.
    pub fn export_vex(&self, request: &VexExport) -> Result<Vec<u8>, HomeError> {
        let line = self.line(request.line.as_ref());
        let distribution = self.exchanged_names(&line, request)?;
        let now = self.now();
        let ledger = self.ledger_to_read()?;
        self.report_no_cycle(&ledger, Some(&line))?;
        let head = ledger.head()?.seq;
        let chronicle = chronicle(&ledger, &line, head, self.sight(request.embargoed), now)?;
        let mut edition = chronicle.exchange(&distribution, request.embargoed);
        if edition.advisories.is_empty() {
            edition.at = now;
        }
        // Documents of the same cases have the same name and time, whenever they are written.
        let name = Digest::of(&serde_json::to_vec(&(&edition.distribution, &edition.advisories))?).short();
        Ok(match request.format {
            VexFormat::OpenVex => openvex::export(&edition, &format!("{}/vex/{name}", edition.distribution.site)),
            VexFormat::Csaf => {
                let restricted = chronicle.cases().any(|case| !case.is_disclosed(now));
                csaf::export(&edition, &format!("vex-{name}"), restricted)
            }
        })
    }

    /// The names of the settings, replaced by those of the request. Names that only a publication needs may be missing.
    fn exchanged_names(&self, line: &str, request: &VexExport) -> Result<Distribution, HomeError> {
        let site = match request.namespace.as_deref().map(|namespace| namespace.trim_end_matches('/')) {
            Some(namespace) if is_address(namespace) => Some(namespace),
            Some(namespace) => return Err(VexExportError::Namespace { namespace: namespace.to_owned() }.into()),
            None => self.settings.site_address()?,
        };
        let vendor = match request.vendor.clone() {
            Some(vendor) if is_vendor(&vendor) => vendor,
            Some(vendor) => return Err(VexExportError::Vendor { vendor }.into()),
            None => self.settings.vendor()?,
        };
        let mut names = self.settings.names(line, site, vendor)?;
        if let Some(author) = &request.author {
            names.name.clone_from(author);
        }
        Ok(names)
    }

    /// Reads the documents of others, and gives their decisions on cases; with `apply` all decisions are written in one step, with what the
    /// documents say of cases, with which later ones are compared.
    ///
    /// # Errors
    /// When a file is no VEX document, decisions are to be written and nobody is named who does it, or a case changed meanwhile.
    pub fn import_vex(&self, request: &VexImport) -> Result<VexImported, HomeError> {
        let line = self.line(request.line.as_ref());
        let ledger = if request.apply { self.ledger()? } else { self.ledger_to_read()? };
        let head = ledger.head()?.seq;
        let mut known = cases(&ledger, Some(&line), self.sight(request.embargoed))?;
        let now = self.now();
        let read = |path: &PathBuf| read_document(path, now);
        let documents = request.files.iter().map(read).collect::<Result<Vec<(String, Document)>, _>>()?;
        let learned = learn(&documents, &known, &line, &self.ours_of_line(&line));
        let mut drafts: Vec<Draft> = Vec::new();
        let mut readings = Vec::new();
        for ((path, (_, document)), learned) in request.files.iter().zip(&documents).zip(learned) {
            let why = request.why.clone().unwrap_or_else(|| format!("stated by {}", named(&document.author)));
            let mut decisions = Vec::new();
            for (key, event) in learned.events {
                if let Some(case) = known.get_mut(&key) {
                    case.apply(now, &event).map_err(VexImportError::Unfit)?;
                }
                if let CaseEvent::Decided(decision) = &event {
                    decisions.push((key.clone(), decision.clone()));
                }
                if request.apply {
                    drafts.push(self.decided(Event::case(key, event), Some(&why))?);
                }
            }
            readings.push(VexReading {
                file: path.clone(),
                author: document.author.clone(),
                statements: document.statements.len(),
                problems: document.problems.clone(),
                passed: learned.passed,
                decisions,
            });
        }
        if !drafts.is_empty() {
            ledger.append_if(read_at(head, &drafts), drafts)?;
        }
        let passed: Vec<(&str, &[Passed])> =
            documents.iter().zip(&readings).map(|((name, _), reading)| (name.as_str(), reading.passed.as_slice())).collect();
        let unsupported = unsupported(&known, &passed);
        Ok(VexImported { readings, unsupported })
    }

    /// The packages of a release line, as statements of others name them.
    fn ours_of_line(&self, line: &str) -> Ours {
        Ours { release: line.to_owned(), is_certain: true, ..self.settings.ours() }
    }
}

impl VexReading {
    /// The author; `nobody named` where the document names none.
    #[must_use]
    pub fn author_name(&self) -> &str {
        named(&self.author)
    }
}

fn named(author: &str) -> &str {
    if author.is_empty() { "nobody named" } else { author }
}
