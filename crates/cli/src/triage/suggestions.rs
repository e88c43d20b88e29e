//! `triage suggest`: what was decided elsewhere, for a person to accept or refuse.

use anyhow::anyhow;
use seaworthy_ledger::Query;
use seaworthy_model::case::{Case, CaseEvent, Justification};
use seaworthy_triage::{Suggestion, suggest};

use super::Desk;
use super::args::{Note, Which};

/// So many cases are told of at once.
const CASES: usize = 10;

impl Desk {
    /// Every case that somebody decided, as far as they may be seen.
    pub(super) fn precedents(&mut self, embargoed: bool) -> anyhow::Result<Vec<Case>> {
        let mut out = Vec::new();
        let query = Query { open: Some(false), sight: self.sight(embargoed), ..Query::default() };
        self.ledger.each_case(&query, |case| {
            if case.decision.is_some() {
                out.push(case);
            }
            Ok(())
        })?;
        Ok(out)
    }
}

/// What a person does with the suggestions of a case.
pub(super) enum Answer {
    Show,
    /// The number, and a justification where the suggestion has none.
    Accept(usize, Option<Justification>),
    Refuse(usize),
}

/// The suggestions for every open case.
pub(super) fn overview(desk: &mut Desk, line: Option<&str>, embargoed: bool) -> anyhow::Result<u8> {
    let precedents = desk.precedents(embargoed)?;
    let query = Query { open: Some(true), line: line.map(str::to_owned), sight: desk.sight(embargoed), ..Query::default() };
    let mut open = Vec::new();
    desk.ledger.each_case(&query, |case| {
        open.push(case);
        Ok(())
    })?;
    let with: Vec<(&Case, Vec<Suggestion>)> =
        open.iter().map(|case| (case, suggest(case, &precedents))).filter(|(_, found)| !found.is_empty()).collect();
    for (case, found) in with.iter().take(CASES) {
        say!("{}", case.key);
        tell(found);
    }
    let more = if with.len() > CASES { format!("; the first {CASES} are shown") } else { String::new() };
    say!("{} of {} open cases have a suggestion{more}", with.len(), open.len());
    if !with.is_empty() {
        say!("`seaworthy triage suggest CVE PACKAGE --accept NUMBER` takes one, --refuse NUMBER never shows it again");
    }
    Ok(0)
}

/// The suggestions for one case, and what is done with one of them.
pub(super) fn of_case(desk: &mut Desk, which: &Which, answer: &Answer, note: &Note) -> anyhow::Result<u8> {
    let case = desk.case(which)?;
    let found = suggest(&case, &desk.precedents(which.embargoed)?);
    let nth = |number: usize| {
        let suggestion = number.checked_sub(1).and_then(|at| found.get(at)).cloned();
        suggestion.ok_or_else(|| anyhow!("there is no suggestion {number}: {} has {}", case.key, found.len()))
    };
    match answer {
        Answer::Show if found.is_empty() => say!("Nothing that was decided elsewhere fits {}", case.key),
        Answer::Show => tell(&found),
        Answer::Refuse(number) => {
            let suggestion = nth(*number)?.name;
            return desk.write(case, note, vec![CaseEvent::Refused { suggestion }]);
        }
        Answer::Accept(number, justification) => {
            let Suggestion { mut decision, because, .. } = nth(*number)?;
            // Decisions beside a spec say why in words only.
            decision.justification = decision.justification.or(*justification);
            let note = Note { why: Some(note.why.clone().unwrap_or_else(|| format!("suggested since {because}"))) };
            return desk.write(case, &note, vec![CaseEvent::Decided(decision)]);
        }
    }
    Ok(0)
}

fn tell(found: &[Suggestion]) {
    for (nth, suggestion) in found.iter().enumerate() {
        let justification = suggestion.decision.justification.map(|j| format!(", {j}")).unwrap_or_default();
        say!("  {}. {}{justification}: {}", nth + 1, suggestion.decision.state, suggestion.decision.statement);
        say!("     since {}", suggestion.because);
    }
}
