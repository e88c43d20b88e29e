//! The first cycle of a team that has a past: what had been delivered is history, and neither planned nor told as open.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::process::Command;

use seaworthy_model::case::{Case, CaseEvent, CaseKey, CaseState, CaseStep, priority};
use seaworthy_pipeline::{
    AdoptRequest, CycleRequest, DeliveredBy, Home, Kind, PlanRequest, PublicationRequest, PublishOptions, QueueRequest, Selection, Source,
    Sources, SyncRequest, TakenOver,
};
use seaworthy_testing::harbor;

use crate::home::{MODELS, Office, cycle_of, released, spec_tree};

on_both! {
    what_the_newest_tag_has_is_history_and_what_came_after_it_is_planned,
    a_tag_tells_of_the_folder_of_the_specs_alone,
    a_record_that_comes_later_and_names_an_old_fix_is_history,
    a_first_cycle_that_was_told_something_wrong_is_undone_and_made_again,
}

/// The fix in curl 8.8.0-2 of July 2024.
const OLD: &str = "CVE-2024-6197";
/// The fix that the tests add in 8.8.0-3.
const NEW: &str = "CVE-2024-7264";

fn git(at: &Path, arguments: &[&str]) {
    let mut command = Command::new("git");
    // The tag is of the day after its last fix.
    command.env("GIT_COMMITTER_DATE", "2024-07-26T12:00:00Z");
    command.current_dir(at).args(["-c", "user.name=Mia", "-c", "user.email=mia@example.org"]).args(arguments);
    let out = command.output().unwrap();
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
}

/// The specs of Harbor Linux in git, with the tag `2024.07` on them, and a commit after it by which curl 8.8.0-3 fixes another CVE.
fn repository(at: &Path) {
    copy_specs(at);
    git(at, &["init", "--quiet"]);
    git(at, &["add", "."]);
    git(at, &["commit", "--quiet", "-m", "July"]);
    git(at, &["tag", "2024.07"]);
    fix(at, NEW);
    git(at, &["commit", "--quiet", "--all", "-m", "curl: fix"]);
}

fn copy_specs(at: &Path) {
    for package in fs::read_dir(harbor("specs")).unwrap() {
        let package = package.unwrap();
        let to = at.join(package.file_name());
        fs::create_dir_all(&to).unwrap();
        for file in fs::read_dir(package.path()).unwrap() {
            let file = file.unwrap();
            fs::copy(file.path(), to.join(file.file_name())).unwrap();
        }
    }
}

/// Adds the changelog entry of a fix to curl, in its next release.
fn fix(at: &Path, cve: &str) {
    let spec = at.join("curl/curl.spec");
    let text = fs::read_to_string(&spec).unwrap();
    let entry = format!("%changelog\n* Mon Sep 30 2024 Harbor Security <security@harbor.example> - 8.8.0-3\n- Patch {cve}\n\n");
    fs::write(&spec, text.replace("Release:        2%", "Release:        3%").replace("%changelog\n", &entry)).unwrap();
}

fn by_key(home: &Home) -> BTreeMap<CaseKey, Case> {
    let query = QueueRequest { states: CaseState::ALL.to_vec(), limit: 1000, ..QueueRequest::default() };
    home.desk().unwrap().queue(&query).unwrap().cases.into_iter().map(|queued| (queued.case.key.clone(), queued.case)).collect()
}

fn cases(home: &Home) -> BTreeMap<String, Case> {
    by_key(home).into_iter().map(|(key, case)| (key.cve.to_string(), case)).collect()
}

/// The urgency of an open case; `None` of another.
fn weight(case: &Case) -> Option<i32> {
    case.state.is_open().then(|| priority(case).score)
}

fn standings(home: &Home) -> BTreeMap<String, String> {
    let plan = home.plan_publication(&PublicationRequest::default()).unwrap();
    plan.advisories().iter().map(|a| (a.cve.to_string(), a.standing.as_str().to_owned())).collect()
}

