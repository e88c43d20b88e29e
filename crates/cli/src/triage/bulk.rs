//! `triage bulk`: one decision for every case that a rule chooses, all or none.

use anyhow::Context;
use seaworthy_ledger::{Draft, Query};
use seaworthy_model::case::{Case, CaseEvent, Decision};
use seaworthy_triage::Rule;

use super::args::Note;
use super::{Desk, list};

/// So many are shown before they are decided.
const SHOWN: usize = 20;

/// Which cases are meant.
pub(super) struct Choice<'a> {
    pub(super) rule: &'a Rule,
    pub(super) line: Option<&'a str>,
    pub(super) embargoed: bool,
}

pub(super) fn run(desk: &mut Desk, choice: &Choice<'_>, decision: &Decision, yes: bool, note: &Note) -> anyhow::Result<u8> {
    let head = desk.ledger.head()?.seq;
    let query = Query { line: choice.line.map(str::to_owned), sight: desk.sight(choice.embargoed), ..Query::default() };
    let (now, mut chosen) = (desk.now, Vec::<Case>::new());
    desk.ledger.each_case(&query, |case| {
        if choice.rule.holds(&case, now) {
            chosen.push(case);
        }
        Ok(())
    })?;
    if chosen.is_empty() {
        say!("No case is chosen by {}", choice.rule);
        return Ok(0);
    }
    let event = CaseEvent::Decided(decision.clone());
    for case in &chosen {
        let legal = case.clone().apply(desk.now, &event);
        legal.with_context(|| format!("{} cases are chosen and none was changed: one of them refuses", chosen.len()))?;
    }
    if !yes {
        list::table(&chosen[..chosen.len().min(SHOWN)], desk.now);
        if chosen.len() > SHOWN {
            say!("and {} more", chosen.len() - SHOWN);
        }
        say!("\n{} cases would become {}. Nothing was changed: --yes does it.", chosen.len(), decision.state);
        return Ok(0);
    }
    // Which cases a rule chose belongs to the log as much as who decided.
    let note = Note { why: Some(note.why.clone().unwrap_or_else(|| format!("in bulk, where {}", choice.rule))) };
    let drafts: Vec<Draft> = chosen.iter().map(|case| desk.draft(&case.key, &note, event.clone())).collect();
    desk.ledger.append_if(head, drafts).context("somebody else changed the ledger meanwhile: run it again")?;
    say!("{} cases became {}", chosen.len(), decision.state);
    Ok(0)
}
