//! In what order: wires the stages together.
//!
//! A stage knows no other; here a scan's assessment becomes what triage sees ([`Replay`]), and what cases went through becomes a
//! report ([`report`]).

mod adopt;
mod chronicle;
mod cycle;
mod delivery;
mod observe;
mod replay;
mod report;
mod timeline;

pub use adopt::{Adopted, Adoption};
pub use chronicle::Chronicle;
pub use cycle::{Cycle, Cycled};
pub use delivery::{Reachable, arrivals, recalls};
pub use replay::{Grid, ImageOutcome, Replay, ReplayError, Step};
pub use report::{Kept, Line, Report, Spread, report};
pub use timeline::{ImageRelease, Snapshot, Timeline, TimelineError};
