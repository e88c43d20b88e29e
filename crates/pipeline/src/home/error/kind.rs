//! The kinds of errors, by exhaustive matches: a new error must be given a kind.

use seaworthy_host::serve::ServeError;
use seaworthy_intelligence::IntelligenceError;
use seaworthy_inventory::InventoryError;
use seaworthy_keys::KeyError;
use seaworthy_ledger::LedgerError;
use seaworthy_packages::PackageError;
use seaworthy_packages::repository::RepositoryError;
use seaworthy_publish::bucket::BucketError;
use seaworthy_publish::press::PressError;
use seaworthy_publish::site::SiteError;

use super::{DeskError, HomeError, KeysError, PublicationError, ReplayUseError, VexExportError, VexImportError};
use crate::replay::ReplayError;
use crate::timeline::TimelineError;

/// The kind of an error. A face has an exit code or a status for each.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// The request is wrong.
    Request,
    /// The settings or the policy are wrong.
    Settings,
    /// The thing that was asked for does not exist.
    NotFound,
    /// The state does not allow the work, or changed meanwhile.
    Conflict,
    /// Another run does the work now; a later try may succeed.
    Busy,
    /// The run was cancelled.
    Cancelled,
    /// An input file cannot be read or understood.
    Input,
    /// The network, a publisher or a store failed.
    Network,
    /// A file of the state is damaged, or belongs to something else.
    Damaged,
    /// A file has a newer or older version that this program does not read.
    Version,
    /// The machine failed: a disk, a permission, a program.
    Machine,
    /// A defect of the program.
    Internal,
}

impl Kind {
    /// The word of the kind, which does not change between versions.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Request => "request",
            Self::Settings => "settings",
            Self::NotFound => "not_found",
            Self::Conflict => "conflict",
            Self::Busy => "busy",
            Self::Cancelled => "cancelled",
            Self::Input => "input",
            Self::Network => "network",
            Self::Damaged => "damaged",
            Self::Version => "version",
            Self::Machine => "machine",
            Self::Internal => "internal",
        }
    }
}

impl HomeError {
    /// The kind of the error.
    #[must_use]
    pub fn kind(&self) -> Kind {
        match self {
            Self::Io { .. } => Kind::Machine,
            Self::Nobody | Self::Correction { .. } | Self::PastCycle { .. } | Self::Doubtful { .. } => Kind::Request,
            Self::NoHome { .. } | Self::NoPackage { .. } | Self::UnknownCve { .. } => Kind::NotFound,
            Self::NothingPublished(_) | Self::NoRecords => Kind::NotFound,
            Self::OldRecords { .. } => Kind::Conflict,
            Self::Serve(ServeError::Listen { .. }) => Kind::Request,
            Self::Serve(_) => Kind::Machine,
            Self::Settings(_) => Kind::Settings,
            Self::Products { .. } | Self::IgnoreFile(_) => Kind::Input,
            Self::Inventory { source, .. } => of_inventory(source),
            Self::NoSource { .. } | Self::Fetch(_) => Kind::Network,
            Self::Bucket(e) => of_bucket(e),
            Self::Intelligence(e) => of_intelligence(e),
            Self::Ledger(e) => of_ledger(e),
            Self::Unfit(_) | Self::Json(_) => Kind::Internal,
            Self::Desk(e) => of_desk(e),
            Self::EmbargoedExport { .. } => Kind::Request,
            Self::Replay(e) => of_replay(e),
            Self::VexExport(VexExportError::Namespace { .. } | VexExportError::Vendor { .. }) => Kind::Request,
            Self::Vex(VexImportError::Document { .. }) => Kind::Input,
            Self::Vex(VexImportError::Unfit(_)) => Kind::Internal,
            Self::Publication(e) => of_publication(e),
            Self::Press(e) => of_press(e),
            Self::Site(e) => of_site(e),
            Self::Key(e) => of_key(e),
            Self::Keys(KeysError::NoActiveKey) => Kind::Conflict,
            Self::Keys(KeysError::TooLong | KeysError::Path { .. }) => Kind::Request,
        }
    }
}

fn of_inventory(error: &InventoryError) -> Kind {
    match error {
        InventoryError::Read { .. } | InventoryError::Format { .. } | InventoryError::Package(_) | InventoryError::Database(_) => {
            Kind::Input
        }
        InventoryError::Fetch(_) => Kind::Network,
        InventoryError::Program { .. } => Kind::Machine,
        InventoryError::Revision { .. } | InventoryError::NoSpecs { .. } => Kind::NotFound,
    }
}

fn of_intelligence(error: &IntelligenceError) -> Kind {
    match error {
        IntelligenceError::Io { .. } => Kind::Machine,
        IntelligenceError::Locked(_) => Kind::Busy,
        IntelligenceError::Empty(_) => Kind::NotFound,
        IntelligenceError::State { .. } | IntelligenceError::Damaged { .. } => Kind::Damaged,
        IntelligenceError::Version { .. } => Kind::Version,
    }
}

fn of_ledger(error: &LedgerError) -> Kind {
    match error {
        LedgerError::Database { .. } | LedgerError::Io { .. } => Kind::Machine,
        LedgerError::Location { .. } => Kind::Settings,
        LedgerError::Version { .. } | LedgerError::LineVersion { .. } => Kind::Version,
        LedgerError::Foreign { .. } | LedgerError::Broken { .. } | LedgerError::Event { .. } | LedgerError::Unreadable { .. } => {
            Kind::Damaged
        }
        LedgerError::Illegal { .. } | LedgerError::Moved { .. } => Kind::Conflict,
        LedgerError::Busy { .. } | LedgerError::JobHeld(_) | LedgerError::LeaseLost { .. } => Kind::Busy,
        LedgerError::JobCancelled { .. } => Kind::Cancelled,
        LedgerError::JobEnded { .. } | LedgerError::JobCommitted { .. } => Kind::Conflict,
        LedgerError::Unfit { .. } => Kind::Request,
        LedgerError::NoEvent { .. } | LedgerError::NoJob { .. } => Kind::NotFound,
        LedgerError::ReadOnly { .. } => Kind::Machine,
        LedgerError::Line { .. } => Kind::Input,
    }
}

