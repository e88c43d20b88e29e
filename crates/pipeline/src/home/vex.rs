//! Use cases: what the cases say as documents for others, and what documents of others say of the cases.

use std::path::PathBuf;

use seaworthy_ledger::{Draft, Event};
use seaworthy_model::Digest;
use seaworthy_model::case::{CaseEvent, CaseKey, Decision};
use seaworthy_triage::statements::{Document, Passed, Problem, learn, parse};
use seaworthy_vex::{About, csaf, openvex};

use super::read_at;
use super::{Home, HomeError, VexImportError, cases};

/// A format of VEX.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum VexFormat {
    /// OpenVEX 0.2.0.
    OpenVex,
    /// CSAF 2.0, VEX profile.
    Csaf,
}

/// Which document is wanted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VexExport {
    /// Its format.
    pub format: VexFormat,
    /// Only cases of this release line.
    pub line: Option<String>,
    /// Who says so; the distribution's name where none is given.
    pub author: Option<String>,
    /// An address that stands for the author.
    pub namespace: String,
    /// The namespace of the packages' purls.
    pub vendor: String,
    /// Whether cases under embargo are among them.
    pub embargoed: bool,
}

/// Which documents are read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VexImport {
    /// The documents.
    pub files: Vec<PathBuf>,
    /// The release line; that of the settings where none is named.
    pub line: Option<String>,
    /// Whether what they say is decided. Without it they are only read.
    pub apply: bool,
    /// Whether cases under embargo are among them.
    pub embargoed: bool,
    /// The reason for the log.
    pub why: Option<String>,
}

/// What a document of others says of the cases.
#[derive(Clone, Debug, PartialEq)]
pub struct VexReading {
    /// The file.
    pub file: PathBuf,
    /// Who says so; empty where nobody is named.
    pub author: String,
    /// How many statements it makes.
    pub statements: usize,
    /// What could not be read.
    pub problems: Vec<Problem>,
    /// Statements that decide nothing, with the reason.
    pub passed: Vec<Passed>,
    /// What it decides.
    pub decisions: Vec<(CaseKey, Decision)>,
}

impl Home {
    /// What the cases say, as a document.
    ///
    /// # Errors
    /// When the ledger cannot be read.
    pub fn export_vex(&self, request: &VexExport) -> Result<serde_json::Value, HomeError> {
        let cases = cases(&mut self.ledger_to_read()?, request.line.as_deref(), self.sight(request.embargoed))?;
        let author = request.author.as_deref().or_else(|| self.settings.distribution_name()).unwrap_or("an unnamed distribution");
        // Documents of the same cases have the same name and time, whenever they are written.
        let at = cases.values().map(|c| c.changed).max().unwrap_or_else(|| self.now());
        let state: Vec<String> = cases.values().map(|c| format!("{} {} {}", c.key, c.state, c.changed)).collect();
        let name = Digest::of(state.join("\n").as_bytes()).short();
        let id = match request.format {
            VexFormat::OpenVex => format!("{}/vex/{name}", request.namespace.trim_end_matches('/')),
            VexFormat::Csaf => format!("vex-{name}"),
        };
        let about = About { id, author: author.to_owned(), namespace: request.namespace.clone(), vendor: request.vendor.clone(), at };
        Ok(match request.format {
            VexFormat::OpenVex => openvex(cases.values(), &about),
            VexFormat::Csaf => csaf(cases.values(), &about),
        })
    }

    /// What documents of others say of open cases; with `apply` it is decided, in one step.
    ///
    /// # Errors
    /// When a file is no VEX document, or a case changed meanwhile.
    pub fn import_vex(&self, request: &VexImport) -> Result<Vec<VexReading>, HomeError> {
        let line = self.line(request.line.as_deref());
        let mut ledger = self.ledger()?;
        let head = ledger.head()?.seq;
        let mut known = cases(&mut ledger, Some(line), self.sight(request.embargoed))?;
        let now = self.now();
        let mut drafts: Vec<Draft> = Vec::new();
        let mut readings = Vec::new();
        for path in &request.files {
            let bytes = std::fs::read(path).map_err(HomeError::io("read", path))?;
            let document = parse(&bytes).map_err(|source| VexImportError::Document { path: path.clone(), source })?;
            let name = path.file_name().map_or_else(|| path.display().to_string(), |n| n.to_string_lossy().into_owned());
            let learned = learn(&document.statements, &known, line, &name);
            let Document { author, statements, problems, .. } = document;
            let why = request.why.clone().unwrap_or_else(|| format!("stated by {}", named(&author)));
            let mut decisions = Vec::new();
            for (key, event) in learned.decisions {
                // The next document finds the case as this one leaves it.
                if let Some(case) = known.get_mut(&key) {
                    case.apply(now, &event).map_err(VexImportError::Unfit)?;
                }
                if let CaseEvent::Decided(decision) = &event {
                    decisions.push((key.clone(), decision.clone()));
                }
                drafts.push(Draft { why: Some(why.clone()), ..self.draft(Event::case(key, event)) });
            }
            readings.push(VexReading {
                file: path.clone(),
                author,
                statements: statements.len(),
                problems,
                passed: learned.passed,
                decisions,
            });
        }
        if request.apply && !drafts.is_empty() {
            ledger.append_if(read_at(head, &drafts), drafts)?;
        }
        Ok(readings)
    }
}

impl VexReading {
    /// The author in words.
    #[must_use]
    pub fn author_name(&self) -> &str {
        named(&self.author)
    }
}

fn named(author: &str) -> &str {
    if author.is_empty() { "nobody named" } else { author }
}
