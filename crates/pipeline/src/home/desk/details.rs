//! A case in words, for people.

use seaworthy_ledger::Event;
use seaworthy_model::case::priority;
use seaworthy_triage::Outcome;

use super::CaseFile;

impl CaseFile {
    /// The content of a case in words, by heading.
    #[must_use]
    pub fn sections(&self) -> Vec<(&'static str, Vec<String>)> {
        let CaseFile { case, history, deadlines, suggestions } = self;
        let priority = priority(case);
        let mut about = vec![format!("priority {}: {}", priority.score, priority.reasons.join(", "))];
        let mut add = |name: &str, value: Option<String>| about.extend(value.map(|v| format!("{name} {v}")));
        add("rated by", case.facts.rated_by.as_ref().map(ToString::to_string));
        add("product", case.facts.product.clone());
        add("upstream fix in", case.facts.fixed_in.clone());
        add("record published", Some(case.facts.record_published.to_string()));
        add("reach:", Some(case.facts.reach.as_str().to_owned()));
        add("assigned to", case.assignee.clone());
        let embargo = case.embargo.as_ref().map(|e| format!("{}, {} {}", e.until, e.contact, e.tracking).trim_end().to_owned());
        add("under embargo until", embargo);
        if let Some(decision) = &case.decision {
            let justification = decision.justification.map(|j| format!(", {j}")).unwrap_or_default();
            let until = decision.until.map(|u| format!(", until {u}")).unwrap_or_default();
            add("decided:", Some(format!("{}, {}{justification}{until}", decision.state, decision.reason)));
            let words = if decision.asks_for_reason() { "none was given: `triage decide` gives one" } else { &decision.statement };
            add("statement:", Some(words.to_owned()));
        }
        let evidence = case.facts.evidence.iter().map(|e| e.detail.clone()).collect();
        let due = deadlines
            .iter()
            .map(|d| {
                let done = d.done.map(|t| format!(", done {t}")).unwrap_or_default();
                let expected = d.expected.filter(|_| d.outcome == Outcome::Forecast).map(|t| format!(", possible {t}")).unwrap_or_default();
                format!("{:<10} {:<9} due {}{done}{expected}", d.stage.as_str(), d.outcome.as_str(), d.due)
            })
            .collect();
        let happened = history
            .iter()
            .map(|entry| {
                // The case's name stands above already.
                let text = match &entry.event {
                    Event::Case(step) => step.event.to_string(),
                    other => other.to_string(),
                };
                let why = entry.why.as_ref().map(|w| format!(" ({w})")).unwrap_or_default();
                format!("{} {} {text}{why}", entry.at, entry.actor)
            })
            .collect();
        let suggested = suggestions
            .iter()
            .enumerate()
            .map(|(nth, s)| format!("{}. {}: {} (since {})", nth + 1, s.decision.state, s.decision.statement, s.because))
            .collect();
        vec![("What is known", about), ("Evidence", evidence), ("Deadlines", due), ("Suggestions", suggested), ("History", happened)]
    }
}
