//! Use cases: how the world learns. Packages, advisories and pages change in one step, or not at all.
//!
//! What makes it one step:
//!
//! 1. **One at a time.** Whoever changes a site holds its lock from before the log is read until after the pointer is switched. On all
//!    machines that share the ledger one publication of a release line runs at a time: it is a job, and its place is kept until the store
//!    has everything.
//! 2. **The site belongs to the log.** A site that holds a publication which the log does not have is another ledger's, or newer than this
//!    copy of it: it is left alone.
//! 3. **What was cut short is completed first.** The log is ahead of the site in one way only: its last publication is laid out and the
//!    pointer is not switched. Nothing is planned on top of that.
//! 4. **Keys and store are asked before anything changes.** A key that is lost or expired ends the run with everything as it was.
//! 5. **Everything is written beside what is in force**: packages into the pool, snapshots, trees, then the publication's folder. All of
//!    it is named by its content or by an id that was never used, so that a run that dies leaves only files that nobody is led to.
//! 6. **Consumers are asked about the files that are written**, and a disagreement ends the run there.
//! 7. **The log is the moment.** The publication's event is committed with the events of cases and advisories that it shows, in one
//!    batch, on the log as it was read; if the log went on in what was read, or the job was cancelled or has lost its place, nothing of the
//!    batch is written. From the commit on it counts as published, and a death before the switch is case 3.
//! 8. **One rename switches**, and only then may old publications go. The store follows: it may be behind the site, never ahead.

mod change;
mod compare;
mod documents;
mod plan;
mod publisher;
mod store;
mod verify;

use std::collections::BTreeMap;

use seaworthy_keys::Signers;
use seaworthy_ledger::{Batch, Draft, Event, Lease, Publication};
use seaworthy_model::subject::{ImageReleased, SubjectId, edition, keys};
use seaworthy_model::{Digest, ReleaseLine};
use seaworthy_publish::contract::Concluded;
use seaworthy_publish::press::{Contents, Documents, InstalledPrograms, Packages, Replaced, conclude, documents};
use seaworthy_publish::site::Index;

pub use change::{Promotion, PublicationRequest, Withdrawal, WithdrawalRequest};
pub use compare::{ChannelDifference, PublicationDifference};
pub use documents::{ConsumersDocument, DifferenceDocument, PublicationDocument, VerificationDocument};
pub use plan::{ChannelPlan, LeftBehind, PlanDocument, PublicationPlan};
pub use store::{StoreComparison, StoreState};
pub use verify::{VerifiedPublication, VerifyRequest, Wrong};

use publisher::Publisher;
use store::Target;

use super::running::{RunKind, Running};
use super::{Home, HomeError, Notice, PublicationError, Stage};

/// So many publications stay on the disk; what was pinned are snapshots, which all stay.
const KEPT: usize = 16;

/// How a publication is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PublishOptions {
    /// The plan that was agreed to: another one is not carried out.
    pub expected: Option<Digest>,
    /// Whether OpenSCAP and dnf are asked as well what they conclude.
    pub programs: bool,
}

/// What came of a publication.
pub enum PublicationOutcome {
    /// The publication in force says all there is to say.
    Unchanged {
        /// Its id.
        id: String,
        /// The store, where one is named, or why it does not have all of it.
        store: Option<Result<StoreState, HomeError>>,
    },
    /// Consumers would conclude something else: nothing was published.
    Refused(Box<Concluded>),
    /// It is in force.
    Published(Box<Published>),
}

/// A publication that was made.
pub struct Published {
    /// Its id.
    pub id: String,
    /// What was planned; consumers agree.
    pub plan: PublicationPlan,
    /// How many packages were signed anew, since a key is gone that signed them.
    pub signed_again: usize,
    /// The store, where one is named, or why it does not have all of it.
    pub store: Option<Result<StoreState, HomeError>>,
}

/// Where a publication goes, and what signs it.
struct Outputs {
    /// Keys that have proved that they sign.
    signers: Signers,
    store: Option<Target>,
}

impl Home {
    /// What a publication would change, and what consumers would conclude. Nothing is written.
    ///
    /// # Errors
    /// When the request names what is not there, or the home cannot be read.
    pub fn plan_publication(&self, request: &PublicationRequest) -> Result<PublicationPlan, HomeError> {
        let work = self.work(&Stage::Preparing);
        let mut publisher = Publisher::open(self, request.line.as_ref())?;
        let mut plan = publisher.plan(request)?;
        work.stage(&Stage::Consumers);
        plan.concluded = Some(publisher.concluded(&plan, None)?);
        Ok(plan)
    }

