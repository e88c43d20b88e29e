//! The reasons for which a statement decides nothing here.

use jiff::Timestamp;
use seaworthy_model::case::CaseState;
use seaworthy_model::evr::Shown;
use seaworthy_model::{Evr, VexStatus};
use serde::ser::SerializeStruct as _;
use serde::{Serialize, Serializer};

use super::json::short;
use super::ours::Ours;
use super::{Statement, Status};

/// A statement from which no decision follows.
#[derive(Clone, Debug, PartialEq)]
pub struct Passed {
    /// The statement.
    pub statement: Statement,
    /// The reason.
    pub why: Why,
}

impl Serialize for Passed {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let statement = &self.statement;
        let mut out = to.serialize_struct("Passed", 6)?;
        out.serialize_field("at", &statement.at)?;
        out.serialize_field("cve", &statement.cve)?;
        out.serialize_field("package", &statement.package)?;
        out.serialize_field("version", &statement.versions.text())?;
        out.serialize_field("status", &statement.status)?;
        out.serialize_field("why", &self.why.to_string())?;
        out.end()
    }
}

/// The reason why no decision follows from a statement.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Why {
    /// No case has the package and the CVE of the statement.
    #[error("there is no case of it")]
    NoCase,
    /// A newer version of the same document is known.
    #[error("version {newer} of the document takes its place")]
    Superseded {
        /// The newer version.
        newer: String,
    },
    /// A later statement holds.
    #[error("a later statement holds: {}, of {at}, in {file}", .status.as_str())]
    Later {
        /// The status that the later one states.
        status: VexStatus,
        /// The time of the later one.
        at: Timestamp,
        /// The file of the later one.
        file: String,
    },
    /// Another statement says something else, and nothing says which of the two is later.
    #[error("another statement of the same or of an unknown time holds, since it is more cautious: {}, in {file}", .status.as_str())]
    Cautious {
        /// The status that the other one states.
        status: VexStatus,
        /// The file of the other one.
        file: String,
    },
    /// Another statement of the same time is about this version.
    #[error("the document says something of this version")]
    General,
    /// Another statement says the same.
    #[error("it is said elsewhere as well")]
    SaidElsewhere,
    /// The case was opened again after the same words had been read.
    #[error("the case was opened again since it was said: only what is said anew decides it")]
    Overtaken,
    /// The case is closed already; what was concluded here stays.
    #[error("the case is {0} already")]
    Closed(CaseState),
    /// The case is decided by a person or the spec tree.
    #[error("it is decided here already: {0}")]
    DecidedHere(CaseState),
    /// The statement is about packages of another distributor.
    #[error("it is said of packages of {said:?}; {}", whose(.ours))]
    OtherVendor {
        /// The namespace of the statement.
        said: String,
        /// The vendor of the packages here; empty where it is not known.
        ours: String,
    },
    /// The statement is about a part of another distribution, release line or product.
    #[error("it is said of a part of {said}; here it is {ours}")]
    OtherPlace {
        /// The place of the statement.
        said: String,
        /// The release here.
        ours: String,
    },
    /// The statement is about another version.
    #[error("it is said of version {said}; here it is {here}")]
    OtherVersion {
        /// The version of the statement; `*` for all, of a fix that names none.
        said: String,
        /// The version here.
        here: String,
    },
    /// The statement is about some builds of the package only.
    #[error("it is said of some builds only: {0}")]
    Narrowed(String),
    /// The statement is about some components inside of the package only, and the vulnerability is not known to be in one of them.
    #[error("it is said of some components only: {0}")]
    Parts(String),
    /// The statement says that the package is not affected, and not why.
    #[error("it has neither a justification nor an impact statement")]
    NoReason,
    /// The document is a draft.
    #[error("its document is not final")]
    Draft,
    /// The case is affected already.
    #[error("the case is affected already")]
    Affected,
    /// The statement itself decides nothing: its status is under investigation.
    #[error("it decides nothing")]
    Undecided,
    /// The statement says that a fix exists; a case is fixed only when a scan finds the fix.
    #[error("a fix counts when a scan sees it in the package")]
    Fix,
}