fn what_the_newest_tag_has_is_history_and_what_came_after_it_is_planned(settings: &str) {
    let office = Office::with(settings).synced();
    let tree = office.folder.path().join("specs");
    repository(&tree);
    let at = |revision: &str| spec_tree(&format!("{}@{revision}", tree.display()));
    let first = CycleRequest { delivered: None, ..cycle_of(at("HEAD")) };
    let cycled = office.home().cycle(&first).unwrap();
    // What is open and urgent comes first, and what was opened and closed counts as closed.
    let all = by_key(&office.home());
    let order: Vec<Option<i32>> = cycled.events.iter().map(|step| weight(&all[&step.key])).collect();
    assert!(order.first().is_some_and(Option::is_some) && order.iter().is_sorted_by(|a, b| a >= b), "{order:?}");
    let is_opened = |step: &CaseStep| matches!(step.event, CaseEvent::Opened { .. });
    let lasting: Vec<&CaseStep> = cycled.lasting().filter(|step| is_opened(step)).collect();
    assert_eq!((lasting.len(), cycled.events.iter().filter(|step| is_opened(step)).count()), (cycled.open, all.len()));
    assert!(lasting.iter().all(|step| step.key.cve.to_string() != OLD));
    let all = cases(&office.home());
    let day = |text: &str| text.parse().unwrap();
    let taken = TakenOver { fixes: 1, delivered: DeliveredBy::Tag("2024.07".into()), from: day("2024-07-25"), to: day("2024-07-25") };
    assert_eq!(cycled.taken_over, Some(taken));
    let published = |cve: &str| all[cve].published.as_ref().map(|p| (p.at.to_string(), p.version.as_ref().unwrap().to_string()));
    assert_eq!(published(OLD), Some(("2024-07-25T00:00:00Z".into(), "8.8.0-2".into())));
    assert_eq!((all[NEW].state, published(NEW)), (CaseState::Fixed, None));

    let plan = office.home().plan(&PlanRequest::default()).unwrap();
    let planned: Vec<String> = plan.out_of_band.iter().map(|item| item.key.cve.to_string()).collect();
    let boards: Vec<String> = plan.trains.iter().flat_map(|t| &t.boards).map(|b| b.item.key.cve.to_string()).collect();
    assert!(!planned.contains(&OLD.to_owned()) && !boards.contains(&OLD.to_owned()), "{planned:?} {boards:?}");
    assert!(planned.contains(&NEW.to_owned()) || boards.contains(&NEW.to_owned()), "{planned:?} {boards:?}");
    let told = standings(&office.home());
    assert_eq!((told[OLD].as_str(), told[NEW].as_str()), ("fixed", "affected"));

    let again = office.later().home().cycle(&first).unwrap();
    assert_eq!((again.events, again.taken_over), (Vec::new(), None));
    // The next tag is no first cycle any more: what it delivers is named.
    git(&tree, &["tag", "2024.10"]);
    assert!(office.later().home().cycle(&first).unwrap().events.is_empty());
    let named = CycleRequest { delivered: Some(Source::release(&format!("{}@2024.10", tree.display()))), ..first };
    let arrived = office.later().home().cycle(&named).unwrap();
    assert_eq!((arrived.events.len(), arrived.taken_over), (1, None));
    assert_eq!(standings(&office.home())[NEW], "fixed");
}

fn a_tag_tells_of_the_folder_of_the_specs_alone(settings: &str) {
    let office = Office::with(settings).synced();
    let root = office.folder.path().join("lines");
    let (ours, other) = (root.join("ours"), root.join("other"));
    [&ours, &other].into_iter().for_each(|at| copy_specs(at));
    // By the tag, another line had the fix already.
    fix(&other, NEW);
    git(&root, &["init", "--quiet"]);
    git(&root, &["add", "."]);
    git(&root, &["commit", "--quiet", "-m", "July"]);
    git(&root, &["tag", "2024.07"]);
    fix(&ours, NEW);
    office.home().cycle(&CycleRequest { delivered: None, ..cycle_of(spec_tree(&ours.display().to_string())) }).unwrap();
    let all = cases(&office.home());
    assert!(all[OLD].is_history() && all[NEW].published.is_none(), "{:?}", all[NEW]);
}

