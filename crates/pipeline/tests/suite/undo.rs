//! What was decided is undone as one step.

use std::collections::BTreeMap;

use seaworthy_model::case::{Case, CaseEvent, CaseKey, CaseState, Embargo, Justification};
use seaworthy_pipeline::{
    CaseBatch, CycleRequest, Desk, Home, HomeError, Kind, NewCase, PlanRequest, PublicationRequest, Selection, Undoing, VexImport,
};
use seaworthy_publish::Standing;

use crate::home::{Office, cycle_of, decision, name, packages, specs};
use crate::inventory::{some_specs, spec_tree};

on_both! {
    a_wrong_cycle_is_undone_in_one_step,
    a_first_cycle_is_undone_as_if_it_had_never_been,
    decisions_are_undone_the_last_one_first,
    each_person_undoes_the_last_decision_of_their_own,
    a_publication_is_passed_over_on_the_way_to_the_last_decision,
    what_was_told_is_not_unsaid,
    what_is_under_embargo_is_undone_with_the_right_to_it,
    what_an_undoing_brings_back_and_is_published_is_not_undone,
    a_disclosure_that_was_published_is_not_undone,
    a_split_case_is_not_taken_away_from_its_parts,
    a_decision_after_a_new_description_is_undone_unheard,
    a_wrong_inventory_that_changed_no_case_is_undone,
    a_case_that_is_found_again_stays_under_its_embargo,
}

fn latest(desk: &Desk<'_>) -> CaseBatch {
    desk.batches(1, true).unwrap().batches.remove(0)
}

fn undo(desk: &Desk<'_>, batch: u64) -> Undoing {
    let undoing = desk.undoing(batch, true).unwrap();
    desk.undo(&undoing, Some("by mistake")).unwrap();
    undoing
}

fn refused<T>(done: Result<T, HomeError>) -> (Kind, String) {
    match done {
        Ok(_) => panic!("it was done"),
        Err(error) => (error.kind(), error.to_string()),
    }
}

/// The cases of the queue and those behind it, but for the time of the last event.
fn cases(home: &Home) -> BTreeMap<CaseKey, Case> {
    let request = seaworthy_pipeline::QueueRequest { states: CaseState::ALL.to_vec(), limit: 1000, embargoed: true, ..Default::default() };
    let cases = home.desk().unwrap().queue(&request).unwrap().cases;
    let there = cases.into_iter().map(|queued| queued.case).filter(|case| case.state != CaseState::Unopened);
    there.map(|case| (case.key.clone(), Case { changed: jiff::Timestamp::UNIX_EPOCH, ..case })).collect()
}

fn few(office: &Office) -> Selection {
    let few = office.folder.path().join("few");
    some_specs(&few, &["curl", "zlib"]);
    spec_tree(&few)
}

