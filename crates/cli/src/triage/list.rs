//! `triage list`: the queue.

use anyhow::anyhow;
use jiff::Timestamp;
use seaworthy_ledger::{Cursor, Query};
use seaworthy_model::Severity;
use seaworthy_model::case::{Case, CaseState, priority};
use serde_json::json;

use super::Desk;
use super::args::ListArgs;
use crate::args::Arguments;

pub(super) fn run(arguments: &Arguments, desk: &mut Desk, args: &ListArgs) -> anyhow::Result<u8> {
    let after = args.after.as_deref().map(serde_json::from_str::<Cursor>).transpose();
    let after = after.map_err(|_| anyhow!("--after takes a place as the page before it named it"))?;
    let open = (args.state.is_empty() && !args.asks_for_reason).then_some(true);
    let assignee = args.assignee.as_ref().map(|name| Some(name.clone()).filter(|n| n != "nobody"));
    let mut query = Query {
        states: args.state.clone(),
        open,
        package: args.package.clone(),
        cve: args.cve,
        line: args.line.clone(),
        severity: args.severity,
        assignee,
        sight: desk.sight(args.embargoed),
        limit: Some(args.limit),
        after,
    };
    if args.asks_for_reason && query.states.is_empty() {
        query.states = vec![CaseState::NotAffected, CaseState::WillNotFix];
    }
    let (cases, next) = if args.asks_for_reason { (asking(desk, &query, args.limit)?, None) } else { page(desk, &query)? };
    let next = next.map(|cursor| serde_json::to_string(&cursor)).transpose()?;
    if args.json {
        let rows: Vec<_> = cases.iter().map(|c| json!({ "case": c, "priority": priority(c).score })).collect();
        say!("{}", serde_json::to_string_pretty(&json!({ "cases": rows, "next": next }))?);
        return Ok(0);
    }
    if cases.is_empty() {
        say!("No case: {}", if open.is_some() { "the queue is empty, or `seaworthy cycle` has not run yet" } else { "none is like that" });
        return Ok(0);
    }
    table(&cases, desk.now);
    if let Some(next) = next
        && !arguments.quiet
    {
        say!("\nThe next page: --after '{next}'");
    }
    Ok(0)
}

fn page(desk: &mut Desk, query: &Query) -> anyhow::Result<(Vec<Case>, Option<Cursor>)> {
    let page = desk.ledger.cases(query)?;
    Ok((page.cases, page.next))
}

/// Decisions without words; there are few, so every closed case is looked at.
fn asking(desk: &mut Desk, query: &Query, limit: u64) -> anyhow::Result<Vec<Case>> {
    let mut out = Vec::new();
    desk.ledger.each_case(query, |case| {
        if case.decision.as_ref().is_some_and(seaworthy_model::case::Decision::asks_for_reason) && (out.len() as u64) < limit {
            out.push(case);
        }
        Ok(())
    })?;
    Ok(out)
}

/// Rows of the queue, as wide as their widest.
pub(super) fn table(cases: &[Case], now: Timestamp) {
    let mut rows = vec![["", "severity", "state", "CVE", "package", "version", "since", "who"].map(str::to_owned)];
    rows.extend(cases.iter().map(|case| row(case, now)));
    let widths: Vec<usize> = (0..8).map(|i| rows.iter().map(|r| r[i].chars().count()).max().unwrap_or(0)).collect();
    for row in rows {
        let mut line = String::new();
        for (i, (cell, width)) in row.iter().zip(&widths).enumerate() {
            // The first column is a number.
            let cell = if i == 0 { format!("{cell:>width$}") } else { format!("{cell:<width$}") };
            line.push_str(&cell);
            line.push_str("  ");
        }
        say!("{}", line.trim_end());
    }
}

fn row(case: &Case, now: Timestamp) -> [String; 8] {
    let exploited = if case.facts.exploited_since.is_some() { " KEV" } else { "" };
    let severity = case.severity().map_or("unrated", Severity::as_str);
    let part = if case.key.part.is_empty() { String::new() } else { format!("/{}", case.key.part) };
    let hidden = if case.is_disclosed(now) { "" } else { "  [embargo]" };
    let days = (now.as_second() - case.opened.as_second()).div_euclid(86_400);
    [
        priority(case).score.to_string(),
        format!("{severity}{exploited}"),
        format!("{}{hidden}", case.state),
        case.key.cve.to_string(),
        format!("{}{part}", case.key.package),
        case.facts.version.clone(),
        format!("{days} d"),
        case.assignee.clone().unwrap_or_default(),
    ]
}
