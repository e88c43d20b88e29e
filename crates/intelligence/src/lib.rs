//! The knowledge of vulnerabilities: fetching the sources, keeping their records, and building the index.
//!
//! A sync keeps the raw records of each source as they were published, builds a *segment* from each raw file, with the texts for people in
//! a file beside it, and links the segments into a *catalogue*: the immutable [`Knowledge`], named by its digest, that matching reads.
//! Segments, texts and catalogue can be built again from the raw files at any time, without the network.

mod aliases;
mod catalogue;
pub mod fetch;
mod ingest;
mod knowledge;
pub mod records;
mod segment;
mod store;
mod tables;
mod texts;

pub use knowledge::{Cve, HomeId, Knowledge, ProductId};
pub use store::{
    ArtefactState, Change, ChangeKind, Delivery, Input, InputBody, IntelligenceError, SourceState, Sources, Status, Steps, Store,
    SyncReport, SyncStep, Synced,
};
pub use tables::IndexDamage;

use seaworthy_model::format::Format;

/// The formats of the files that a [`Store`] writes and reads again, with their versions.
pub static FORMATS: &[&Format] = &[&store::STATE, &tables::TABLES];
