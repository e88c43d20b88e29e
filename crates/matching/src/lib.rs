//! Matching: the verdicts on the packages of an inventory, with their evidence.
//!
//! [`assess`] ties each source package to products by evidence ([`Tie`]), judges each record of those products by the package's version and
//! platform, and closes the CVEs that a patch, a changelog entry or a recorded decision closes. The answer is affected, not affected, or
//! undecided with the reason. It is a pure function: the same knowledge, inventory and options give the same assessment, byte for byte.

mod all_clear;
mod applicability;
mod assess;
mod closures;
mod cohorts;
mod finding;
pub mod formats;
mod judging;
mod learned;
mod left_out;
mod lists;
mod names;
mod numbers;
mod products;
mod ties;
mod variants;

pub use all_clear::CannotTell;
pub use applicability::Platform;
pub use assess::{Assessment, Assessor, BlindSpot, Learned, Moment, Options, assess};
pub use finding::{Finding, Scope};
pub use learned::COMPONENT_WINDOW;
pub use left_out::LeftOut;
pub use products::{ProductTable, ProductTableError};
pub use ties::{Strength, Tie};

/// The number of the rules of matching. It rises with every change that gives another verdict; a test compares the verdicts on the example
/// distribution.
pub const RULES: u32 = 6;

/// The name and number of the rules of matching, which each assessment names: other rules may give other verdicts.
pub const ENGINE: &str = "seaworthy-matching rules 6";
