//! The decisions that follow from the statements of documents. Of the statements on a case the latest holds, in whatever order their
//! documents are read. They overrule nobody but each other.

use std::collections::{BTreeMap, BTreeSet};

use seaworthy_model::case::{Case, CaseEvent, CaseKey, CaseState, Decision, Origin, Reason, Said};
use seaworthy_model::text::masked;
use seaworthy_model::{PackageName, ReleaseLine, UpstreamVersion};

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
    let mut by_case: BTreeMap<&CaseKey, Meant<'_>> = BTreeMap::new();
    for (nth, (_, document)) in documents.iter().enumerate() {
        for statement in &document.statements {
            match case_of(statement, cases, line, ours) {
                Ok(key) => by_case.entry(key).or_default().statements.push((nth, statement)),
                Err((why, key)) => {
                    if let Some(key) = key {
                        by_case.entry(key).or_default().refused.insert(nth);
                    }
                    out[nth].passed.push(Passed { statement: statement.clone(), why });
                }
            }
        }
        // A newer version of a document may no longer say what an earlier one did.
        let is_later_version = |said: &Said| said.document == document.id && is_newer(&document.revision, &said.revision);
        for (key, _) in cases.iter().filter(|(key, case)| key.line == *line && case.said.iter().any(is_later_version)) {
            by_case.entry(key).or_default();
        }
    }
    let order = in_versions(documents);
    for (key, meant) in by_case {
        if let Some(case) = cases.get(key) {
            Hearing { documents, case, noted: None, out: &mut out }.hear(&meant, &order);
        }
    }
    out
}

/// The places of documents, the versions of one document in their order: then it does not matter whether they are read at once.
fn in_versions(documents: &[(String, Document)]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..documents.len()).collect();
    order.sort_by(|one, other| {
        let ((name, document), (other_name, other)) = (&documents[*one], &documents[*other]);
        let of_versions = || UpstreamVersion::new(&document.revision).cmp(&UpstreamVersion::new(&other.revision));
        document.id.cmp(&other.id).then_with(of_versions).then_with(|| name.cmp(other_name))
    });
    order
}

