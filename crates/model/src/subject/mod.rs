//! What the log is about: subjects, each a fold over its events, and the events themselves.
//!
//! A *subject* is anything that has a history: a case, an advisory, a key, the settings in force. It is never stored as such; it is what
//! its events amount to, one after another ([`Subject::begin`], [`Subject::apply`]). An *event* is a type that says what it is called in
//! the log, which subject it happens to, and whether it can be kept ([`Recorded`]). Each subject is a module of this one; how to add one is
//! told in `docs/ledger.md`.

mod advisory;
mod correction;
mod image;
mod key;
mod knowledge;
mod publication;
mod recorded;
mod replay;
mod scan;
mod settings;
mod takeover;

pub use advisory::{
    AdvisoryDescribed, AdvisoryEvent, AdvisoryNumbered, AdvisoryRefusal, AdvisoryStated, Delivery, Described, Place, PublishedAdvisory,
    Revision, Standing, View,
};
pub use correction::TimeCorrected;
pub use image::ImageReleased;
pub use key::{KeyChange, KeyHistory, KeyRefusal, KeyStanding, KeyStep, keys};
pub use knowledge::Synced;
pub use publication::{LastPublication, Publication, edition};
pub use recorded::{NAME_LIMIT, Recorded, Subject, SubjectId, Unfit, check_line, check_name, indexed};
pub use replay::{ReplayBegan, ReplayStep};
pub use scan::Scan;
pub use settings::{InForce, Settings, SettingsChanged};
pub use takeover::Adopted;
