//! The shared values of all stages, called by the terms of `docs/words.md`.
//!
//! They are CVE ids, RPM versions ([`Evr`], [`Nevra`]), upstream versions ([`UpstreamVersion`]) and ranges of them, days ([`Day`]), CPE 2.3
//! names, upstream homes, purls, references, severities, weaknesses, verdicts, cases and the other subjects of the log.
//! All are pure values: no file, no network, no clock.

pub mod case;
mod content;
mod cpe;
mod cve;
mod day;
mod digest;
pub mod evr;
pub mod format;
mod home;
mod name;
mod purl;
mod reference;
mod remark;
mod rule;
mod severity;
mod source;
pub mod subject;
pub mod text;
mod verdict;
mod version;
mod vex;
mod weakness;

pub use content::Content;
pub use cpe::{CpeAttribute, CpeError, CpeName, CpePart};
pub use cve::{CveId, CveIdError};
pub use day::{Day, DayError};
pub use digest::{Digest, DigestError, DigestWriter, hex};
pub use evr::{Evr, EvrError, Nevra, compare_evr, compare_rpm_segments};
pub use home::home_of;
pub use name::{PackageName, ReleaseLine};
pub use purl::{ecosystem_product, is_of_distribution, rpm_purl, rpm_vers};
pub use reference::{Reference, ReferenceKind};
pub use remark::{Remark, Says, Speaker};
pub use rule::{Basis, Extent, Limit, RangeBuf, Rule, Verdict};
pub use severity::{Cvss, CvssVersion, Rater, Severity};
pub use source::SourceKind;
pub use verdict::{Evidence, EvidenceKind, Status};
pub use version::{Bound, Order, Scheme, UpstreamVersion, VersionRange};
pub use vex::VexStatus;
pub use weakness::weakness_name;