fn a_wrong_cycle_is_undone_in_one_step(settings: &str) {
    let office = Office::with(settings).synced();
    office.cycle();
    let home = office.later().home();
    let desk = home.desk().unwrap();
    desk.assign(&name("CVE-2024-6119", "openssl"), Some("mia".into()), None).unwrap();
    let (before, plan) = (cases(&home), home.plan(&PlanRequest::default()).unwrap());

    let wrong = CycleRequest { accept_inventory: true, ..cycle_of(few(&office)) };
    let closed = office.later().home().cycle(&wrong).unwrap();
    let batch = latest(&desk);
    assert_eq!((batch.actor.as_str(), batch.cases, batch.events["left"]), ("cycle", closed.events.len(), closed.events.len()));

    // A trial shows it, and changes nothing.
    office.later();
    let trial = home.desk().unwrap().trial(true);
    let shown = trial.undoing(batch.batch, false).unwrap();
    trial.undo(&shown, None).unwrap();
    assert!(shown.cases.iter().all(|case| case.from == CaseState::NotShipped && case.to.is_open()), "{shown:?}");
    assert_eq!(latest(&desk), batch);

    let undone = undo(&desk, batch.last);
    assert_eq!(undone.cases, shown.cases, "any event of it names the batch");
    assert_eq!(cases(&home), before);
    assert_eq!(home.plan(&PlanRequest::default()).unwrap().blocked, plan.blocked);
    assert_eq!((latest(&desk).events["undone"], desk.batches(2, true).unwrap().batches[1].undone), (closed.events.len(), true));
    let history = desk.file(&name("CVE-2024-6119", "openssl")).unwrap().history;
    let last = history.last().unwrap();
    assert!(last.event.to_string().contains(&format!("undone from event {} on: affected again", batch.batch)), "{}", last.event);
    assert_eq!((last.actor.as_str(), last.why.as_deref()), ("mia", Some("by mistake")));

    // The right one finds all as it was, and is compared with the last right one.
    let again = office.later().home().cycle(&cycle_of(specs())).unwrap();
    assert_eq!((again.first, again.events), (false, Vec::new()));
    let (kind, text) = refused(office.home().cycle(&cycle_of(few(&office))));
    assert!(kind == Kind::Request && text.contains("the one of the last cycle had 9"), "{text}");

    // What was undone can be done again: the undoing is a batch as well.
    let redone = undo(&desk, latest(&desk).batch);
    assert!(redone.cases.iter().all(|case| case.to == CaseState::NotShipped), "{redone:?}");
    assert!(office.later().home().cycle(&cycle_of(few(&office))).unwrap().events.is_empty(), "it is the line's inventory again");
    home.rebuild_views().map(|rebuilt| assert_eq!(rebuilt.before, rebuilt.after)).unwrap();
}

fn a_first_cycle_is_undone_as_if_it_had_never_been(settings: &str) {
    let office = Office::with(settings).synced();
    let first = office.cycle();
    let home = office.later().home();
    let desk = home.desk().unwrap();
    let undone = undo(&desk, latest(&desk).batch);
    assert!(undone.cases.len() == first.cases && undone.cases.iter().all(|case| case.to == CaseState::Unopened));
    assert_eq!((cases(&home).len(), refused(desk.case(&name("CVE-2024-6119", "openssl"))).0), (0, Kind::NotFound));
    // An inventory of another kind is the first one as well.
    let file = office.folder.path().join("curl.json");
    std::fs::write(&file, r#"{"packages": [{"name": "curl", "version": "8.8.0", "release": "1", "url": "https://curl.se"}]}"#).unwrap();
    let other = Selection { source: seaworthy_pipeline::Source::Packages(file), history: None };
    let one = office.later().home().cycle(&cycle_of(other)).unwrap();
    assert!(one.first && one.cases > 0, "{one:?}");
    undo(&desk, latest(&desk).batch);
    let again = office.later().home().cycle(&cycle_of(specs())).unwrap();
    assert_eq!((again.first, again.cases, again.open), (true, first.cases, first.open));
    assert!(again.events.iter().any(|step| matches!(step.event, CaseEvent::Opened { .. })));
    home.rebuild_views().map(|rebuilt| assert_eq!(rebuilt.before, rebuilt.after)).unwrap();
}

fn decisions_are_undone_the_last_one_first(settings: &str) {
    let office = Office::with(settings).synced();
    office.cycle();
    let home = office.later().home();
    let desk = home.desk().unwrap();
    let curl = name("CVE-2024-7264", "curl");
    let before = cases(&home);
    let waiver = decision(CaseState::NotAffected, Some(Justification::VulnerableCodeNotPresent), "It is not built.");
    desk.decide(&curl, waiver, None).unwrap();
    let decided = latest(&desk).batch;
    office.later();
    desk.assign(&curl, Some("ben".into()), None).unwrap();
    let assigned = latest(&desk);
    let (kind, text) = refused(desk.undoing(decided, false));
    assert_eq!(kind, Kind::Conflict);
    assert!(text.contains("CVE-2024-7264 in curl") && text.contains(&format!("by event {}", assigned.last)), "{text}");
    undo(&desk, assigned.batch);
    // What a document says decides nothing here, and stays.
    let file = office.folder.path().join("theirs.json");
    let said = r#"{"@context":"https://openvex.dev/ns/v0.2.0","@id":"x","author":"y","statements":[{"status":"affected",
        "vulnerability":{"name":"CVE-2024-7264"},"products":[{"@id":"pkg:rpm/curl"}]}]}"#;
    std::fs::write(&file, said).unwrap();
    let import = VexImport { files: vec![file], line: None, apply: true, embargoed: false, why: None };
    assert!(home.import_vex(&import).unwrap().readings[0].decisions.is_empty());
    assert!(refused(desk.undoing(assigned.batch, false)).1.contains("undone already"));
    undo(&desk, decided);
    let said = |cases: &BTreeMap<CaseKey, Case>| cases.values().map(|case| case.said.len()).sum::<usize>();
    assert_eq!((said(&before), said(&cases(&home))), (0, 1));
    let before: BTreeMap<CaseKey, Case> = {
        let silent = |(key, case): (CaseKey, Case)| (key, Case { said: Vec::new(), ..case });
        assert_eq!(cases(&home).into_iter().map(silent).collect::<BTreeMap<_, _>>(), before);
        cases(&home)
    };
    let parts = ["curl-libs".to_owned()];
    desk.split(&curl, &parts, None).unwrap();
    undo(&desk, latest(&desk).batch);
    assert_eq!(cases(&home), before);
    desk.split(&curl, &parts, None).unwrap();
    assert_eq!(cases(&home).len(), before.len() + 1, "the name is free again");
    assert_eq!(refused(desk.undoing(9_999_999, false)).0, Kind::NotFound);
}

