//! Jobs: one run at a time, the reasons that stop a run, and the state that it leaves.

use std::sync::{Arc, Mutex};

use jiff::SignedDuration;
use seaworthy_ledger::{Job, JobState};
use seaworthy_pipeline::{
    CycleRequest, Home, HomeError, Kind, LogRequest, Notice, Progress, PublicationOutcome, PublicationRequest, Stage,
};
use seaworthy_testing::harbor;

use crate::home::{MODELS, Office, cycle_of, specs};

/// A watcher that runs a function on each stage.
struct At<F>(&'static str, F);

impl<F: Fn() + Send + Sync> Progress for At<F> {
    fn stage(&self, stage: &Stage<'_>) {
        if stage.to_string().starts_with(self.0) {
            (self.1)();
        }
    }

    fn notice(&self, _: &Notice) {}

    fn end(&self) {}
}

on_both! {
    a_cycle_is_cancelled_before_each_step,
    a_publication_is_cancelled_before_each_step,
    a_run_that_lost_its_place_writes_nothing,
    a_second_run_is_told_who_has_the_place,
    a_run_renews_its_lease_by_what_it_reports,
}

fn jobs(home: &Home) -> Vec<Job> {
    home.jobs(true, None).unwrap().jobs
}

/// The number of events of a kind.
fn events(home: &Home, kind: &str) -> usize {
    home.log(&LogRequest { kind: Some(kind.into()), embargoed: true, ..LogRequest::default() }).unwrap().len()
}

/// The error of a run that failed.
fn refused<T>(done: Result<T, HomeError>) -> (Kind, String) {
    match done {
        Ok(_) => panic!("it was done"),
        Err(error) => (error.kind(), error.to_string()),
    }
}

/// A run that is cancelled leaves the cases as they were, at any stage, and also where it is cancelled after the last check of its lease.
fn a_cycle_is_cancelled_before_each_step(settings: &str) {
    let office = Arc::new(Office::with(settings).synced());
    for (nth, stage) in ["reading what is shipped", "judging", "bringing the cases up to it"].into_iter().enumerate() {
        let other = office.home();
        let cancel = move || {
            let running = other.jobs(false, None).unwrap().jobs.remove(0);
            let asked = other.cancel_job(running.id).unwrap();
            assert_eq!((asked.state, asked.kind, asked.about), (JobState::Running, "cycle".to_owned(), "1.0".to_owned()));
        };
        let home = office.home_for("cron", Arc::new(At(stage, cancel)));
        let (kind, said) = refused(home.cycle(&cycle_of(specs())));
        assert!(kind == Kind::Cancelled && said.contains("was cancelled by mia"), "{stage}: {said}");
        let jobs = jobs(&home);
        assert_eq!(
            (jobs.len(), jobs[0].state, &*jobs[0].actor, jobs[0].committed),
            (nth + 1, JobState::Cancelled, "cron", None),
            "{stage}"
        );
        assert_eq!(events(&home, "case"), 0, "{stage}");
    }
    // The place is free, and a cancel of before is not that of this run.
    assert!(office.home().cycle(&cycle_of(specs())).unwrap().first);
    assert!(events(&office.home(), "case") > 0);
    let done = jobs(&office.home()).remove(0);
    assert_eq!((done.state, done.committed.is_some(), done.progress.unwrap().step), (JobState::Done, true, "cases".to_owned()));
    assert!(office.home().cancel_job(done.id).is_err_and(|e| e.kind() == Kind::Conflict), "it has ended");
}

fn a_publication_is_cancelled_before_each_step(settings: &str) {
    let office = Office::with(settings).synced().opened();
    let request = PublicationRequest::default();
    for stage in [
        "preparing the publication",
        "writing the package repository",
        "writing advisories and pages",
        "asking what consumers conclude",
        "putting it in force",
    ] {
        let other = office.home();
        let cancel = move || drop(other.cancel_job(other.jobs(false, None).unwrap().jobs.remove(0).id).unwrap());
        let home = office.home_for("cron", Arc::new(At(stage, cancel)));
        let (kind, said) = refused(home.publish(&request, MODELS));
        assert!(kind == Kind::Cancelled && said.contains("was cancelled by mia"), "{stage}: {said}");
        let last = jobs(&home).remove(0);
        assert_eq!((&*last.kind, &*last.about, last.state), ("publication", "1.0", JobState::Cancelled), "{stage}");
        assert_eq!((home.site().current().unwrap(), events(&home, "publication")), (None, 0), "{stage}");
        assert_eq!(events(&home, "advisory_stated"), 0, "{stage}");
    }
    let PublicationOutcome::Published(published) = office.home().publish(&request, MODELS).unwrap() else { panic!("it is not published") };
    assert_eq!(office.home().site().current().unwrap().as_ref(), Some(&published.id));
    let done = jobs(&office.home()).remove(0);
    assert_eq!((done.state, done.committed), (JobState::Done, Some(office.home().log_head().unwrap().seq)));
    // A run that finds nothing to write ends as well.
    assert!(matches!(office.home().publish(&request, MODELS).unwrap(), PublicationOutcome::Unchanged { .. }));
    assert_eq!(jobs(&office.home())[0].state, JobState::Done);
}

/// A run without progress for longer than its lease, while another one wants its place.
fn a_run_that_lost_its_place_writes_nothing(settings: &str) {
    let office = Office::with(settings).synced();
    let (clock, other) = (office.clock.clone(), office.home());
    let overtake = move || {
        let mut now = clock.0.lock().unwrap();
        *now = now.checked_add(SignedDuration::from_mins(16)).unwrap();
        drop(now);
        other.cycle(&cycle_of(specs())).unwrap();
    };
    let home = office.home_for("cron", Arc::new(At("bringing the cases up to it", overtake)));
    let (kind, said) = refused(home.cycle(&cycle_of(specs())));
    assert!(kind == Kind::Busy && said.contains("has lost its place"), "{said}");
    let found: Vec<_> = jobs(&home).into_iter().map(|job| (job.actor, job.state)).collect();
    assert_eq!(found, [("mia".to_owned(), JobState::Done), ("cron".to_owned(), JobState::Lost)]);
    assert_eq!(events(&home, "scanned"), 1, "the other one's alone");
}

fn a_second_run_is_told_who_has_the_place(settings: &str) {
    let office = Office::with(settings).synced();
    let (told, other) = (Arc::new(Mutex::new(Vec::new())), office.home());
    let seen = told.clone();
    let second = move || {
        let line = Some("2.0".parse().unwrap());
        let mut seen = seen.lock().unwrap();
        seen.push(refused(other.cycle(&cycle_of(specs()))));
        other.cycle(&CycleRequest { line, ..cycle_of(specs()) }).unwrap();
    };
    let home = office.home_for("cron", Arc::new(At("judging", second)));
    home.cycle(&cycle_of(specs())).unwrap();
    let (kind, said) = told.lock().unwrap().remove(0);
    let first = jobs(&home).into_iter().find(|job| job.about == "1.0").unwrap();
    let expected = format!("job {} (cycle of 1.0) is run by cron on {} since {}", first.id, first.worker, first.begun);
    assert!(kind == Kind::Busy && said.starts_with(&expected) && !first.worker.is_empty(), "{said}");
    let found: Vec<_> = jobs(&home).into_iter().map(|job| (job.about, job.state)).collect();
    assert_eq!(found, [("2.0".to_owned(), JobState::Done), ("1.0".to_owned(), JobState::Done)], "another line, and no job of one refused");
}

/// The clock moves on by ten seconds with each report of a sync, so that every second report renews the lease.
fn a_run_renews_its_lease_by_what_it_reports(settings: &str) {
    let at = |name: &str| harbor(name).display().to_string();
    let sources = format!("[sources]\nnvd = {:?}\nkev = {:?}\nepss = \"off\"\n", at("knowledge/nvd"), at("knowledge/kev.json"));
    let office = Office::with(&format!("{settings}{sources}"));
    let (clock, other, seen) = (office.clock.clone(), office.home(), Arc::new(Mutex::new(Vec::new())));
    let noted = seen.clone();
    let look = move || {
        let job = other.jobs(false, None).unwrap().jobs.remove(0);
        noted.lock().unwrap().push((other.now().duration_since(job.renewed).as_secs(), job.progress.map(|p| p.step)));
        let mut now = clock.0.lock().unwrap();
        *now = now.checked_add(SignedDuration::from_secs(10)).unwrap();
    };
    let home = office.home_for("cron", Arc::new(At("", look)));
    home.cycle(&CycleRequest { sync: true, ..cycle_of(specs()) }).unwrap();
    let seen = seen.lock().unwrap();
    // Files are read at once, so that two of their reports may come between a look and a renewal.
    assert!(seen.iter().all(|(since, _)| *since <= 30), "{seen:?}");
    assert!(seen.iter().filter(|(since, _)| *since >= 10).count() > 1, "not with each report: {seen:?}");
    let steps: Vec<Option<&str>> = seen.iter().map(|(_, step)| step.as_deref()).collect();
    assert_eq!((steps[0], steps[1], steps.last()), (None, Some("sources"), Some(&Some("cases"))), "{seen:?}");
}