    /// Publishes: packages, advisories and pages in one step, or nothing. A second run with nothing new changes nothing.
    ///
    /// # Errors
    /// When the request names what is not there, the plan is another one than `expected`, nothing can sign, or the log went on meanwhile;
    /// when another publication of the line goes on, or this one was cancelled.
    pub fn publish(&self, request: &PublicationRequest, options: PublishOptions) -> Result<PublicationOutcome, HomeError> {
        self.publication(request.line.as_ref(), options, |publisher| publisher.plan(request))
    }

    /// Takes packages back, or lets a channel point to an earlier snapshot, and says so in the advisories, in one step.
    ///
    /// # Errors
    /// As [`Home::publish`], and without a reason.
    pub fn withdraw(&self, request: &WithdrawalRequest, options: PublishOptions) -> Result<PublicationOutcome, HomeError> {
        if request.why.trim().is_empty() {
            return Err(PublicationError::NoReason.into());
        }
        self.publication(request.line.as_ref(), options, |publisher| publisher.withdrawal(request))
    }

    /// Carries out a plan, as a job.
    fn publication(
        &self,
        line: Option<&ReleaseLine>,
        options: PublishOptions,
        plan: impl FnOnce(&mut Publisher<'_>) -> Result<PublicationPlan, HomeError>,
    ) -> Result<PublicationOutcome, HomeError> {
        let line = self.line(line);
        // What cannot be published under any name needs no place.
        self.settings.published_names(&line)?;
        self.run(RunKind::Publication, &line, |home, running| {
            running.renew(&Stage::Preparing)?;
            let _work = home.work(&Stage::Preparing);
            let (mut publisher, outputs) = home.publisher(Some(&line))?;
            let plan = plan(&mut publisher)?;
            publisher.commit(plan, &outputs, options, running)
        })
    }

    /// Everything that a publication needs; one that was cut short is completed.
    fn publisher(&self, line: Option<&ReleaseLine>) -> Result<(Publisher<'_>, Outputs), HomeError> {
        let publisher = Publisher::open_to_change(self, line)?;
        // A signature of a time to come would outlive the mistake.
        if let Some(entry) = publisher.ledger.ahead(publisher.now)?.first() {
            return Err(PublicationError::ClockAhead { seq: entry.seq, at: entry.at, now: publisher.now }.into());
        }
        let signers = self.key_store()?.signers(publisher.now)?;
        let store = Target::open(publisher.settings())?;
        if let Some(id) = publisher.complete()? {
            self.options.progress.notice(&Notice::Completed { id });
        }
        Ok((publisher, Outputs { signers, store }))
    }

    fn stage(&self, stage: &Stage<'_>) {
        self.options.progress.stage(stage);
    }
}

impl Publisher<'_> {
    /// Writes everything beside what is in force, asks consumers, and puts it in force: see the invariants above.
    fn commit(
        &self,
        mut plan: PublicationPlan,
        outputs: &Outputs,
        options: PublishOptions,
        running: &Running,
    ) -> Result<PublicationOutcome, HomeError> {
        let Outputs { signers, store } = outputs;
        if let Some(expected) = options.expected.filter(|expected| *expected != plan.digest) {
            return Err(PublicationError::OtherPlan { expected, found: plan.digest }.into());
        }
        let home = self.home;
        let step = |stage: &Stage<'_>| running.renew(stage).map(|()| home.stage(stage));
        step(&Stage::Repository)?;
        let (channels, signed_again) = self.write_snapshots(&mut plan, signers)?;
        step(&Stage::Documents)?;
        let Documents { trees, files } = documents(&plan.edition, signers, &contents_of(&channels, &plan))?;
        let written = self.site.write(&trees, &|at| home.stage(&Stage::Tree(at)))?;
        drop(trees);
        let digests = files.iter().map(|f| (f.path.clone(), Digest::of(&f.bytes))).collect();
        let index = Index::new(written, digests, channels.clone());
        let drafts = std::mem::take(&mut plan.drafts);
        if let Some(id) = self.last().filter(|last| last.content == index.content()).map(|last| last.id.clone()) {
            // Where nothing is written the run has come to its end all the same, and cannot be cancelled any more.
            let expect = if drafts.is_empty() { Vec::new() } else { self.read_subjects() };
            self.ledger.commit(Batch { events: drafts, expect, job: Some(running.lease()) })?;
            let store = store.as_ref().map(|store| store.push(home, &self.site, &id));
            return Ok(PublicationOutcome::Unchanged { id, store });
        }
        step(&Stage::Consumers)?;
        let real = options.programs.then(|| InstalledPrograms { site: &self.site, keys: signers.public_keys() });
        let concluded = self.concluded(&plan, real)?;
        if !concluded.agrees() {
            return Ok(PublicationOutcome::Refused(Box::new(concluded)));
        }
        plan.concluded = Some(concluded);
        step(&Stage::Switching)?;
        let id = self.id(0);
        self.site.lay_out(&id, &index, &files)?;
        self.log(&id, &index, channels, &plan, drafts, running.lease())?;
        self.site.switch(&id)?;
        self.site.prune(KEPT)?;
        let store = store.as_ref().map(|store| store.push(home, &self.site, &id));
        Ok(PublicationOutcome::Published(Box::new(Published { id, plan, signed_again, store })))
    }

