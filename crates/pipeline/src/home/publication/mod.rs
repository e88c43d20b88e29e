//! Use cases: publications. Packages, advisories and pages change in one step, or not at all.
//!
//! Eight rules make it one step:
//!
//! 1. **One at a time.** A process that changes a site holds its lock from before the log is read until after the pointer is switched. On
//!    all machines that share the ledger, one publication of a release line runs at a time: it is a job, and keeps its place until the
//!    store has everything.
//! 2. **The site belongs to the log.** A site with a publication that the log does not have belongs to another ledger, or is newer than
//!    this copy of the log: it is not changed.
//! 3. **An interrupted publication is completed first.** The log can be ahead of the site in one way only: its last publication is laid out
//!    and the pointer is not switched. Nothing is planned on top of that.
//! 4. **Keys and store are checked before anything changes.** A key that is lost or expired ends the run with everything as it was.
//! 5. **Everything is written beside the publication in force**: packages into the pool, snapshots, trees, then the publication's folder.
//!    All files are named by their content or by an id that was never used, so that a run that dies leaves only files to which nothing
//!    points.
//! 6. **Consumers are asked about the files that were written**, and a disagreement ends the run.
//! 7. **The log decides.** The publication's event is committed with the events of cases and advisories that it shows, in one batch, on the
//!    log as it was read. Where a subject that was read has changed, or the job was cancelled or has lost its place, nothing of the batch
//!    is written. From the commit on it counts as published, and a death before the switch is case 3.
//! 8. **One rename switches**, and old publications are removed only after it. The store follows: it may be behind the site, never ahead.

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
use seaworthy_model::subject::{ImageReleased, Shipped, Subject, SubjectId, edition, keys};
use seaworthy_model::{Digest, ReleaseLine};
use seaworthy_publish::contract::Concluded;
use seaworthy_publish::press::{Documents, InstalledPrograms, Packages, Replaced, conclude, documents};
use seaworthy_publish::site::Index;

pub use change::{Promotion, PublicationRequest, Withdrawal, WithdrawalRequest};
pub use compare::{ChannelDifference, PublicationDifference};
pub use documents::{ConsumersDocument, DifferenceDocument, PublicationDocument, VerificationDocument};
pub use plan::{ChannelPlan, LeftBehind, PlanDocument, PublicationPlan, Rewrite, TallyRow};
pub use store::{StoreComparison, StoreState};
pub use verify::{VerifiedPublication, VerifyRequest, Wrong};

use publisher::Publisher;
use store::Target;

use super::running::{RunKind, Running};
use super::{Home, HomeError, Notice, PublicationError, Stage};

/// The number of publications that are kept on disk. Snapshots, which clients can pin, are all kept.
const KEPT: usize = 16;

/// The options of a publication.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PublishOptions {
    /// The digest of the plan that the caller agreed to: any other plan is an error. `None` accepts any plan.
    pub expected: Option<Digest>,
    /// Whether the programs OpenSCAP and dnf are asked as well, and not only the models of consumers.
    pub programs: bool,
    /// Whether a first publication goes on that calls many packages affected although the spec tree has the fix.
    pub accept_undelivered: bool,
}

/// The outcome of a publication.
pub enum PublicationOutcome {
    /// Nothing was published, since the publication in force has the same content.
    Unchanged {
        /// The id of the publication in force.
        id: String,
        /// The state of the store, or the error because of which it does not have everything; `None` where the settings name no store.
        store: Option<Result<StoreState, HomeError>>,
    },
    /// Nothing was published, since consumers would conclude something else.
    Refused(Box<Concluded>),
    /// The publication is in force.
    Published(Box<Published>),
}

/// A publication that was made.
pub struct Published {
    /// The id of the publication.
    pub id: String,
    /// The plan, with which the consumers agree.
    pub plan: PublicationPlan,
    /// The number of packages that were signed again, since a key that had signed them is gone.
    pub signed_again: usize,
    /// The state of the store, or the error because of which it does not have everything; `None` where the settings name no store.
    pub store: Option<Result<StoreState, HomeError>>,
}

/// The keys and the store of a publication.
struct Outputs {
    /// The keys, each of which has made a test signature.
    signers: Signers,
    store: Option<Target>,
}

impl Home {
    /// The plan of a publication, with the conclusions of the models of consumers. Nothing is written.
    ///
    /// # Errors
    /// When the request names a file, channel or snapshot that does not exist, or the home cannot be read.
    pub fn plan_publication(&self, request: &PublicationRequest) -> Result<PublicationPlan, HomeError> {
        self.report_no_cycle(&*self.ledger_to_read()?, Some(&self.line(request.line.as_ref())))?;
        self.planned(request.line.as_ref(), |publisher| publisher.plan(request))
    }