/// The case that a statement counts for, else the reason why it counts for none, and the case that it would be about where it had grounds.
fn case_of<'c>(
    statement: &Statement,
    cases: &'c BTreeMap<CaseKey, Case>,
    line: &ReleaseLine,
    ours: &Ours,
) -> Result<&'c CaseKey, (Why, Option<&'c CaseKey>)> {
    let of_none = |why: Why| -> (Why, Option<&'c CaseKey>) { (why, None) };
    // A name that no package can have is of no case.
    let package = statement.package.parse::<PackageName>().map_err(|_| of_none(Why::NoCase))?;
    let key = CaseKey { line: line.clone(), package, cve: statement.cve, part: String::new() };
    let (key, case) = cases.get_key_value(&key).ok_or_else(|| of_none(Why::NoCase))?;
    let version = case.facts.version.as_ref();
    statement.is_about(ours, version).map_err(of_none)?;
    statement.is_of_version(version).map_err(of_none)?;
    statement.has_grounds(case.facts.product.as_deref()).map_err(|why| (why, Some(key)))?;
    Ok(key)
}

/// What the documents that are read mean of one case.
#[derive(Default)]
struct Meant<'a> {
    /// The statements that count, each with the place of its document.
    statements: Vec<(usize, &'a Statement)>,
    /// The documents with a statement on the case that has no grounds.
    refused: BTreeSet<usize>,
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
    fn hear(&mut self, meant: &Meant<'a>, order: &[usize]) {
        // Words are sorted by their documents, so that of equal ones the same holds, whoever was read first.
        let mut heard: BTreeMap<String, Heard<'a>> = BTreeMap::new();
        let version = self.case.facts.version.as_ref();
        for known in self.case.said.iter().filter(|said| Versions::of_kept(said.versions.as_deref()).have(version)) {
            heard.insert(known.document.clone(), Heard { said: known.clone(), from: None });
        }
        let mut by_document: BTreeMap<usize, Vec<&'a Statement>> = BTreeMap::new();
        for &(nth, statement) in &meant.statements {
            by_document.entry(nth).or_default().push(statement);
        }
        for nth in order {
            match by_document.get(nth) {
                Some(statements) => self.take(*nth, statements, &mut heard),
                None => self.take_back(*nth, meant.refused.contains(nth), &mut heard),
            }
        }
        let heard: Vec<Heard<'_>> = heard.into_values().filter(|words| words.said.status.is_some()).collect();
        for Heard { said, from } in &heard {
            if let Some((nth, _)) = from {
                self.note(*nth, said);
            }
        }
        self.conclude(&heard);
    }

    /// Takes the words of a document on the case, of all its statements, unless those that are known already stay in force.
    fn take(&mut self, nth: usize, statements: &[&'a Statement], heard: &mut BTreeMap<String, Heard<'a>>) {
        let (file, document) = &self.documents[nth];
        let weigh = |statement: &&Statement| Weight {
            time: statement.time,
            is_general: statement.versions == Versions::All,
            status: statement.status,
            file: file.clone(),
        };
        let weights: Vec<Weight> = statements.iter().map(weigh).collect();
        let Some((best, statement)) = holding(&weights).and_then(|best| Some((best, *statements.get(best)?))) else { return };
        for (other, lost) in statements.iter().enumerate().filter(|(other, _)| *other != best) {
            self.pass(nth, lost, weights[other].loses_to(&weights[best]));
        }
        let said = self.said(document, file, statement);
        if let Some(Heard { said: known, from }) = heard.get(&document.id) {
            if is_newer(&known.revision, &said.revision) {
                self.pass(nth, statement, Why::Superseded { newer: known.revision.clone() });
                return;
            }
            let is_newer_version = is_newer(&said.revision, &known.revision);
            let now = Weight { is_general: false, ..weights[best].clone() };
            let before = weight(known).filter(|_| !is_newer_version);
            // A document that was changed without a new version.
            if let Some(before) = &before {
                let is_other = before.status != now.status || before.time > now.time;
                if is_other && holding(&[before.clone(), now.clone()]) == Some(0) {
                    self.pass(nth, statement, now.loses_to(before));
                    return;
                }
            }
            if let Some((at, lost)) = *from {
                let superseded = || Why::Superseded { newer: said.revision.clone() };
                self.pass(at, lost, before.map_or_else(superseded, |before| before.loses_to(&now)));
            }
        }
        heard.insert(document.id.clone(), Heard { said, from: Some((nth, statement)) });
    }

    /// The words of a statement, as the case keeps them.
    fn said(&self, document: &Document, file: &str, statement: &Statement) -> Said {
        let version = self.case.facts.version.as_ref();
        let versions = match (statement.status, version) {
            // What closes a case is asked again for every version.
            (Status::NotAffected, Some(version)) => Some(version.to_string()),
            _ => statement.versions.kept(),
        };
        let mut said = Said {
            document: document.id.clone(),
            revision: document.revision.clone(),
            file: masked(file).into_owned(),
            at: statement.time,
            status: Some(statement.status),
            justification: statement.justification,
            // As the log writes it: what is read again is compared with what was kept.
            statement: masked(&statement.words).into_owned(),
            versions,
            overtaken: false,
        };
        // A copy under another id, or in a newer version, says no more.
        said.overtaken = self.case.said.iter().any(|known| known.overtaken && is_same(known, &said));
        said
    }

    /// Takes back what an earlier version of a document said, of which this one says nothing. A draft, and a version that was not read
    /// whole or has no grounds for what it says, only takes back what has closed the case.
    fn take_back(&mut self, nth: usize, is_refused: bool, heard: &mut BTreeMap<String, Heard<'a>>) {
        let (file, document) = &self.documents[nth];
        let Some(Heard { said, from }) = heard.get(&document.id) else { return };
        if !is_newer(&document.revision, &said.revision) {
            return;
        }
        let is_sure = !is_refused && document.has_read(self.case.key.cve);
        if !is_sure && said.status.is_some_and(|status| status != Status::NotAffected) {
            return;
        }
        let nothing = Said {
            document: document.id.clone(),
            revision: document.revision.clone(),
            file: masked(file).into_owned(),
            at: None,
            status: None,
            justification: None,
            statement: String::new(),
            versions: said.versions.clone(),
            overtaken: false,
        };
        if let Some((at, statement)) = *from {
            self.pass(at, statement, Why::Superseded { newer: document.revision.clone() });
        }
        self.note(nth, &nothing);
        heard.insert(document.id.clone(), Heard { said: nothing, from: None });
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
        let holds = best.and_then(|best| Some((heard.get(best)?, weights.get(best)?.status)));
        let Some((words, status)) = holds.filter(|(words, _)| !words.said.overtaken) else {
            if let Some((nth, statement)) = holds.and_then(|(words, _)| words.from) {
                self.pass(nth, statement, Why::Overtaken);
            }
            // The words that decided it no longer hold.
            if let Some(nth) = self.noted.filter(|_| self.is_decided_by_document() && self.reopened() != self.case.state) {
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
            // What another statement had decided, it has decided no more.
            Status::UnderInvestigation | Status::Fixed if self.is_decided_by_document() && self.reopened() != state => Ok(self.reopened()),
            Status::Fixed => Err(Why::Fix),
            Status::UnderInvestigation => Err(Why::Undecided),
        }
    }

    fn is_closed_by_document(&self) -> bool {
        self.case.state == CaseState::NotAffected && self.is_decided_by_document()
    }

    /// Whether the state of the case is the one that a statement has decided.
    fn is_decided_by_document(&self) -> bool {
        let is_of_statement = |decision: &Decision| matches!(decision.origin, Origin::Document(_)) && decision.state == self.case.state;
        let is_decided = matches!(self.case.state, CaseState::NotAffected | CaseState::Affected);
        is_decided && self.case.decision.as_ref().is_some_and(is_of_statement)
    }

    /// The state of the case once the statement that decided it no longer holds: that of the last scan.
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

/// Whether two documents say the same of a case, word for word and of one time.
fn is_same(one: &Said, other: &Said) -> bool {
    let words = |said: &Said| (said.at, said.status, said.justification);
    words(one) == words(other) && one.statement == other.statement && one.versions == other.versions
}

/// The weight of the words of a document among those of others; `None` where it says nothing any more.
fn weight(said: &Said) -> Option<Weight> {
    Some(Weight { time: said.at, is_general: false, status: said.status?, file: said.file.clone() })
}
