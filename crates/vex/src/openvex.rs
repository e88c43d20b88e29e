//! OpenVEX 0.2.0, written.

use seaworthy_model::case::Case;
use serde_json::{Value, json};

use crate::product::purl;
use crate::{About, Status, action, impact};

/// The JSON-LD context of version 0.2.0.
pub(crate) const CONTEXT: &str = "https://openvex.dev/ns/v0.2.0";

/// A document of what the cases say, a statement a case, in their order. Give it only cases that its readers may see.
#[must_use]
pub fn openvex<'c>(cases: impl IntoIterator<Item = &'c Case>, about: &About) -> Value {
    let statements: Vec<Value> = cases.into_iter().filter_map(|case| statement(case, about)).collect();
    json!({
        "@context": CONTEXT,
        "@id": about.id,
        "author": about.author,
        "timestamp": about.at.to_string(),
        "version": 1,
        "tooling": concat!("seaworthy ", env!("CARGO_PKG_VERSION")),
        "statements": statements,
    })
}

fn statement(case: &Case, about: &About) -> Option<Value> {
    let status = Status::of(case)?;
    let mut statement = json!({
        "vulnerability": { "name": case.key.cve.to_string() },
        "timestamp": case.changed.to_string(),
        "products": [{ "@id": purl(case, about) }],
        "status": status.as_str(),
    });
    let mut add = |name: &str, text: String| statement[name] = Value::String(text);
    match status {
        Status::NotAffected => {
            if let Some(justification) = case.decision.as_ref().and_then(|d| d.justification) {
                add("justification", justification.to_string());
            }
            add("impact_statement", impact(case));
        }
        Status::Affected => add("action_statement", action(case)),
        Status::Fixed | Status::UnderInvestigation => {}
    }
    Some(statement)
}
