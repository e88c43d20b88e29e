//! Conclusions from knowledge that is missing or old.

use std::fs;
use std::sync::{Arc, Mutex};

use jiff::SignedDuration;
use seaworthy_model::SourceKind;
use seaworthy_pipeline::{HomeError, Kind, Notice, Progress, ScanRequest, Scanned, Sources, Stage, SyncRequest};
use seaworthy_testing::harbor;

use crate::home::{Office, cycle_of, scan_of_specs, specs};

/// The notices of work.
#[derive(Default)]
struct Notices(Mutex<Vec<Notice>>);

impl Progress for Notices {
    fn stage(&self, _: &Stage<'_>) {}

    fn notice(&self, notice: &Notice) {
        self.0.lock().unwrap().push(notice.clone());
    }

    fn end(&self) {}
}

/// Scans Harbor Linux; gives the outcome and the notices.
fn scan(office: &Office, max_age: Option<&str>) -> (Result<Scanned, HomeError>, Vec<Notice>) {
    let notices = Arc::new(Notices::default());
    let max_age = max_age.map(|span| span.parse().unwrap());
    let request = ScanRequest { max_age, ..scan_of_specs() };
    let scanned = office.home_for("mia", notices.clone()).scan(&request);
    (scanned, std::mem::take(&mut *notices.0.lock().unwrap()))
}

#[test]
fn without_records_there_is_no_all_clear() {
    let office = Office::new();
    let kev = Some(harbor("knowledge/kev.json").display().to_string());
    let sources = Sources { kev, nvd: Some("/nonexistent/nvd".into()), ..Sources::default() };
    let synced = office.home().sync(&SyncRequest { sources, api_key: None }).unwrap();
    assert!(synced.report.errors.contains_key(&SourceKind::Nvd), "KEV arrived, NVD did not");
    let (scanned, _) = scan(&office, None);
    let cycled = office.home().cycle(&cycle_of(specs()));
    for error in [scanned.unwrap_err(), cycled.unwrap_err()] {
        assert!(matches!(error, HomeError::NoRecords), "{error}");
        assert_eq!(error.kind(), Kind::NotFound);
    }
}

#[test]
fn old_records_are_told_with_their_age_and_refused_where_that_is_asked_for() {
    let office = Office::new().synced();
    let (scanned, notices) = scan(&office, Some("1h"));
    assert!(scanned.is_ok() && notices.is_empty(), "{notices:?}");
    // Two days are no age; with an hour more they are.
    let mut now = office.clock.0.lock().unwrap();
    *now = now.checked_add(SignedDuration::from_hours(48)).unwrap();
    drop(now);
    assert_eq!(scan(&office, Some("2d")).1, []);
    office.later();
    let (scanned, notices) = scan(&office, None);
    assert!(scanned.is_ok());
    assert!(matches!(notices[..], [Notice::OldRecords { kind: SourceKind::Nvd, days: 2, .. }]), "{notices:?}");
    let error = scan(&office, Some("2d")).0.unwrap_err();
    assert!(matches!(error, HomeError::OldRecords { kind: SourceKind::Nvd, .. }), "{error}");
    assert_eq!(error.kind(), Kind::Conflict);
}

#[test]
fn a_source_that_is_switched_off_is_not_late() {
    let office = Office::new().synced();
    let home = office.home();
    let sources = |epss: &str| Sources { epss: Some(epss.into()), ..Sources::default() };
    assert!(home.sync(&SyncRequest { sources: sources("/nonexistent/epss"), api_key: None }).is_err());
    assert!(home.status().unwrap().sources[&SourceKind::Epss].error.is_some());
    let settings = office.folder.path().join("home/seaworthy.toml");
    let text = fs::read_to_string(&settings).unwrap();
    fs::write(&settings, format!("{text}\n[sources]\nepss = \"off\"\nkev = \"off\"\n")).unwrap();
    let status = office.home().status().unwrap();
    assert!(!status.sources.contains_key(&SourceKind::Epss), "it has no record");
    assert!(status.sources[&SourceKind::Kev].records() > 0, "its last good records count");
}
