//! What is known.
//!
//! A sync keeps the raw records of each source as they were published, builds a *segment* from each raw file, and links
//! the segments into a *catalogue*: the immutable, digest-named [`Knowledge`] that matching reads. Segments and catalogue
//! can be rebuilt from the raw files at any time, without the network.

pub mod fetch;
pub mod records;
mod catalogue;
mod ingest;
mod knowledge;
mod segment;
mod store;
mod tables;

pub use knowledge::{Cve, Knowledge, ProductId, HomeId};
pub use ingest::Packer;
pub use store::{ArtefactState, Delivery, Input, InputBody, Change, ChangeKind, IntelligenceError, SourceState, Status, Store, SyncReport};