    /// The subjects that a publication follows from, as they were read: what is said of the line, the images, and the keys. That somebody
    /// takes a case meanwhile is no reason to publish anew.
    fn read_subjects(&self) -> Vec<(SubjectId, u64)> {
        [edition(&self.distribution.line), ImageReleased::all(), keys()].map(|subject| (subject, self.head)).into()
    }

    /// Commits the publication: from here on it counts as published.
    fn log(
        &self,
        id: &str,
        index: &Index,
        channels: BTreeMap<String, String>,
        plan: &PublicationPlan,
        mut drafts: Vec<Draft>,
        job: Lease,
    ) -> Result<(), HomeError> {
        let publication = Publication {
            id: id.to_owned(),
            content: index.content(),
            plan: plan.digest,
            channels,
            recalled: plan.recalled.clone(),
            line: self.distribution.line.clone(),
            counts: plan.counts(),
        };
        let event = Draft::new(self.now, self.home.actor(), Event::Publication(publication));
        drafts.push(Draft { why: plan.why.clone(), ..event });
        drafts.extend(self.home.changed_settings(&self.ledger)?);
        self.ledger.commit(Batch { events: drafts, expect: self.read_subjects(), job: Some(job) })?;
        Ok(())
    }

    /// What consumers conclude, of the advisories and of the channels that users get packages from. The programs read what is written
    /// already; a plan has nothing for them.
    fn concluded(&self, plan: &PublicationPlan, real: Option<InstalledPrograms<'_>>) -> Result<Concluded, HomeError> {
        let public = plan.channels.iter().filter(|(name, _)| self.settings().public.contains(name));
        let held = public.map(|(name, channel)| (name.clone(), (channel.snapshot.clone().unwrap_or_default(), &channel.after)));
        Ok(conclude(&plan.edition, &held.collect(), real)?)
    }

    /// Puts packages into the pool and writes the snapshots that differ. Gives where each channel is to point, and how many packages were
    /// signed anew.
    fn write_snapshots(&self, plan: &mut PublicationPlan, signers: &Signers) -> Result<(BTreeMap<String, String>, usize), HomeError> {
        let packages = self.packages();
        if let Some(channel) = plan.channels.get_mut(&plan.target).filter(|_| !plan.given.is_empty()) {
            let restored = packages.restored(&channel.before, &plan.given, signers, self.now)?;
            channel.after = packages.add(&channel.before, &mut plan.given, signers, self.now)?;
            replace(&packages, plan, &restored)?;
        }
        let mut signed_again = 0;
        if self.has_lost_a_key(signers)? {
            let again = packages.signed_again(plan.channels.values().map(|c| &c.after), signers, self.now)?;
            replace(&packages, plan, &again)?;
            signed_again = again.len();
        }
        let mut out = BTreeMap::new();
        let mut written = 0;
        for (name, channel) in &mut plan.channels {
            let id = self.id(written);
            let previous = channel.snapshot.as_deref().map(|snapshot| (snapshot, &channel.before));
            if packages.write(&id, &mut channel.after, previous, &plan.edition, signers, self.now)? {
                written += 1;
                channel.snapshot = Some(id);
            }
            out.extend(channel.snapshot.clone().map(|snapshot| (name.clone(), snapshot)));
        }
        Ok((out, signed_again))
    }
}

/// Puts packages in the place of others, in every channel.
fn replace(packages: &Packages<'_>, plan: &mut PublicationPlan, replaced: &Replaced) -> Result<(), HomeError> {
    if !replaced.is_empty() {
        for channel in plan.channels.values_mut() {
            channel.after = packages.replace(&channel.after, replaced)?;
        }
    }
    Ok(())
}

/// What each channel holds, with its snapshot.
fn contents_of<'p>(channels: &BTreeMap<String, String>, plan: &'p PublicationPlan) -> BTreeMap<String, (String, &'p Contents)> {
    channels.iter().filter_map(|(name, snapshot)| Some((name.clone(), (snapshot.clone(), &plan.channels.get(name)?.after)))).collect()
}