fn each_person_undoes_the_last_decision_of_their_own(settings: &str) {
    let office = Office::with(settings).synced();
    office.cycle();
    let (home, other) = (office.later().home(), office.home_for("eve", office.lines.clone()));
    let (mia, eve) = (home.desk().unwrap(), other.desk().unwrap());
    assert_eq!(mia.undoing_of_last(true).unwrap(), None, "the cycle is nobody's decision");
    let curl = name("CVE-2024-7264", "curl");
    let before = cases(&home);
    let batch = |desk: &Desk<'_>| desk.undoing_of_last(false).unwrap().map(|undoing| undoing.batch.batch);
    mia.assign(&curl, Some("ben".into()), None).unwrap();
    let first = latest(&mia).batch;
    let libs = ["curl-libs".to_owned()];
    mia.split(&curl, &libs, None).unwrap();
    let second = latest(&mia).batch;
    eve.assign(&name("CVE-2024-6119", "openssl"), Some("eve".into()), None).unwrap();
    office.later().home().cycle(&cycle_of(specs())).unwrap();
    assert_eq!((batch(&mia), batch(&eve).is_some_and(|batch| batch > second)), (Some(second), true));

    // One behind the other; what was undone, and the undoing, do not count.
    for expected in [second, first] {
        let undoing = mia.undoing_of_last(false).unwrap().unwrap();
        assert_eq!(undoing.batch.batch, expected);
        mia.undo(&undoing, None).unwrap();
    }
    assert_eq!(batch(&mia), None);
    undo(&eve, batch(&eve).unwrap());
    assert_eq!(cases(&home), before);
    // What is brought back counts again, and what is under embargo only with the right to it.
    undo(&mia, latest(&mia).batch);
    undo(&mia, mia.batches(3, true).unwrap().batches[2].batch);
    let secret = seaworthy_pipeline::CaseName { embargoed: true, ..name("CVE-2026-90001", "curl") };
    let embargo = Embargo { until: "2025-10-01T00:00:00Z".parse().unwrap(), contact: "psirt@example.org".into(), tracking: String::new() };
    mia.open(&secret, NewCase { version: "8.8.0-1".into(), severity: None, embargo: Some(embargo) }, None).unwrap();
    assert_eq!(batch(&mia), Some(first));
    assert_eq!(mia.undoing_of_last(true).unwrap().unwrap().batch.batch, latest(&mia).batch);
    // Another one changed the case since.
    eve.assign(&curl, None, None).unwrap();
    let (kind, text) = refused(mia.undoing_of_last(false));
    assert!(kind == Kind::Conflict && text.contains("were changed since"), "{text}");
}