fn of_desk(error: &DeskError) -> Kind {
    match error {
        DeskError::NoCase { .. } | DeskError::NoSuggestion { .. } | DeskError::NoBatch { .. } => Kind::NotFound,
        DeskError::Refused(_)
        | DeskError::BulkRefused { .. }
        | DeskError::OpenAlready { .. }
        | DeskError::PartAlready { .. }
        | DeskError::UndoneAlready { .. }
        | DeskError::Irreversible { .. }
        | DeskError::ChangedSince { .. }
        | DeskError::Published { .. } => Kind::Conflict,
        DeskError::NoReason
        | DeskError::EmbargoOver { .. }
        | DeskError::DecisionOver { .. }
        | DeskError::NoRight
        | DeskError::BatchEmbargoed { .. }
        | DeskError::NoVersion
        | DeskError::Version { .. }
        | DeskError::Part { .. } => Kind::Request,
    }
}

fn of_replay(error: &ReplayUseError) -> Kind {
    match error {
        ReplayUseError::Backwards { .. } => Kind::Request,
        ReplayUseError::OtherInputs { .. } => Kind::Conflict,
        ReplayUseError::Timeline(TimelineError::Inventory(e)) | ReplayUseError::Step(ReplayError::Inventory(e)) => of_inventory(e),
        ReplayUseError::Timeline(TimelineError::Folder { .. } | TimelineError::Empty { .. }) => Kind::Input,
        ReplayUseError::Step(ReplayError::Foreign(_)) => Kind::Conflict,
        ReplayUseError::Step(ReplayError::Audit { .. }) => Kind::Internal,
        ReplayUseError::Step(ReplayError::Record(e)) => of_ledger(e),
    }
}

fn of_publication(error: &PublicationError) -> Kind {
    match error {
        PublicationError::UnderWay { .. } => Kind::Busy,
        PublicationError::ClockAhead { .. } | PublicationError::OtherPlan { .. } | PublicationError::WouldRemove { .. } => Kind::Conflict,
        PublicationError::Damaged { .. } => Kind::Damaged,
        PublicationError::ForeignSite { .. }
        | PublicationError::OlderLog { .. }
        | PublicationError::MissingPublication { .. }
        | PublicationError::NoIndex { .. }
        | PublicationError::NotInForce { .. } => Kind::Damaged,
        PublicationError::NoChannel { .. }
        | PublicationError::EmptyChannel { .. }
        | PublicationError::NoSnapshot { .. }
        | PublicationError::NoPackage { .. }
        | PublicationError::NothingPublished
        | PublicationError::NoPublication { .. }
        | PublicationError::OnlyPublication { .. } => Kind::NotFound,
        PublicationError::Channel { source, .. } => of_press(source),
        PublicationError::Recalled { .. } | PublicationError::RecalledInSnapshot { .. } => Kind::Conflict,
        PublicationError::Undelivered { .. }
        | PublicationError::NoReason
        | PublicationError::NoRpms { .. }
        | PublicationError::TooDeep { .. } => Kind::Request,
        PublicationError::Unfit(_) => Kind::Internal,
        PublicationError::NoCredentials { .. } => Kind::Settings,
        PublicationError::Store { source, .. } | PublicationError::StoreComparison { source, .. } => of_bucket(source),
    }
}

fn of_press(error: &PressError) -> Kind {
    match error {
        PressError::Site(e) => of_site(e),
        PressError::Key(e) => of_key(e),
        PressError::Unreadable(PackageError::Key(e)) => of_key(e),
        PressError::Unreadable(PackageError::Write { .. }) => Kind::Machine,
        PressError::Repository(RepositoryError::Version { .. }) => Kind::Version,
        PressError::Repository(_) | PressError::Unreadable(_) | PressError::Package { .. } => Kind::Input,
        PressError::Snapshot { .. } => Kind::Damaged,
        PressError::Version { .. } => Kind::Version,
        PressError::Json(_) => Kind::Internal,
    }
}

fn of_site(error: &SiteError) -> Kind {
    match error {
        SiteError::File { .. } => Kind::Machine,
        SiteError::Make { .. } => Kind::Internal,
        SiteError::Damaged { .. } => Kind::Damaged,
        SiteError::Version { .. } => Kind::Version,
    }
}

fn of_bucket(error: &BucketError) -> Kind {
    match error {
        BucketError::Version(_) | BucketError::Site(SiteError::Version { .. }) => Kind::Version,
        BucketError::Address { .. }
        | BucketError::Refused { .. }
        | BucketError::Unavailable { .. }
        | BucketError::Listing(_)
        | BucketError::File { .. }
        | BucketError::Site(_) => Kind::Network,
    }
}

fn of_key(error: &KeyError) -> Kind {
    match error {
        KeyError::Io { .. } => Kind::Machine,
        KeyError::Store { .. } => Kind::Damaged,
        KeyError::Version { .. } => Kind::Version,
        KeyError::BadKey { .. } | KeyError::BadSignature { .. } => Kind::Input,
        KeyError::NoSuchKey(_) | KeyError::NoActiveKey(_) => Kind::NotFound,
        KeyError::Unusable { .. } | KeyError::OpenPgp { .. } | KeyError::Time(_) => Kind::Conflict,
    }
}
