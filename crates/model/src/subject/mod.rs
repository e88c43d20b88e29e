//! The subjects of the log, and their events.
//!
//! A *subject* is a thing with a history: a case, an advisory, a key, the settings in force. It is not stored as a value of its own: it is
//! the fold over its events ([`Subject::begin`], [`Subject::apply`]). An *event* is a type that has a name in the log, a subject, and a
//! check whether the log can keep it ([`Recorded`]). Each subject has a module here; `docs/ledger.md` has the steps to add one.

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
mod shipped;
mod takeover;
mod undone;

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
pub use shipped::Shipped;
pub use takeover::Adopted;
pub use undone::Undone;
