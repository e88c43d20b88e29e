//! The decisions that follow from the statements of documents. Of the statements on a case the latest holds, in whatever order their
//! documents are read. They overrule nobody but each other.

use std::collections::BTreeMap;

use seaworthy_model::case::{Case, CaseEvent, CaseKey, CaseState, Decision, Origin, Reason, Said};
use seaworthy_model::{PackageName, ReleaseLine};

use super::document::is_newer;
use super::holding::{Weight, holding};
use super::{Document, Ours, Passed, Statement, Status, Versions, Why};

/// The outcome of a document: events, and statements without a decision.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Learned {
    /// The events: the decisions, and before them what the document says of the cases, as far as the log does not have it.
    pub events: Vec<(CaseKey, CaseEvent)>,
    /// The statements from which no decision follows.
    pub passed: Vec<Passed>,
}

/// The decisions that the statements of documents, each with the name of its file, lead to among the cases of a release line; one outcome
/// for each document. Only open cases are decided, and those that a statement has closed: what a person or a scan concluded stays.
#[must_use]
pub fn learn(documents: &[(String, Document)], cases: &BTreeMap<CaseKey, Case>, line: &ReleaseLine, ours: &Ours) -> Vec<Learned> {
    let mut out = vec![Learned::default(); documents.len()];
    let mut by_case: BTreeMap<&CaseKey, Vec<(usize, &Statement)>> = BTreeMap::new();
    for (nth, (_, document)) in documents.iter().enumerate() {
        let newer = document.newer(documents.iter().map(|(_, other)| other));
        for statement in &document.statements {
            let found = match newer {
                Some(newer) => Err(Why::Superseded { newer: newer.to_owned() }),
                None => case_of(statement, cases, line, ours),
            };
            match found {
                Ok(key) => by_case.entry(key).or_default().push((nth, statement)),
                Err(why) => out[nth].passed.push(Passed { statement: statement.clone(), why }),
            }
        }
        // A newer version of a document may no longer say what an earlier one did.
        let is_later_version = |said: &Said| said.document == document.id && is_newer(&document.revision, &said.revision);
        for (key, _) in cases.iter().filter(|(key, case)| key.line == *line && newer.is_none() && case.said.iter().any(is_later_version)) {
            by_case.entry(key).or_default();
        }
    }
    for (key, statements) in by_case {
        if let Some(case) = cases.get(key) {
            Hearing { documents, case, noted: None, out: &mut out }.hear(&statements);
        }
    }
    out
}

/// The case that a statement counts for.
fn case_of<'c>(statement: &Statement, cases: &'c BTreeMap<CaseKey, Case>, line: &ReleaseLine, ours: &Ours) -> Result<&'c CaseKey, Why> {
    // A name that no package can have is of no case.
    let package = statement.package.parse::<PackageName>().map_err(|_| Why::NoCase)?;
    let key = CaseKey { line: line.clone(), package, cve: statement.cve, part: String::new() };
    let (key, case) = cases.get_key_value(&key).ok_or(Why::NoCase)?;
    let version = case.facts.version.as_ref();
    statement.is_about(ours, version)?;
    statement.is_of_version(version)?;
    statement.has_grounds(case.facts.product.as_deref())?;
    Ok(key)
}

/// What documents say of one case.
struct Hearing<'a> {
    documents: &'a [(String, Document)],
    case: &'a Case,
    /// The document of which something was noted last.
    noted: Option<usize>,
    out: &'a mut Vec<Learned>,
}

/// The words of a document, and the statement that they are from where the document is one of those that are read now.
struct Heard<'a> {
    said: Said,
    from: Option<(usize, &'a Statement)>,
}

