//! The errors of publications.

use std::path::PathBuf;

use seaworthy_model::Digest;
use seaworthy_model::case::IllegalStep;

/// The error of planning, making or reading a publication.
#[derive(Debug, thiserror::Error)]
pub enum PublicationError {
    /// Another process changes the site.
    #[error("another publication into {} is under way: wait until it has ended", site.display())]
    UnderWay {
        /// The site.
        site: PathBuf,
    },
    /// An event of the log does not fit the ones before it.
    #[error("event {seq} of the log does not fit the ones before it ({step}): `seaworthy ledger verify` tells more")]
    Damaged {
        /// The number of the event.
        seq: u64,
        /// The step that does not fit.
        step: IllegalStep,
    },
    /// The site has a publication, and the log has none for the release line.
    #[error(
        "{} holds the publication {current}, and the log tells of none for the line {line}: it is the site of another ledger or another \
         line. Name another one for this (site in seaworthy.toml), or bring the ledger back",
        site.display()
    )]
    ForeignSite {
        /// The site.
        site: PathBuf,
        /// The publication in force there.
        current: String,
        /// The release line.
        line: String,
    },
    /// The site has a newer publication than the log.
    #[error(
        "{} holds the publication {current}, and the last one that the log tells of is {last}: the ledger is an older copy, or another one",
        site.display()
    )]
    OlderLog {
        /// The site.
        site: PathBuf,
        /// The publication in force there.
        current: String,
        /// The last one in the log.
        last: String,
    },
    /// The site does not have the last publication of the log.
    #[error(
        "the log tells of the publication {last}, and {} does not have it: name the site that has it (site in seaworthy.toml)",
        site.display()
    )]
    MissingPublication {
        /// The site.
        site: PathBuf,
        /// The last publication in the log.
        last: String,
    },
    /// The settings name no channel of that name.
    #[error("there is no channel {name}: there are {} (channels in seaworthy.toml)", known.join(", "))]
    NoChannel {
        /// The name.
        name: String,
        /// The channels.
        known: Vec<String>,
    },
    /// The channel has no publication yet.
    #[error("nothing was published in the channel {name} yet")]
    EmptyChannel {
        /// The channel.
        name: String,
    },
    /// The channel never pointed to the snapshot.
    #[error(
        "the channel {channel} never was the snapshot {snapshot}; its newest ones are {}",
        if newest.is_empty() { "none yet".to_owned() } else { newest.join(", ") }
    )]
    NoSnapshot {
        /// The channel.
        channel: String,
        /// The snapshot.
        snapshot: String,
        /// The newest snapshots of the channel, at most 5.
        newest: Vec<String>,
    },
    /// The packages of a channel cannot be read.
    #[error("cannot read the channel {channel}: {source}")]
    Channel {
        /// The channel.
        channel: String,
        /// The cause.
        source: seaworthy_publish::press::PressError,
    },
    /// A promotion would publish a package that was withdrawn.
    #[error("{nevra} was taken back: it cannot be promoted")]
    Recalled {
        /// The package.
        nevra: String,
    },
    /// The snapshot has a package that was withdrawn.
    #[error("the snapshot {snapshot} has {nevra}, which was taken back: choose another one")]
    RecalledInSnapshot {
        /// The snapshot.
        snapshot: String,
        /// The package.
        nevra: String,
    },
    /// A promotion would remove packages from the channel.
    #[error(
        "{from} does not have {count} of the packages in {target}, such as {nevra}: they would go. Publish them in {from} as well, or say \
         --replace"
    )]
    WouldRemove {
        /// The channel that is promoted.
        from: String,
        /// The channel that is promoted to.
        target: String,
        /// The number of packages that it would remove.
        count: usize,
        /// One of them.
        nevra: String,
    },
    /// No channel, or not the named one, has the package.
    #[error(
        "{}{}",
        match channel {
            Some(channel) => format!("the channel {channel} does not have {missing}"),
            None => format!("no channel has {missing}"),
        },
        if alike.is_empty() { String::new() } else { format!("; there is {}", alike.join(", ")) }
    )]
    NoPackage {
        /// The channel, if one was named.
        channel: Option<String>,
        /// The package.
        missing: String,
        /// Packages whose names begin alike, at most 8.
        alike: Vec<String>,
    },
    /// The first publication would call many packages affected although the spec tree has the fix.
    #[error(
        "{count} of the {of} advisories of this first publication would say that a package is affected, although the spec tree has the \
         fix: the log does not know that machines can get it. Undo the first cycle (`seaworthy triage undo`) and run it again with \
         --delivered, or say with a further `cycle --delivered` what machines can get by now; where it is true, --accept-undelivered goes \
         on"
    )]
    Undelivered {
        /// The number of those advisories.
        count: usize,
        /// The number of all advisories.
        of: usize,
    },
    /// The withdrawal has no reason.
    #[error("--why is empty: people who have the package will ask")]
    NoReason,
    /// The plan is another one than the caller agreed to.
    #[error(
        "the plan {} does not hold any more, now it is {}: look at it again with `seaworthy publish plan`",
        expected.short(),
        found.short()
    )]
    OtherPlan {
        /// The plan that was agreed to.
        expected: Digest,
        /// The plan as it is now.
        found: Digest,
    },
    /// An event of the publication does not fit its case: a defect.
    #[error("a publication does not fit a case: {0}; please report this")]
    Unfit(IllegalStep),
    /// The files and folders have no RPM file.
    #[error("no .rpm file in {}", paths.iter().map(|p| p.display().to_string()).collect::<Vec<_>>().join(", "))]
    NoRpms {
        /// The files and folders.
        paths: Vec<PathBuf>,
    },
    /// A folder has too many folders below each other.
    #[error("{} is more than {limit} folders deep", path.display())]
    TooDeep {
        /// The folder.
        path: PathBuf,
        /// The greatest depth.
        limit: u32,
    },
    /// Events of the log are later than now: the signatures of a publication would begin in the future.
    #[error(
        "event {seq} of the log is dated {at}, and now it is {now}: a clock was or is wrong. Set the clock, or say when it happened with \
         `seaworthy ledger correct-time {seq} --to TIME --why TEXT`; nothing was published"
    )]
    ClockAhead {
        /// The event's number.
        seq: u64,
        /// Its time.
        at: jiff::Timestamp,
        /// The time now.
        now: jiff::Timestamp,
    },
    /// The site has no publication yet.
    #[error("nothing is published yet")]
    NothingPublished,
    /// The pointer of the site to the publication in force is missing.
    #[error("{} is gone, and {last} was published: `seaworthy publish run` puts it in force", www.display())]
    NotInForce {
        /// The pointer.
        www: PathBuf,
        /// The last publication.
        last: String,
    },
    /// The publication has no index.
    #[error("the publication {id} has no index")]
    NoIndex {
        /// The publication.
        id: String,
    },
    /// The publication is not kept any more.
    #[error("there is no publication {id} any more")]
    NoPublication {
        /// Its id.
        id: String,
    },
    /// The publication is the only one, so that there is none to compare it with.
    #[error("{id} is the only publication there is: nothing to compare it with")]
    OnlyPublication {
        /// Its id.
        id: String,
    },
    /// The environment has no credentials for the store.
    #[error("the store {address} asks who writes to it: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY in the environment")]
    NoCredentials {
        /// The store.
        address: String,
    },
    /// The store does not have all of the publication.
    #[error("{id} is in force here, and {address} does not have all of it: the next run sends the rest: {source}")]
    Store {
        /// The store.
        address: String,
        /// The publication.
        id: String,
        /// The cause.
        source: seaworthy_publish::bucket::BucketError,
    },
    /// The store cannot be compared with the site.
    #[error("cannot compare {address}: {source}")]
    StoreComparison {
        /// The store.
        address: String,
        /// The cause.
        source: seaworthy_publish::bucket::BucketError,
    },
}
