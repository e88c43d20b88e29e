//! Why a publication cannot be made.

use std::path::PathBuf;

use seaworthy_model::Digest;
use seaworthy_model::case::IllegalStep;

/// Why a publication cannot be planned, made or read.
#[derive(Debug, thiserror::Error)]
pub enum PublicationError {
    /// Another one changes the site.
    #[error("another publication into {} is under way: wait until it has ended", site.display())]
    UnderWay {
        /// The site.
        site: PathBuf,
    },
    /// The log does not fit together.
    #[error("event {seq} of the log does not fit the ones before it ({step}): `seaworthy ledger verify` tells more")]
    Damaged {
        /// The event.
        seq: u64,
        /// What does not fit.
        step: IllegalStep,
    },
    /// A site that the log says nothing of.
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
    /// A site that is newer than the log.
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
    /// A site without the publication that the log tells of.
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
    /// No such channel.
    #[error("there is no channel {name}: there are {} (channels in seaworthy.toml)", known.join(", "))]
    NoChannel {
        /// The name.
        name: String,
        /// The channels.
        known: Vec<String>,
    },
    /// A channel without any publication.
    #[error("nothing was published in the channel {name} yet")]
    EmptyChannel {
        /// The channel.
        name: String,
    },
    /// A snapshot that a channel never was.
    #[error(
        "the channel {channel} never was the snapshot {snapshot}; its newest ones are {}",
        if newest.is_empty() { "none yet".to_owned() } else { newest.join(", ") }
    )]
    NoSnapshot {
        /// The channel.
        channel: String,
        /// The snapshot.
        snapshot: String,
        /// The newest snapshots of the channel.
        newest: Vec<String>,
    },
    /// A channel's content that cannot be read.
    #[error("cannot read the channel {channel}: {source}")]
    Channel {
        /// The channel.
        channel: String,
        /// The cause.
        source: seaworthy_publish::press::PressError,
    },
    /// A package that was taken back.
    #[error("{nevra} was taken back: it cannot be promoted")]
    Recalled {
        /// The package.
        nevra: String,
    },
    /// A snapshot with a package that was taken back.
    #[error("the snapshot {snapshot} has {nevra}, which was taken back: choose another one")]
    RecalledInSnapshot {
        /// The snapshot.
        snapshot: String,
        /// The package.
        nevra: String,
    },
    /// Packages that would go by a promotion.
    #[error(
        "{from} does not have {count} of the packages in {target}, such as {nevra}: they would go. Publish them in {from} as well, or say \
         --replace"
    )]
    WouldRemove {
        /// The channel that is promoted.
        from: String,
        /// The channel that is promoted to.
        target: String,
        /// How many packages would go.
        count: usize,
        /// One of them.
        nevra: String,
    },
    /// A package that no channel has.
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
        /// Packages whose names begin alike.
        alike: Vec<String>,
    },
    /// A withdrawal without a reason.
    #[error("--why is empty: people who have the package will ask")]
    NoReason,
    /// Another plan than the one that was agreed to.
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
    /// An event that does not fit its case: a defect.
    #[error("a publication does not fit a case: {0}; please report this")]
    Unfit(IllegalStep),
    /// No RPM files.
    #[error("no .rpm file in {}", paths.iter().map(|p| p.display().to_string()).collect::<Vec<_>>().join(", "))]
    NoRpms {
        /// The files and folders.
        paths: Vec<PathBuf>,
    },
    /// A folder that is too deep.
    #[error("{} is more than {limit} folders deep", path.display())]
    TooDeep {
        /// The folder.
        path: PathBuf,
        /// The limit.
        limit: u32,
    },
    /// Events of the log are later than now: what is published by them would be signed for a time to come.
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
    /// Nothing is published.
    #[error("nothing is published yet")]
    NothingPublished,
    /// The site's pointer is gone.
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
    /// A publication that is not kept any more.
    #[error("there is no publication {id} any more")]
    NoPublication {
        /// Its id.
        id: String,
    },
    /// The only publication.
    #[error("{id} is the only publication there is: nothing to compare it with")]
    OnlyPublication {
        /// Its id.
        id: String,
    },
    /// A store that nobody may write to.
    #[error("the store {address} asks who writes to it: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY in the environment")]
    NoCredentials {
        /// The store.
        address: String,
    },
    /// A store that did not get everything.
    #[error("{id} is in force here, and {address} does not have all of it: the next run sends the rest: {source}")]
    Store {
        /// The store.
        address: String,
        /// The publication.
        id: String,
        /// The cause.
        source: seaworthy_publish::bucket::BucketError,
    },
    /// A store that cannot be compared.
    #[error("cannot compare {address}: {source}")]
    StoreComparison {
        /// The store.
        address: String,
        /// The cause.
        source: seaworthy_publish::bucket::BucketError,
    },
}