impl<'a> Hearing<'a> {
    fn hear(&mut self, statements: &[(usize, &'a Statement)]) {
        let mut by_document: BTreeMap<&str, Vec<(usize, &Statement)>> = BTreeMap::new();
        for (nth, statement) in statements {
            by_document.entry(self.documents[*nth].1.id.as_str()).or_default().push((*nth, *statement));
        }
        // Both kinds of words are sorted by their documents, so that of equal ones the same holds, whoever was read first.
        let mut heard: BTreeMap<String, Heard<'_>> = BTreeMap::new();
        let version = &self.case.facts.version;
        for known in self.case.said.iter().filter(|said| said.version == *version) {
            heard.insert(known.document.clone(), Heard { said: known.clone(), from: None });
        }
        for (id, statements) in by_document {
            if let Some(words) = self.words(heard.get(id).map(|known| &known.said), &statements) {
                heard.insert(id.to_owned(), words);
            }
        }
        self.retract(&mut heard);
        let heard: Vec<Heard<'_>> = heard.into_values().filter(|words| words.said.status.is_some()).collect();
        for Heard { said, from } in &heard {
            if let Some((nth, _)) = from {
                self.note(*nth, said);
            }
        }
        self.conclude(&heard);
    }

    /// The words of a document on the case, of all its statements; `None` where those that are known already stay in force.
    fn words(&mut self, known: Option<&Said>, statements: &[(usize, &'a Statement)]) -> Option<Heard<'a>> {
        let weigh = |(nth, statement): &(usize, &Statement)| Weight {
            time: statement.time,
            is_general: statement.versions == Versions::All,
            status: statement.status,
            file: self.documents[*nth].0.clone(),
        };
        let weights: Vec<Weight> = statements.iter().map(weigh).collect();
        let best = holding(&weights)?;
        let (nth, statement) = *statements.get(best)?;
        for (other, (at, lost)) in statements.iter().enumerate().filter(|(other, _)| *other != best) {
            self.pass(*at, lost, weights[other].loses_to(&weights[best]));
        }
        let (file, document) = &self.documents[nth];
        let said = Said {
            document: document.id.clone(),
            revision: document.revision.clone(),
            file: file.clone(),
            at: statement.time,
            status: Some(statement.status),
            justification: statement.justification,
            statement: statement.words.clone(),
            version: self.case.facts.version.clone(),
        };
        if let Some(known) = known {
            if is_newer(&known.revision, &said.revision) {
                self.pass(nth, statement, Why::Superseded { newer: known.revision.clone() });
                return None;
            }
            // A document that was changed without a new version.
            let is_as_new = !is_newer(&said.revision, &known.revision);
            if let (true, Some(before)) = (is_as_new, weight(known)) {
                let now = Weight { is_general: false, ..weights[best].clone() };
                if before.status != now.status && holding(&[before.clone(), now.clone()]) == Some(0) {
                    self.pass(nth, statement, now.loses_to(&before));
                    return None;
                }
            }
        }
        Some(Heard { said, from: Some((nth, statement)) })
    }

    /// Takes back what earlier versions of documents said that say nothing of the case now.
    fn retract(&mut self, heard: &mut BTreeMap<String, Heard<'_>>) {
        for (nth, (file, document)) in self.documents.iter().enumerate() {
            let Some(Heard { said, from: None }) = heard.get_mut(&document.id) else { continue };
            if is_newer(&document.revision, &said.revision) && document.newer(self.documents.iter().map(|(_, other)| other)).is_none() {
                *said = Said {
                    document: document.id.clone(),
                    revision: document.revision.clone(),
                    file: file.clone(),
                    at: None,
                    status: None,
                    justification: None,
                    statement: String::new(),
                    version: said.version.clone(),
                };
                let said = said.clone();
                self.note(nth, &said);
            }
        }
    }

    /// Decides the case by the words that hold, where a document that is read now changes anything. They may be those of one that was read
    /// before: a newer version of another took back what stood against them.
    fn conclude(&mut self, heard: &[Heard<'a>]) {
        let weights: Vec<Weight> = heard.iter().filter_map(|words| weight(&words.said)).collect();
        let best = holding(&weights);
        for (at, words) in heard.iter().enumerate().filter(|(at, _)| Some(*at) != best) {
            if let (Some((nth, statement)), Some(best)) = (words.from, best) {
                self.pass(nth, statement, weights[at].loses_to(&weights[best]));
            }
        }
        let Some((words, status)) = best.and_then(|best| Some((heard.get(best)?, weights.get(best)?.status))) else {
            if let Some(nth) = self.noted.filter(|_| self.is_closed_by_document()) {
                let file = self.documents[nth].0.clone();
                self.decide(nth, self.reopened(), None, file);
            }
            return;
        };
        match (self.state_after(status), words.from.map(|(nth, _)| nth).or(self.noted)) {
            (Ok(state), Some(nth)) => self.decide(nth, state, Some(&words.said), words.said.file.clone()),
            (Err(why), Some(nth)) => {
                if let Some((_, statement)) = words.from {
                    self.pass(nth, statement, why);
                }
            }
            (_, None) => {}
        }
    }

    /// The state of the case after a statement with this status.
    fn state_after(&self, status: Status) -> Result<CaseState, Why> {
        let (state, is_open) = (self.case.state, self.case.state.is_open());
        if !is_open && !self.is_closed_by_document() {
            return Err(Why::Closed(state));
        }
        let is_decided = self.case.decision.as_ref().is_some_and(|d| matches!(d.origin, Origin::Person | Origin::SpecTree(_)));
        match status {
            Status::NotAffected if !is_open => Err(Why::Closed(state)),
            Status::Affected if state == CaseState::Affected => Err(Why::Affected),
            Status::NotAffected | Status::Affected if is_open && is_decided => Err(Why::DecidedHere(state)),
            Status::NotAffected => Ok(CaseState::NotAffected),
            Status::Affected => Ok(CaseState::Affected),
            Status::UnderInvestigation if is_open => Err(Why::Undecided),
            Status::Fixed if is_open => Err(Why::Fix),
            Status::UnderInvestigation | Status::Fixed => Ok(self.reopened()),
        }
    }

    fn is_closed_by_document(&self) -> bool {
        let origin = self.case.decision.as_ref().map(|decision| &decision.origin);
        self.case.state == CaseState::NotAffected && matches!(origin, Some(Origin::Document(_)))
    }

    /// The state of the case once the statement that closed it no longer holds: that of the last scan.
    fn reopened(&self) -> CaseState {
        CaseState::of_finding(self.case.facts.status)
    }

    fn decide(&mut self, nth: usize, state: CaseState, said: Option<&Said>, file: String) {
        let decision = Decision {
            state,
            justification: said.and_then(|said| said.justification).filter(|_| state == CaseState::NotAffected),
            reason: Reason::Statement,
            statement: said.map(|said| said.statement.clone()).unwrap_or_default(),
            until: None,
            origin: Origin::Document(file),
        };
        self.out[nth].events.push((self.case.key.clone(), CaseEvent::Decided(decision)));
    }

    /// Notes what a document says, where the log does not have it.
    fn note(&mut self, nth: usize, said: &Said) {
        if !self.case.said.contains(said) {
            self.noted = Some(nth);
            self.out[nth].events.push((self.case.key.clone(), CaseEvent::Stated(said.clone())));
        }
    }

    fn pass(&mut self, nth: usize, statement: &Statement, why: Why) {
        self.out[nth].passed.push(Passed { statement: statement.clone(), why });
    }
}

/// The weight of the words of a document among those of others; `None` where it says nothing any more.
fn weight(said: &Said) -> Option<Weight> {
    Some(Weight { time: said.at, is_general: false, status: said.status?, file: said.file.clone() })
}