fn a_publication_is_passed_over_on_the_way_to_the_last_decision(settings: &str) {
    seaworthy_testing::needs!(RPMBUILD);
    let office = Office::with(settings).synced().opened();
    let home = office.home();
    let mia = home.desk().unwrap();
    mia.assign(&name("CVE-2024-6119", "openssl"), Some("ben".into()), None).unwrap();
    let decided = latest(&mia).batch;
    office.publish(&packages(&[&office.rpm("curl", "8.8.0", "2.hbr1")]));
    let published = latest(&mia);
    assert_eq!((published.actor.as_str(), published.irreversible.is_some()), ("mia", true), "it delivers a fix: {published:?}");
    assert_eq!(mia.undoing_of_last(true).unwrap().map(|undoing| undoing.batch.batch), Some(decided));
}

fn what_was_told_is_not_unsaid(settings: &str) {
    let office = Office::with(settings).synced().opened();
    let home = office.home();
    let desk = home.desk().unwrap();
    let curl = name("CVE-2024-7264", "curl");
    let opened = latest(&desk).batch;
    let said = || {
        let plan = home.plan_publication(&PublicationRequest::default()).unwrap();
        let advisory = plan.advisories().iter().find(|a| a.cve == curl.cve).unwrap().clone();
        (advisory.standing, advisory.revisions.len())
    };
    let not_built = || decision(CaseState::NotAffected, Some(Justification::VulnerableCodeNotPresent), "It is not built.");
    // Nobody hears of what was undone before it was published.
    let first = said();
    office.later();
    desk.decide(&curl, not_built(), None).unwrap();
    undo(&desk, latest(&desk).batch);
    assert_eq!((said(), first.0.clone()), (first, Standing::Affected));
    office.publish(&PublicationRequest::default());
    let published = latest(&desk);
    assert!(published.irreversible.is_none(), "a publication without a delivery changes no case: {published:?}");
    let (kind, text) = refused(desk.undoing(opened, false));
    assert!(kind == Kind::Conflict && text.contains("are published since"), "{text}");

    // What was published stays, and the undoing is one more revision.
    office.later();
    desk.decide(&curl, not_built(), None).unwrap();
    let decided = latest(&desk).batch;
    let told = office.publish(&PublicationRequest::default());
    let of_curl = |plan: &seaworthy_pipeline::PublicationPlan| plan.advisories().iter().find(|a| a.cve == curl.cve).unwrap().clone();
    let before = of_curl(&told.plan);
    office.later();
    undo(&desk, decided);
    let after = of_curl(&office.publish(&PublicationRequest::default()).plan);
    assert!(matches!(before.standing, Standing::NotAffected { .. }) && after.standing == Standing::Affected);
    assert_eq!(after.revisions[..before.revisions.len()], before.revisions);
    assert!(after.revisions.len() > before.revisions.len());
    let event = home.log(&seaworthy_pipeline::LogRequest { limit: Some(1), ..Default::default() }).unwrap().remove(0);
    assert_eq!((event.event.kind(), refused(desk.undoing(event.seq, true)).0), ("publication", Kind::NotFound), "it changed no case");
}

fn what_is_under_embargo_is_undone_with_the_right_to_it(settings: &str) {
    let office = Office::with(settings).synced();
    office.cycle();
    let home = office.later().home();
    let desk = home.desk().unwrap();
    let secret = seaworthy_pipeline::CaseName { embargoed: true, ..name("CVE-2026-90001", "curl") };
    let until = "2025-10-01T00:00:00Z".parse().unwrap();
    let embargo = Embargo { until, contact: "psirt@example.org".into(), tracking: String::new() };
    desk.open(&secret, NewCase { version: "8.8.0-1".into(), severity: None, embargo: Some(embargo) }, None).unwrap();
    let opened = latest(&desk).batch;
    assert_ne!(desk.batches(1, false).unwrap().batches[0].batch, opened);
    assert_eq!(refused(desk.undoing(opened, false)).0, Kind::NotFound);
    // One that changed others as well is seen, and is not undone in part.
    let all = desk.choose(&"package=curl state!=fixed".parse().unwrap(), None, true, decision(CaseState::Affected, None, "")).unwrap();
    desk.decide_all(&all, None).unwrap();
    let both = latest(&desk).batch;
    let (kind, text) = refused(desk.undoing(both, false));
    assert!(kind == Kind::Request && text.contains("--embargoed") && !text.contains("90001"), "{text}");
    undo(&desk, both);
    let undoing = desk.undoing(opened, true).unwrap();
    desk.undo(&undoing, Some("CVE-2026-90001 is another one")).unwrap();
    assert_eq!(refused(desk.case(&secret)).0, Kind::NotFound);
    let log = |embargoed| home.log(&seaworthy_pipeline::LogRequest { embargoed, ..Default::default() }).unwrap();
    let names = |entries: Vec<seaworthy_pipeline::ledger::Entry>| {
        entries.iter().any(|e| format!("{} {}", e.event, e.why.as_deref().unwrap_or_default()).contains("90001"))
    };
    assert_eq!((names(log(false)), names(log(true))), (false, true), "its history is kept from others all the same");
}