fn whose(ours: &str) -> String {
    if ours.is_empty() {
        "the vendor of these is not known: name it as vendor in [publish] of seaworthy.toml".to_owned()
    } else {
        format!("these are of {ours:?}")
    }
}

impl Why {
    /// The reason without what differs from one statement to the next, for counting.
    pub(super) fn kind(&self) -> &'static str {
        match self {
            Self::NoCase => "there is no case of it",
            Self::Superseded { .. } => "a newer version of the document takes its place",
            Self::Later { .. } => "a later statement holds",
            Self::Cautious { .. } => "a more cautious statement holds, and nothing says which of them is later",
            Self::General => "the document says something of the version that was found",
            Self::SaidElsewhere => "it is said elsewhere as well",
            Self::Overtaken => "it was opened again since it was said",
            Self::Closed(_) | Self::DecidedHere(_) => "it is decided already",
            Self::OtherVendor { .. } => "it is said of packages of another vendor",
            Self::OtherPlace { .. } => "it is said of a part of another distribution, release line or product",
            Self::OtherVersion { .. } => "it is said of another version",
            Self::Narrowed(_) => "it is said of some builds only",
            Self::Parts(_) => "it is said of some components only",
            Self::NoReason => "it has neither a justification nor an impact statement",
            Self::Draft => "its document is not final",
            Self::Affected => "it is affected already",
            Self::Undecided => "it decides nothing",
            Self::Fix => "a fix counts when a scan sees it in the package",
        }
    }
}

impl Statement {
    /// Whether the statement is about our packages, one of which has the version: by its namespace, and by the places that it names.
    pub(super) fn is_about(&self, ours: &Ours, version: Option<&Evr>) -> Result<(), Why> {
        if !ours.is_of_namespace(self.namespace.as_deref(), &self.versions, version) {
            let said = short(self.namespace.as_deref().unwrap_or_default());
            return Err(Why::OtherVendor { said, ours: ours.vendor.clone() });
        }
        match self.places.iter().find(|place| !ours.is_of(place)) {
            Some(place) => Err(Why::OtherPlace { said: short(&place.to_string()), ours: ours.release.clone() }),
            None => Ok(()),
        }
    }

    /// Whether the statement is about a version of the package.
    pub(super) fn is_of_version(&self, version: Option<&Evr>) -> Result<(), Why> {
        if self.versions.have(version) { Ok(()) } else { Err(self.other_version(version)) }
    }

    pub(super) fn other_version(&self, version: Option<&Evr>) -> Why {
        Why::OtherVersion { said: short(self.versions.text().unwrap_or("*")), here: Shown(version).to_string() }
    }

    /// Whether the statement has what closes a case or a finding needs: it is final, on the whole package, and with a reason. `product` is
    /// the one that is vulnerable. A statement that closes nothing needs none of it: what is affected in a part is affected.
    pub(super) fn has_grounds(&self, product: Option<&str>) -> Result<(), Why> {
        if !matches!(self.status, Status::NotAffected | Status::Fixed) {
            return Ok(());
        }
        if !self.is_final {
            return Err(Why::Draft);
        }
        if let Some(builds) = &self.narrowed {
            return Err(Why::Narrowed(builds.clone()));
        }
        if !self.parts.is_empty() && !product.is_some_and(|product| self.parts.iter().any(|part| part == product)) {
            return Err(Why::Parts(short(&self.parts.join(", "))));
        }
        let has_reason = self.justification.is_some() || !self.words.is_empty();
        if self.status == Status::NotAffected && !has_reason { Err(Why::NoReason) } else { Ok(()) }
    }

    /// Whether the statement can count for packages of ours at all, by its namespace.
    pub(super) fn can_count(&self, ours: &Ours) -> bool {
        ours.may_be_of_namespace(self.namespace.as_deref(), &self.versions)
    }
}
