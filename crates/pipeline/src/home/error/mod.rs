//! Why work in a home cannot be done.

mod desk;
mod keys;
mod kind;
mod publication;
mod replay;
mod vex;

use std::path::{Path, PathBuf};

use jiff::civil::Date;
use seaworthy_host::serve::ServeError;
use seaworthy_intelligence::IntelligenceError;
use seaworthy_intelligence::fetch::FetchError;
use seaworthy_intelligence::records::SourceKind;
use seaworthy_inventory::{Inventory, InventoryError};
use seaworthy_keys::KeyError;
use seaworthy_ledger::LedgerError;
use seaworthy_matching::ProductTableError;
use seaworthy_model::CveId;
use seaworthy_model::case::IllegalStep;
use seaworthy_publish::bucket::BucketError;
use seaworthy_publish::press::PressError;
use seaworthy_publish::site::SiteError;
use seaworthy_triage::{Doubt, Span};

pub use desk::DeskError;
pub use keys::KeysError;
pub use kind::Kind;
pub use publication::PublicationError;
pub use replay::ReplayUseError;
pub use vex::{VexExportError, VexImportError};

use super::settings::SettingsError;

const KEPT: &str = "the last good state stays in force, and `scan` and `cycle --no-sync` work with it";
const NOTHING_KNOWN: &str =
    "nothing is known yet: check network and proxy and run it again, or read folders (`seaworthy sync --nvd FOLDER --kev FILE`)";

/// Why work in a home cannot be done. The text of each names its cause.
#[derive(Debug, thiserror::Error)]
pub enum HomeError {
    /// A file or folder.
    #[error("cannot {doing} {}: {source}", path.display())]
    Io {
        /// The action.
        doing: &'static str,
        /// The file or folder.
        path: PathBuf,
        /// The cause.
        source: std::io::Error,
    },
    /// A time cannot be corrected to what was said.
    #[error("the time of an event is corrected to one that is not later than now, and with a reason: {to} is later, or --why is empty")]
    Correction {
        /// The time.
        to: jiff::Timestamp,
    },
    /// A cycle that would judge as of another day.
    #[error("a cycle judges as of today, since its verdicts become cases: `seaworthy scan --as-of {day}` judges as of another day")]
    PastCycle {
        /// The day that was asked for.
        day: Date,
    },
    /// There is no home.
    #[error("there is no home {}: `seaworthy init` makes one", path.display())]
    NoHome {
        /// The folder.
        path: PathBuf,
    },
    /// The settings.
    #[error(transparent)]
    Settings(#[from] SettingsError),
    /// A table of names and products.
    #[error("in {}: {source}", path.display())]
    Products {
        /// The file.
        path: PathBuf,
        /// The cause.
        source: Box<ProductTableError>,
    },
    /// What is shipped.
    #[error("while reading {what}: {source}")]
    Inventory {
        /// What was read.
        what: &'static str,
        /// The cause.
        source: InventoryError,
    },
    /// An inventory that a cycle does not believe.
    #[error(
        "the inventory ({selection}) is not believed: {doubt}; nothing was changed. Look at what it names; --accept-inventory goes on with \
         it, and closes the cases of packages that are not in it"
    )]
    Doubtful {
        /// The inventory.
        selection: String,
        /// The reason.
        doubt: Doubt,
    },
    /// No package of a name.
    #[error(
        "no source package {package} in {location}{}",
        owner.as_ref().map(|o| format!("; it is a binary package of {o}")).unwrap_or_default()
    )]
    NoPackage {
        /// The name.
        package: String,
        /// The inventory.
        location: String,
        /// The source package that a binary package of that name is made from.
        owner: Option<String>,
    },
    /// A record that is not known.
    #[error("{cve} is not among the {known} records known here: check the id, or sync again")]
    UnknownCve {
        /// The CVE.
        cve: CveId,
        /// How many records are known.
        known: usize,
    },
    /// There is no site yet.
    #[error("nothing is published in {} yet: `seaworthy publish run` does it", .0.display())]
    NothingPublished(PathBuf),
    /// The site cannot be served.
    #[error(transparent)]
    Serve(#[from] ServeError),
    /// Nothing can be concluded, since no source of records was read.
    #[error(
        "there is no record to conclude from: no source that names affected products (nvd, cvelist, osv) was read yet; `seaworthy status` \
         shows the sources, `seaworthy sync` reads them"
    )]
    NoRecords,
    /// Records are older than was asked for.
    #[error("the records of {kind} were read at {at}, which is longer ago than {limit}: sync first, or allow a longer --max-age")]
    OldRecords {
        /// The source that was not read for the longest time.
        kind: SourceKind,
        /// The time at which it was read last.
        at: jiff::Timestamp,
        /// The time that was allowed.
        limit: Span,
    },
    /// Every source failed.
    #[error("no source could be synced; {}", if *kept { KEPT } else { NOTHING_KNOWN })]
    NoSource {
        /// Whether there is a state of before.
        kept: bool,
    },
    /// The store of knowledge.
    #[error(transparent)]
    Intelligence(#[from] IntelligenceError),
    /// The network.
    #[error(transparent)]
    Fetch(#[from] FetchError),
    /// The ledger.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    /// A scan that does not fit the cases: a defect.
    #[error("a scan and its cases do not fit together: {0}; please report this")]
    Unfit(#[from] IllegalStep),
    /// Work at the desk.
    #[error(transparent)]
    Desk(#[from] DeskError),
    /// An export that would disclose cases.
    #[error("{hidden} cases are under embargo, and an export is always whole: say --embargoed if its readers may know of them")]
    EmbargoedExport {
        /// How many.
        hidden: u64,
    },
    /// A replay.
    #[error(transparent)]
    Replay(#[from] ReplayUseError),
    /// A VEX document for others.
    #[error(transparent)]
    VexExport(#[from] VexExportError),
    /// VEX documents of others.
    #[error(transparent)]
    Vex(#[from] VexImportError),
    /// A publication.
    #[error(transparent)]
    Publication(Box<PublicationError>),
    /// Packages and documents of a publication.
    #[error(transparent)]
    Press(#[from] PressError),
    /// The site.
    #[error(transparent)]
    Site(#[from] SiteError),
    /// A store.
    #[error(transparent)]
    Bucket(#[from] BucketError),
    /// The key store.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// A key that was asked for.
    #[error(transparent)]
    Keys(#[from] KeysError),
    /// A value that cannot be written as JSON: a defect.
    #[error("cannot write a document: {0}; please report this")]
    Json(#[from] serde_json::Error),
}

impl From<PublicationError> for HomeError {
    fn from(error: PublicationError) -> Self {
        Self::Publication(Box::new(error))
    }
}

impl HomeError {
    pub(crate) fn io(doing: &'static str, path: &Path) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::Io { doing, path, source }
    }

    pub(crate) fn reading(what: &'static str) -> impl FnOnce(InventoryError) -> Self {
        move |source| Self::Inventory { what, source }
    }

    /// The package is not in the inventory; it may be a binary one.
    #[must_use]
    pub fn no_package(package: &str, inventory: &Inventory) -> Self {
        let owner = inventory.packages.iter().find(|p| p.binaries.iter().any(|b| b.name == package));
        let owner = owner.map(|o| o.name.to_string());
        Self::NoPackage { package: package.to_owned(), location: inventory.origin.location.clone(), owner }
    }
}