fn what_an_undoing_brings_back_and_is_published_is_not_undone(settings: &str) {
    let office = Office::with(settings).synced().opened();
    let home = office.home();
    let desk = home.desk().unwrap();
    undo(&desk, latest(&desk).batch);
    undo(&desk, latest(&desk).batch);
    let redone = latest(&desk).batch;
    office.publish(&PublicationRequest::default());
    let (kind, text) = refused(desk.undoing(redone, true));
    assert!(kind == Kind::Conflict && text.contains("are published since"), "{text}");
}

fn a_disclosure_that_was_published_is_not_undone(settings: &str) {
    let office = Office::with(settings).synced().opened();
    let home = office.home();
    let desk = home.desk().unwrap();
    let curl = seaworthy_pipeline::CaseName { embargoed: true, ..name("CVE-2024-7264", "curl") };
    let embargo = Embargo { until: "2025-10-01T00:00:00Z".parse().unwrap(), contact: "psirt@example.org".into(), tracking: String::new() };
    desk.embargo(&curl, embargo, None).unwrap();
    // Until it is published an undoing ends the embargo, and says so.
    let undoing = desk.undoing(latest(&desk).batch, true).unwrap();
    assert!(undoing.cases[0].disclosed, "{undoing:?}");
    office.later();
    desk.disclose(&curl, None).unwrap();
    let disclosed = latest(&desk).batch;
    undo(&desk, disclosed);
    office.later();
    desk.disclose(&curl, None).unwrap();
    let disclosed = latest(&desk).batch;
    office.publish(&PublicationRequest::default());
    let (kind, text) = refused(desk.undoing(disclosed, true));
    assert!(kind == Kind::Conflict && text.contains("published since"), "{text}");
}

fn a_split_case_is_not_taken_away_from_its_parts(settings: &str) {
    let office = Office::with(settings).synced();
    office.cycle();
    let home = office.later().home();
    let desk = home.desk().unwrap();
    let opened = latest(&desk).batch;
    desk.split(&name("CVE-2024-7264", "curl"), &["curl-libs".to_owned()], None).unwrap();
    let split = latest(&desk).batch;
    let (kind, text) = refused(desk.undoing(opened, false));
    assert!(kind == Kind::Conflict && text.contains("CVE-2024-7264 in curl"), "{text}");
    undo(&desk, split);
    undo(&desk, opened);
    assert!(cases(&home).is_empty());
}

