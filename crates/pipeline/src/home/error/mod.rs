//! The errors of work in a home.

mod desk;
mod ignore;
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
pub use ignore::IgnoreFileError;
pub use keys::KeysError;
pub use kind::Kind;
pub use publication::PublicationError;
pub use replay::ReplayUseError;
pub use vex::{VexExportError, VexImportError};

use super::settings::SettingsError;

const KEPT: &str = "the last good state stays in force, and `scan` and `cycle --no-sync` work with it";
const NOTHING_KNOWN: &str =
    "nothing is known yet: check network and proxy and run it again, or read folders (`seaworthy sync --nvd FOLDER --kev FILE`)";

/// The error of work in a home. Its text names the cause.
#[derive(Debug, thiserror::Error)]
pub enum HomeError {
    /// A file or folder cannot be read or written.
    #[error("cannot {doing} {}: {source}", path.display())]
    Io {
        /// The action.
        doing: &'static str,
        /// The file or folder.
        path: PathBuf,
        /// The cause.
        source: std::io::Error,
    },
    /// The time of an event cannot be corrected: no reason is given, or the new time is later than now.
    #[error("the time of an event is corrected to one that is not later than now, and with a reason: {to} is later, or --why is empty")]
    Correction {
        /// The new time.
        to: jiff::Timestamp,
    },
    /// Nobody is named as the person who decides.
    #[error(
        "nobody is named as the person who decides this: set SEAWORTHY_ACTOR=NAME (USER and LOGNAME are not set, git has no user.name, and \
         the account has no name)"
    )]
    Nobody,
    /// A cycle was to judge as of a past day.
    #[error("a cycle judges as of today, since its verdicts become cases: `seaworthy scan --as-of {day}` judges as of another day")]
    PastCycle {
        /// The day that was asked for.
        day: Date,
    },
    /// The folder of the home does not exist.
    #[error("there is no home {}: `seaworthy init` makes one", path.display())]
    NoHome {
        /// The folder.
        path: PathBuf,
    },
    /// The settings are wrong or cannot be read.
    #[error(transparent)]
    Settings(#[from] SettingsError),
    /// A table of names and products cannot be read.
    #[error("in {}: {source}", path.display())]
    Products {
        /// The file.
        path: PathBuf,
        /// The cause.
        source: Box<ProductTableError>,
    },
    /// An inventory, or a file that belongs to it, cannot be read.
    #[error("while reading {what}: {source}")]
    Inventory {
        /// The words for the input.
        what: &'static str,
        /// The cause.
        source: InventoryError,
    },
    /// The inventory of a cycle is doubtful.
    #[error(
        "the inventory ({selection}) is not believed: {doubt}; nothing was changed. Look at what it names; --accept-inventory goes on with \
         it, and closes the cases of packages that are not in it"
    )]
    Doubtful {
        /// The words of its selection.
        selection: String,
        /// The reason for the doubt.
        doubt: Doubt,
    },
    /// The inventory has no source package of a name.
    #[error(
        "no source package {package} in {location}{}",
        owner.as_ref().map(|o| format!("; it is a binary package of {o}")).unwrap_or_default()
    )]
    NoPackage {
        /// The name.
        package: String,
        /// The location of the inventory.
        location: String,
        /// The source package that has a binary package of that name; `None` where there is none.
        owner: Option<String>,
    },
    /// The knowledge has no record of a CVE.
    #[error("{cve} is not among the {known} records known here: check the id, or sync again")]
    UnknownCve {
        /// The CVE.
        cve: CveId,
        /// The number of CVEs in the knowledge.
        known: usize,
    },
    /// The site in this folder has no publication yet.
    #[error("nothing is published in {} yet: `seaworthy publish run` does it", .0.display())]
    NothingPublished(PathBuf),
    /// The site cannot be served.
    #[error(transparent)]
    Serve(#[from] ServeError),
    /// The knowledge has no record, so that nothing can be concluded.
    #[error(
        "there is no record to conclude from: no source that names affected products (nvd, cvelist, osv) was read yet; `seaworthy status` \
         shows the sources, `seaworthy sync` reads them"
    )]
    NoRecords,
    /// The records are older than the request allows.
    #[error("the records of {kind} were read at {at}, which is longer ago than {limit}: sync first, or allow a longer --max-age")]
    OldRecords {
        /// The source that was not read for the longest time.
        kind: SourceKind,
        /// The time at which it was read last.
        at: jiff::Timestamp,
        /// The longest time that the request allows.
        limit: Span,
    },
    /// All sources failed.
    #[error("no source could be synced; {}", if *kept { KEPT } else { NOTHING_KNOWN })]
    NoSource {
        /// Whether the state of an earlier sync is still there.
        kept: bool,
    },
    /// The store of the knowledge failed.
    #[error(transparent)]
    Intelligence(#[from] IntelligenceError),
    /// The network client failed.
    #[error(transparent)]
    Fetch(#[from] FetchError),
    /// The ledger refused the work, or failed.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    /// An event of a scan does not fit its case: a defect.
    #[error("a scan and its cases do not fit together: {0}; please report this")]
    Unfit(#[from] IllegalStep),
    /// Work on a case is not possible as requested.
    #[error(transparent)]
    Desk(#[from] DeskError),
    /// An export of the log would disclose cases under embargo.
    #[error("{hidden} cases are under embargo, and an export is always whole: say --embargoed if its readers may know of them")]
    EmbargoedExport {
        /// The number of these cases.
        hidden: u64,
    },
    /// A replay cannot run.
    #[error(transparent)]
    Replay(#[from] ReplayUseError),
    /// A VEX document cannot be exported.
    #[error(transparent)]
    VexExport(#[from] VexExportError),
    /// A VEX document cannot be imported.
    #[error(transparent)]
    Vex(#[from] VexImportError),
    /// An ignore file cannot be used.
    #[error(transparent)]
    IgnoreFile(#[from] IgnoreFileError),
    /// A publication cannot be planned, made or read.
    #[error(transparent)]
    Publication(Box<PublicationError>),
    /// The packages or documents of a publication cannot be read or written.
    #[error(transparent)]
    Press(#[from] PressError),
    /// The site cannot be read or written.
    #[error(transparent)]
    Site(#[from] SiteError),
    /// The store of the site failed.
    #[error(transparent)]
    Bucket(#[from] BucketError),
    /// The key store failed.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// A key cannot be made or imported as requested.
    #[error(transparent)]
    Keys(#[from] KeysError),
    /// A value cannot be written as JSON: a defect.
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

    /// The error for a name that no source package of the inventory has; it may be the name of a binary package.
    #[must_use]
    pub fn no_package(package: &str, inventory: &Inventory) -> Self {
        let owner = inventory.source_of(package).map(str::to_owned);
        Self::NoPackage { package: package.to_owned(), location: inventory.origin.location.clone(), owner }
    }
}
