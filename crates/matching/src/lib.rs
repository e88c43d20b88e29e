//! What is affected, and why.
//!
//! [`assess`] brings an inventory and what is known together. It ties each source package to products by evidence that it
//! keeps ([`Tie`]), judges each record of those products against the package's version and platform, closes what a
//! patch, a changelog or a decision closes, and answers in three ways: affected, not affected, or undecided with the reason.
//! It is a pure function: the same knowledge, inventory and options give the same assessment, byte for byte.

mod applicability;
mod assess;
mod closures;
mod cohorts;
mod finding;
pub mod formats;
mod judging;
mod learned;
mod names;
mod products;
mod ties;

pub use applicability::Platform;
pub use assess::{Assessment, Assessor, BlindSpot, Learned, Moment, Options, assess};
pub use finding::{Finding, Scope};
pub use learned::COMPONENT_WINDOW;
pub use products::{ProductTable, ProductTableError};
pub use ties::{Strength, Tie};

/// The number of the matching rules. It goes up with every change that gives another verdict, which a test notices by the verdicts on
/// the example distribution.
pub const RULES: u32 = 3;

/// The matching rules by name and number; a finding names them, since other rules may give other verdicts.
pub const ENGINE: &str = "seaworthy-matching rules 3";
