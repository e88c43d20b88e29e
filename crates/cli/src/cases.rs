//! What the commands on cases share: the ledger of a home, its policy, who acts.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Context, anyhow};
use jiff::Timestamp;
use seaworthy_ledger::{Draft, Event, Ledger, Query, Sight};
use seaworthy_model::case::{Case, CaseEvent, CaseKey};
use seaworthy_triage::Policy;

use crate::config::{Config, FILE};

/// The policy of a home; the standard one where its settings hold none.
pub(crate) fn policy(home: &Path) -> anyhow::Result<Policy> {
    let path = home.join(FILE);
    let text = match std::fs::read_to_string(&path) {
        Ok(text) => text,
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => String::new(),
        Err(e) => return Err(e).with_context(|| format!("cannot read {}", path.display())),
    };
    Policy::parse(&text).map_err(|e| anyhow!("{}:{}: {}", path.display(), e.line, e.message))
}

/// The release line to work on: what was asked for, what the settings say, or `default`.
pub(crate) fn line<'a>(asked: Option<&'a str>, config: &'a Config) -> &'a str {
    asked.or_else(|| config.line()).unwrap_or("default")
}

/// Every case of a release line, or of all; what is under embargo is part of it only with the right to it.
pub(crate) fn load(ledger: &mut Ledger, line: Option<&str>, sight: Sight) -> anyhow::Result<BTreeMap<CaseKey, Case>> {
    let mut cases = BTreeMap::new();
    let query = Query { line: line.map(str::to_owned), sight, ..Query::default() };
    ledger.each_case(&query, |case| {
        cases.insert(case.key.clone(), case);
        Ok(())
    })?;
    Ok(cases)
}

/// Events of cases as the ledger wants them.
pub(crate) fn entries(events: impl IntoIterator<Item = (CaseKey, CaseEvent)>, at: Timestamp, actor: &str) -> Vec<Draft> {
    events.into_iter().map(|(key, event)| Draft::new(at, actor, Event::Case { key, event })).collect()
}