fn a_record_that_comes_later_and_names_an_old_fix_is_history(settings: &str) {
    let office = Office::with(settings).synced();
    let tree = office.folder.path().join("specs");
    repository(&tree);
    // CVE-2024-0999 is named by a changelog entry of before the first cycle, and by no record yet.
    let late = "CVE-2024-0999";
    let spec = tree.join("curl/curl.spec");
    fs::write(&spec, fs::read_to_string(&spec).unwrap().replace("- Patch CVE-2024-6197\n", &format!("- Patch CVE-2024-6197, {late}\n")))
        .unwrap();
    let request = CycleRequest { delivered: None, ..cycle_of(spec_tree(&tree.display().to_string())) };
    let first = office.home().cycle(&request).unwrap();
    assert_eq!(first.taken_over.map(|taken| taken.delivered), Some(DeliveredBy::Tag("2024.07".into())), "of a work tree");
    assert!(!cases(&office.home()).contains_key(late));

    let feed = office.folder.path().join("feed");
    records(&feed, &[late.to_owned()]);
    let sources = Sources { nvd: Some(feed.display().to_string()), ..Office::sources() };
    office.later().home().sync(&SyncRequest { sources, api_key: None }).unwrap();
    let cycled = office.later().home().cycle(&request).unwrap();
    let now = office.home().cycle(&request).unwrap();
    assert_eq!((cycled.taken_over.map(|taken| taken.fixes), now.events), (Some(1), Vec::new()));
    let case = &cases(&office.home())[late];
    assert_eq!(case.published.as_ref().map(|p| p.at), Some(case.opened), "it became known now");

    // One of a fix that came after the tag is still to be delivered.
    let newer = "CVE-2024-0998";
    fs::write(&spec, fs::read_to_string(&spec).unwrap().replace(&format!("- Patch {NEW}\n"), &format!("- Patch {NEW}, {newer}\n")))
        .unwrap();
    records(&feed, &[late.to_owned(), newer.to_owned()]);
    let sources = Sources { nvd: Some(feed.display().to_string()), ..Office::sources() };
    office.later().home().sync(&SyncRequest { sources, api_key: None }).unwrap();
    assert_eq!(office.later().home().cycle(&request).unwrap().taken_over, None);
    assert_eq!(cases(&office.home())[newer].published, None);
}

fn a_first_cycle_that_was_told_something_wrong_is_undone_and_made_again(settings: &str) {
    let office = Office::with(settings).synced();
    let tree = office.folder.path().join("specs");
    repository(&tree);
    let wrong = cycle_of(spec_tree(&format!("{}@HEAD", tree.display())));
    assert_eq!(office.home().cycle(&wrong).unwrap().taken_over, None, "the packages of June have no fix");
    let home = office.later().home();
    let desk = home.desk().unwrap();
    let batch = desk.batches(1, false).unwrap().batches.remove(0);
    desk.undo(&desk.undoing(batch.batch, false).unwrap(), None).unwrap();
    let right = CycleRequest { delivered: None, ..wrong };
    let cycled = office.later().home().cycle(&right).unwrap();
    assert_eq!(cycled.taken_over.as_ref().map(|taken| taken.fixes), Some(1));
    assert_eq!(cases(&office.home())[OLD].published.as_ref().map(|p| p.at.to_string()), Some("2024-07-25T00:00:00Z".into()));
    let batch = office.home().desk().unwrap().batches(1, false).unwrap().batches.remove(0);
    assert_eq!((batch.at, batch.why), (office.home().now(), None), "it is of the day on which it was written, and not all is history");
    // History is no deadline that was missed.
    let late = office.home().sla(&PlanRequest::default()).unwrap().late;
    assert!(!late.iter().any(|late| late.key.cve.to_string() == OLD), "{late:?}");
}

