//! `triage show`: all there is on one case.

use jiff::Timestamp;
use seaworthy_ledger::Entry;
use seaworthy_model::Severity;
use seaworthy_model::case::{Case, priority};
use seaworthy_triage::{Outcome, Policy, Suggestion, deadlines, suggest};
use serde_json::json;

use super::Desk;
use super::args::Which;
use crate::args::Arguments;
use crate::cases;

pub(super) fn run(arguments: &Arguments, desk: &mut Desk, which: &Which, as_json: bool) -> anyhow::Result<u8> {
    let policy = cases::policy(&arguments.home)?;
    let case = desk.case(which)?;
    let history = desk.ledger.history(&case.key)?;
    let precedents = desk.precedents(which.embargoed)?;
    if as_json {
        let priority = priority(&case);
        let value = json!({
            "case": case,
            "priority": { "score": priority.score, "reasons": priority.reasons },
            "deadlines": deadlines(&case, &policy, desk.now),
            "history": history,
        });
        say!("{}", serde_json::to_string_pretty(&value)?);
        return Ok(0);
    }
    say!("{}", title(&case));
    for (heading, lines) in sections(&case, &history, &suggest(&case, &precedents), &policy, desk.now) {
        if !lines.is_empty() {
            say!("\n{heading}");
            for line in lines {
                say!("  {line}");
            }
        }
    }
    Ok(0)
}

/// A case in a line.
pub(super) fn title(case: &Case) -> String {
    let severity = case.severity().map_or("unrated", Severity::as_str);
    format!("{}  {}, {severity}, version {}", case.key, case.state, case.facts.version)
}

/// What is told of a case, by heading.
pub(super) fn sections(
    case: &Case,
    history: &[Entry],
    suggestions: &[Suggestion],
    policy: &Policy,
    now: Timestamp,
) -> Vec<(&'static str, Vec<String>)> {
    let priority = priority(case);
    let mut about = vec![format!("priority {}: {}", priority.score, priority.reasons.join(", "))];
    let mut add = |name: &str, value: Option<String>| about.extend(value.map(|v| format!("{name} {v}")));
    add("rated by", case.facts.rated_by.clone());
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
    let due = deadlines(case, policy, now)
        .into_iter()
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
            let text = entry.event.to_string();
            let text = text.split_once("): ").map_or(text.as_str(), |(_, what)| what);
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
