//! VEX: what our cases say of vulnerabilities in packages, in documents that programs exchange.
//!
//! Two formats: OpenVEX 0.2.0 (<https://github.com/openvex/spec>) and the VEX profile of CSAF 2.0
//! (<https://docs.oasis-open.org/csaf/csaf/v2.0/>, profile 5). Cases become documents by [`openvex`] and [`csaf`], pure functions; what
//! documents of others say is read by `triage::statements`.

mod csaf;
mod openvex;
mod product;

use jiff::Timestamp;
use seaworthy_model::case::{Case, CaseState};

pub use csaf::csaf;
pub use openvex::openvex;
pub use seaworthy_model::VexStatus as Status;

/// Who publishes a document, and when.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct About {
    /// The document's identifier: an IRI for OpenVEX, the tracking id for CSAF.
    pub id: String,
    /// Who says so, as a name.
    pub author: String,
    /// An address that stands for the author.
    pub namespace: String,
    /// The namespace of the packages' purls: the distribution's short name, such as `azl`.
    pub vendor: String,
    /// When it is made.
    pub at: Timestamp,
}

/// The version that the state holds for: that of the fix, or the one that was looked at.
fn version_of(case: &Case) -> String {
    let fixed = case.fixed.as_ref().filter(|_| Status::of(case) == Some(Status::Fixed));
    let version = fixed.map_or(&case.facts.version, |fixed| &fixed.version);
    version.as_ref().map(ToString::to_string).unwrap_or_default()
}

/// What is done about an affected product, in words.
fn action(case: &Case) -> String {
    let words = case.decision.as_ref().map(|d| d.statement.trim()).filter(|s| !s.is_empty());
    let plan = match case.state {
        CaseState::WillNotFix => "It will not be fixed.".to_owned(),
        CaseState::Deferred => match case.expires() {
            Some(until) => format!("The fix is put off until {until}."),
            None => "The fix is put off.".to_owned(),
        },
        CaseState::Fixed => match case.fixed.as_ref().and_then(|fixed| fixed.version.as_ref()) {
            Some(version) => format!("A fix is ready in {version}, and not delivered yet."),
            None => "A fix is ready, and not delivered yet.".to_owned(),
        },
        _ => "A fix is being prepared.".to_owned(),
    };
    words.map_or(plan.clone(), |words| format!("{plan} {words}"))
}

/// Why a product is not affected, in words; never empty.
fn impact(case: &Case) -> String {
    let decision = case.decision.as_ref();
    let words = decision.map(|d| d.statement.trim().to_owned()).filter(|s| !s.is_empty());
    words.unwrap_or_else(|| "The distribution has recorded that it is not affected, without a statement.".into())
}

#[cfg(test)]
mod tests;
