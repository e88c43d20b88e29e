//! The JSON documents that commands print for programs, each with the version of its shape as the first member.
//!
//! `docs/json.md` lists them, and a test holds each to its schema in `docs/schemas`.

use seaworthy_intelligence::Status;
use seaworthy_inventory::Inventory;
use seaworthy_ledger::Entry;
use seaworthy_triage::{Plan, Policy};
use serde::Serialize;

use super::cycle::Cycled;
use super::desk::{AdoptedFixes, BulkDocument, CaseBatches, CaseDocument, QueueDocument, SuggestionsDocument, UndoingDocument};
use super::explain::Explained;
use super::inventory::{ReleaseChanges, ShippedPackages};
use super::jobs::JobList;
use super::keys::{KeyDocument, KeyList};
use super::log::LogCheckDocument;
use super::publication::{DifferenceDocument, PlanDocument, PublicationDocument, VerificationDocument};
use super::replay::Replayed;
use super::sla::Sla;
use super::synced::Synced;
use super::vex::VexReadingsDocument;

/// A value that is printed for programs as one JSON object.
pub trait Shape: Serialize {
    /// The version of the shape. It is raised when a member goes or changes its meaning; a new member does not raise it.
    const VERSION: u32;
}

/// A document for programs: `schema_version`, then the members of a value.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Document<'a, T: Shape> {
    schema_version: u32,
    #[serde(flatten)]
    value: &'a T,
}

impl<'a, T: Shape> Document<'a, T> {
    /// The document of a value.
    #[must_use]
    pub fn of(value: &'a T) -> Self {
        Self { schema_version: T::VERSION, value }
    }
}

macro_rules! shapes {
    ($($shape:ty: $version:literal),* $(,)?) => {
        $(impl Shape for $shape {
            const VERSION: u32 = $version;
        })*
    };
}
shapes! {
    AdoptedFixes: 1,
    BulkDocument<'_>: 1,
    CaseBatches: 1,
    CaseDocument<'_>: 1,
    Cycled: 1,
    DifferenceDocument<'_>: 1,
    Entry: 1,
    Explained: 1,
    Inventory: 1,
    JobList: 1,
    KeyDocument<'_>: 1,
    KeyList: 1,
    LogCheckDocument: 1,
    Plan: 1,
    PlanDocument<'_>: 1,
    Policy: 1,
    PublicationDocument<'_>: 1,
    QueueDocument<'_>: 1,
    ReleaseChanges: 1,
    Replayed: 1,
    ShippedPackages: 1,
    Sla: 1,
    Status: 1,
    SuggestionsDocument<'_>: 1,
    Synced: 1,
    UndoingDocument<'_>: 1,
    VerificationDocument<'_>: 1,
    VexReadingsDocument<'_>: 1,
}