    /// A plan with the conclusions of the models of consumers.
    fn planned(
        &self,
        line: Option<&ReleaseLine>,
        plan: impl FnOnce(&mut Publisher<'_>) -> Result<PublicationPlan, HomeError>,
    ) -> Result<PublicationPlan, HomeError> {
        let work = self.work(&Stage::Preparing);
        let mut publisher = Publisher::open(self, line)?;
        let mut plan = plan(&mut publisher)?;
        plan.rewrites = publisher.rewrites(&plan)?;
        work.stage(&Stage::Consumers);
        plan.concluded = Some(publisher.concluded(&plan, None)?);
        Ok(plan)
    }

    /// The plan of a withdrawal, with the conclusions of the models of consumers. Nothing is written.
    ///
    /// # Errors
    /// As [`Home::plan_publication`], and where the reason is empty or nobody is named who withdraws.
    pub fn plan_withdrawal(&self, request: &WithdrawalRequest) -> Result<PublicationPlan, HomeError> {
        request.check()?;
        self.planned(request.line.as_ref(), |publisher| publisher.withdrawal(request))
    }

    /// Publishes packages, advisories and pages in one step, or nothing. A second run without news changes nothing.
    ///
    /// # Errors
    /// When the request names something that does not exist, the plan is not the `expected` one, no key can sign, or the log changed
    /// meanwhile; when another publication of the line goes on, or this one was cancelled.
    pub fn publish(&self, request: &PublicationRequest, options: PublishOptions) -> Result<PublicationOutcome, HomeError> {
        self.publication(request.line.as_ref(), options, |publisher| publisher.plan(request))
    }

    /// Withdraws packages, or lets a channel point to an earlier snapshot, and revises the advisories, in one step.
    ///
    /// # Errors
    /// As [`Home::publish`], and where the reason is empty or nobody is named who withdraws.
    pub fn withdraw(&self, request: &WithdrawalRequest, options: PublishOptions) -> Result<PublicationOutcome, HomeError> {
        request.check()?;
        self.person()?;
        self.publication(request.line.as_ref(), options, |publisher| publisher.withdrawal(request))
    }

    /// Makes a plan and carries it out, as a job.
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

    /// The state, keys and store for a publication. An interrupted publication is completed first.
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
    /// Writes everything beside the publication in force, asks the consumers, and puts it in force: see the rules above.
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
        if let Some(count) = plan.undelivered().filter(|_| !options.accept_undelivered) {
            return Err(PublicationError::Undelivered { count, of: plan.advisories().len() }.into());
        }
        plan.rewrites = self.rewrites(&plan)?;
        let home = self.home;
        let step = |stage: &Stage<'_>| running.renew(stage).map(|()| home.stage(stage));
        step(&Stage::Repository)?;
        let (channels, signed_again) = self.write_snapshots(&mut plan, signers)?;
        step(&Stage::Documents)?;
        let Documents { trees, files } = documents(&plan.edition, signers, &plan.stock(&channels, &self.settings().public))?;
        let written = self.site.write(&trees, &|at| home.stage(&Stage::Tree(at)))?;
        drop(trees);
        let digests = files.iter().map(|f| (f.path.clone(), Digest::of(&f.bytes))).collect();
        let index = Index::new(written, digests, channels.clone());
        let drafts = std::mem::take(&mut plan.drafts);
        if let Some(id) = self.last().filter(|last| last.content == index.content()).map(|last| last.id.clone()) {
            // Where nothing is written the run has come to its end all the same, and cannot be cancelled any more.
            let expect = if drafts.is_empty() { Vec::new() } else { self.read_subjects(&plan) };
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
        home.options.progress.notice(&Notice::ForGood { withdrawal: plan.why.is_some() });
        let id = self.id(0);
        self.site.lay_out(&id, &index, &files)?;
        self.log(&id, &index, channels, &plan, drafts, running.lease())?;
        self.site.switch(&id)?;
        self.site.prune(KEPT)?;
        let store = store.as_ref().map(|store| store.push(home, &self.site, &id));
        Ok(PublicationOutcome::Published(Box::new(Published { id, plan, signed_again, store })))
    }

    /// The subjects that a publication follows from, with the version at which they were read: the edition of the line, the images, the
    /// keys, and the inventory of the line where names are told of it. A case that is assigned meanwhile is no reason to publish again.
    fn read_subjects(&self, plan: &PublicationPlan) -> Vec<(SubjectId, u64)> {
        let line = &self.distribution.line;
        let inventory = (!plan.told().is_empty()).then(|| SubjectId::new(<Shipped as Subject>::KIND, line));
        let subjects = [edition(line), ImageReleased::all(), keys()].into_iter().chain(inventory);
        subjects.map(|subject| (subject, self.head)).collect()
    }

    /// Commits the publication to the log: from here on it counts as published.
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
        let actor = if plan.why.is_some() { self.home.person()? } else { self.home.actor() };
        let event = Draft::new(self.now, actor, Event::Publication(publication));
        drafts.push(Draft { why: plan.why.clone(), ..event });
        drafts.extend(self.home.changed_settings(&self.ledger)?);
        self.ledger.commit(Batch { events: drafts, expect: self.read_subjects(plan), job: Some(job) })?;
        Ok(())
    }

    /// The conclusions of consumers from the advisories and from the channels for users. Installed programs read the files that were
    /// written, so that a plan has none to ask.
    fn concluded(&self, plan: &PublicationPlan, real: Option<InstalledPrograms<'_>>) -> Result<Concluded, HomeError> {
        let public = plan.channels.iter().filter(|(name, _)| self.settings().public.contains(name));
        let held = public.map(|(name, channel)| (name.clone(), (channel.snapshot.clone().unwrap_or_default(), &channel.after)));
        Ok(conclude(&plan.edition, &held.collect(), real)?)
    }

    /// Puts packages into the pool and writes the snapshots that differ. Gives the snapshot of each channel, and the number of packages
    /// that were signed again.
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

/// Replaces packages in all channels.
fn replace(packages: &Packages<'_>, plan: &mut PublicationPlan, replaced: &Replaced) -> Result<(), HomeError> {
    if !replaced.is_empty() {
        for channel in plan.channels.values_mut() {
            channel.after = packages.replace(&channel.after, replaced)?;
        }
    }
    Ok(())
}
