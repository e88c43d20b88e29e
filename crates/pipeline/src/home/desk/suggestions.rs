//! Use case: decisions that were made elsewhere are suggested, for a person to accept or refuse.

use std::sync::Arc;

use seaworthy_ledger::Query;
use seaworthy_model::ReleaseLine;
use seaworthy_model::case::{Case, CaseEvent, CaseKey, CaseState, Justification};
use seaworthy_triage::{Suggestion, suggest};
use serde::Serialize;

use super::{CaseName, Desk, DeskError, HomeError, Written};

/// A case with its suggestions.
#[derive(Clone, Debug, PartialEq)]
pub struct Suggested {
    /// The case.
    pub case: Case,
    /// The suggestions, numbered from 1.
    pub suggestions: Vec<Suggestion>,
}

/// The suggestions for all open cases.
#[derive(Clone, Debug, PartialEq)]
pub struct SuggestionOverview {
    /// The open cases that have a suggestion, in the order of the queue.
    pub suggested: Vec<Suggested>,
    /// The number of open cases.
    pub open: usize,
}

/// The suggestions for cases, as a document for programs.
#[derive(Clone, Debug, Serialize)]
pub struct SuggestionsDocument<'a> {
    open: Option<usize>,
    cases: Vec<SuggestedCase<'a>>,
}

#[derive(Clone, Debug, Serialize)]
struct SuggestedCase<'a> {
    key: &'a CaseKey,
    state: CaseState,
    suggestions: Vec<NumberedSuggestion<'a>>,
}

#[derive(Clone, Debug, Serialize)]
struct NumberedSuggestion<'a> {
    number: usize,
    #[serde(flatten)]
    suggestion: &'a Suggestion,
}

impl<'a> SuggestedCase<'a> {
    fn of(suggested: &'a Suggested) -> Self {
        let numbered = suggested.suggestions.iter().enumerate();
        let suggestions = numbered.map(|(nth, suggestion)| NumberedSuggestion { number: nth + 1, suggestion });
        Self { key: &suggested.case.key, state: suggested.case.state, suggestions: suggestions.collect() }
    }
}

impl Suggested {
    /// The suggestions as a document for programs.
    #[must_use]
    pub fn document(&self) -> SuggestionsDocument<'_> {
        SuggestionsDocument { open: None, cases: vec![SuggestedCase::of(self)] }
    }
}

impl SuggestionOverview {
    /// The suggestions as a document for programs.
    #[must_use]
    pub fn document(&self) -> SuggestionsDocument<'_> {
        SuggestionsDocument { open: Some(self.open), cases: self.suggested.iter().map(SuggestedCase::of).collect() }
    }
}

impl Desk<'_> {
    /// The cases whose decisions may hold for others, without those under embargo unless they are asked for.
    pub(super) fn precedents(&self, embargoed: bool) -> Result<Arc<Vec<Case>>, HomeError> {
        self.precedents.of(&self.ledger, embargoed, self.home.sight(embargoed))
    }

    /// The suggestions for every open case.
    ///
    /// # Errors
    /// When the ledger cannot be read.
    pub fn suggestion_overview(&self, line: Option<&ReleaseLine>, embargoed: bool) -> Result<SuggestionOverview, HomeError> {
        let precedents = self.precedents(embargoed)?;
        let query = Query { open: Some(true), line: line.cloned(), sight: self.home.sight(embargoed), ..Query::default() };
        let open = self.ledger.queue(&query)?;
        let count = open.len();
        let suggested = open.into_iter().map(|case| Suggested { suggestions: suggest(&case, precedents.iter()), case });
        Ok(SuggestionOverview { suggested: suggested.filter(|s| !s.suggestions.is_empty()).collect(), open: count })
    }

    /// The suggestions for a case.
    ///
    /// # Errors
    /// When there is no such case.
    pub fn suggestions(&self, name: &CaseName) -> Result<Suggested, HomeError> {
        let case = self.case(name)?;
        let suggestions = suggest(&case, self.precedents(name.embargoed)?.iter());
        Ok(Suggested { case, suggestions })
    }

    /// Makes the decision of a suggestion. `justification` is for one that has none, such as a decision beside a spec, whose reason is in
    /// words only.
    ///
    /// # Errors
    /// When there is no such case or suggestion, or the case does not allow the decision.
    pub fn accept(
        &self,
        name: &CaseName,
        number: usize,
        justification: Option<Justification>,
        why: Option<&str>,
    ) -> Result<Written, HomeError> {
        let Suggestion { mut decision, because, .. } = self.suggestion(name, number)?;
        decision.justification = decision.justification.or(justification);
        let why = why.map_or_else(|| format!("suggested since {because}"), str::to_owned);
        self.write(name, CaseEvent::Decided(decision), Some(&why))
    }

    /// Refuses a suggestion: it is not made again for the case.
    ///
    /// # Errors
    /// When there is no such case or suggestion.
    pub fn refuse(&self, name: &CaseName, number: usize, why: Option<&str>) -> Result<Written, HomeError> {
        let suggestion = self.suggestion(name, number)?.name;
        self.write(name, CaseEvent::Refused { suggestion }, why)
    }

    fn suggestion(&self, name: &CaseName, number: usize) -> Result<Suggestion, HomeError> {
        let Suggested { case, suggestions } = self.suggestions(name)?;
        let found = number.checked_sub(1).and_then(|at| suggestions.get(at)).cloned();
        Ok(found.ok_or_else(|| DeskError::NoSuggestion { number, key: case.key.into(), count: suggestions.len() })?)
    }
}