fn a_decision_after_a_new_description_is_undone_unheard(settings: &str) {
    let office = Office::with(settings).synced().opened();
    let home = office.home();
    let desk = home.desk().unwrap();
    let curl = name("CVE-2024-7264", "curl");
    office.publish(&PublicationRequest::default());
    // The record says something else: the advisory gets a revision that is later than the last event of the case.
    let feed = office.folder.path().join("feed");
    std::fs::create_dir(&feed).unwrap();
    for file in std::fs::read_dir(seaworthy_testing::harbor("knowledge/nvd")).unwrap() {
        let file = file.unwrap();
        let text = std::fs::read_to_string(file.path()).unwrap().replace("\"value\": \"", "\"value\": \"Again: ");
        std::fs::write(feed.join(file.file_name()), text).unwrap();
    }
    let sources = seaworthy_pipeline::Sources { nvd: Some(feed.display().to_string()), ..Office::sources() };
    office.later().home().sync(&seaworthy_pipeline::SyncRequest { sources, api_key: None }).unwrap();
    let plan = office.publish(&PublicationRequest::default()).plan;
    let told = plan.advisories().iter().find(|a| a.cve == curl.cve).unwrap().clone();
    assert_eq!(told.revisions.len(), 2, "{:?}", told.revisions);
    office.later();
    desk.decide(&curl, decision(CaseState::NotAffected, Some(Justification::VulnerableCodeNotPresent), "It is not built."), None).unwrap();
    undo(&desk, latest(&desk).batch);
    let plan = office.later().home().plan_publication(&PublicationRequest::default()).unwrap();
    let after = plan.advisories().iter().find(|a| a.cve == curl.cve).unwrap().clone();
    assert_eq!((after.revisions, after.standing), (told.revisions, told.standing));
}

fn a_wrong_inventory_that_changed_no_case_is_undone(settings: &str) {
    let office = Office::with(settings).synced();
    let all = || Selection { source: spec_tree(&office.folder.path().join("all")).source, history: None };
    some_specs(&office.folder.path().join("all"), &["curl", "jq", "expat", "golang", "openssl", "httpd"]);
    office.home().cycle(&cycle_of(all())).unwrap();
    let home = office.later().home();
    let desk = home.desk().unwrap();
    // The same packages in a file have the same findings, and are of another kind.
    let inventory = home.read_inventory(&all()).unwrap();
    let rows = inventory.packages.iter().map(|p| {
        let binaries: Vec<&str> = p.binaries.iter().map(|b| b.name.as_str()).collect();
        serde_json::json!({"name": p.name, "version": p.evr.version, "release": p.evr.release, "url": p.url, "subpackages": binaries,
            "source": p.sources.first(), "patches": p.patches.iter().map(|patch| &patch.file).collect::<Vec<_>>(),
            "cve_nopatches": p.decisions.iter().map(|decision| &decision.file).collect::<Vec<_>>()})
    });
    let file = office.folder.path().join("all.json");
    std::fs::write(&file, serde_json::json!({"packages": rows.collect::<Vec<_>>()}).to_string()).unwrap();
    let packages = Selection { source: seaworthy_pipeline::Source::Packages(file), history: None };
    let before = latest(&desk).batch;
    let wrong = home.cycle(&CycleRequest { accept_inventory: true, ..cycle_of(packages) }).unwrap();
    let batch = latest(&desk);
    assert!(batch.batch > before, "{batch:?}");
    assert_eq!((wrong.events, batch.cases, batch.events.get("inventory")), (Vec::new(), 0, Some(&1)));
    refused(home.cycle(&cycle_of(all())));
    undo(&desk, batch.batch);
    home.cycle(&cycle_of(all())).unwrap();
}

fn a_case_that_is_found_again_stays_under_its_embargo(settings: &str) {
    let office = Office::with(settings).synced();
    let home = office.home();
    let desk = home.desk().unwrap();
    // A person knows of it before the first cycle does.
    let secret = seaworthy_pipeline::CaseName { embargoed: true, ..name("CVE-2024-7264", "curl") };
    let embargo = Embargo { until: "2025-10-01T00:00:00Z".parse().unwrap(), contact: "psirt@example.org".into(), tracking: String::new() };
    desk.open(&secret, NewCase { version: "8.8.0-2".into(), severity: None, embargo: Some(embargo) }, None).unwrap();
    undo(&desk, latest(&desk).batch);
    for is_trial in [true, false] {
        let cycled = office.later().home().cycle(&CycleRequest { is_trial, ..cycle_of(specs()) }).unwrap();
        let named = cycled.events.iter().any(|step| step.key.cve == secret.cve);
        assert!(!named && !cycled.plan.blocked.iter().any(|blocked| blocked.key.cve == secret.cve), "{cycled:?}");
    }
    assert!(home.desk().unwrap().case(&secret).unwrap().embargo.is_some());
}