/// Writes records that name curl before 9.
fn records(folder: &Path, cves: &[String]) {
    let mut all = String::new();
    for cve in cves {
        let comma = if all.is_empty() { "" } else { "," };
        let _ = write!(
            all,
            r#"{comma}{{"cve": {{"id": "{cve}", "published": "2024-09-30T00:00:00.000", "lastModified": "2024-09-30T00:00:00.000",
            "vulnStatus": "Analyzed", "descriptions": [{{"lang": "en", "value": "Made up."}}],
            "configurations": [{{"nodes": [{{"operator": "OR", "negate": false, "cpeMatch": [{{"vulnerable": true,
            "criteria": "cpe:2.3:a:haxx:curl:*:*:*:*:*:*:*:*", "versionEndExcluding": "9.0"}}]}}]}}]}}}}"#
        );
    }
    fs::create_dir_all(folder).unwrap();
    fs::write(folder.join("nvdcve-2.0-2024.json"), format!(r#"{{"format": "NVD_CVE", "version": "2.0", "vulnerabilities": [{all}]}}"#))
        .unwrap();
}

/// A home that knows of thirty CVEs, and a spec tree whose curl fixes them.
fn thirty_fixes() -> (Office, Selection) {
    let office = Office::new();
    let cves: Vec<String> = (1000..1030).map(|n| format!("CVE-2024-{n}")).collect();
    let feed = office.folder.path().join("feed");
    records(&feed, &cves);
    let sources = Sources { nvd: Some(feed.display().to_string()), ..Office::sources() };
    office.home().sync(&SyncRequest { sources, api_key: None }).unwrap();
    let tree = office.folder.path().join("specs");
    repository(&tree);
    fix(&tree, &cves.join(", "));
    (office, spec_tree(&tree.display().to_string()))
}

#[test]
fn a_first_publication_that_calls_what_is_fixed_affected_is_refused() {
    let (office, selection) = thirty_fixes();
    // The packages of June have none of the fixes; so says who did not name the ones of today.
    assert_eq!(office.home().cycle(&cycle_of(selection.clone())).unwrap().taken_over, None);
    let office = office.with_key();
    let plan = office.home().plan_publication(&PublicationRequest::default()).unwrap();
    assert_eq!(plan.undelivered(), Some(30));
    let Err(error) = office.home().publish(&PublicationRequest::default(), MODELS) else { panic!("it was published") };
    assert_eq!(error.kind(), Kind::Request, "{error}");
    assert!(error.to_string().contains("30 of the 30 advisories") && error.to_string().contains("--delivered"), "{error}");

    let told = || {
        let plan = office.home().plan_publication(&PublicationRequest::default()).unwrap();
        let rows = plan.tally();
        rows.iter().map(|row| (row.year, row.standing, row.advisories)).collect::<Vec<_>>()
    };
    assert_eq!(told(), [(2024, "affected", 30)]);
    let delivered = CycleRequest { delivered: Some(selection.source.clone()), ..cycle_of(selection) };
    office.later().home().cycle(&delivered).unwrap();
    assert_eq!(told(), [(2024, "fixed", 30)]);
    office.publish(&PublicationRequest::default());
}

#[test]
fn who_means_it_publishes_undelivered_fixes() {
    let (office, selection) = thirty_fixes();
    office.home().cycle(&cycle_of(selection)).unwrap();
    let office = office.with_key();
    let meant = PublishOptions { accept_undelivered: true, ..MODELS };
    office.later().home().publish(&PublicationRequest::default(), meant).unwrap();
    // It was said once; from then on nothing is asked.
    assert_eq!(office.home().plan_publication(&PublicationRequest::default()).unwrap().undelivered(), None);
}

#[test]
fn changelogs_are_a_history_to_adopt() {
    let office = Office::new().synced();
    let tree = office.folder.path().join("specs");
    repository(&tree);
    let release = |revision: &str| Source::release(&format!("{}@{revision}", tree.display()));
    let request = |releases: Vec<Source>| AdoptRequest {
        history: None,
        releases,
        until: None,
        retired: false,
        channel: "updates".into(),
        line: None,
    };
    let adopted = office.home().desk().unwrap().adopt(&request(vec![release("2024.07")])).unwrap();
    assert_eq!((adopted.published, adopted.not_there), (1, 0));
    let adopted = office.home().desk().unwrap().adopt(&request(vec![release("2024.07"), release("HEAD")])).unwrap();
    assert_eq!((adopted.published, adopted.known), (1, 1));
    let case = &cases(&office.home())[NEW];
    assert_eq!(case.published.as_ref().unwrap().at.to_string(), "2024-09-30T00:00:00Z");
    // What was adopted is no obstacle to the baseline of the first cycle.
    let first = CycleRequest { delivered: Some(released()), ..cycle_of(spec_tree(&tree.display().to_string())) };
    assert!(office.home().cycle(&first).unwrap().taken_over.is_none());
}
