//! The replay of small histories: the cases that it opens and closes and when, audits without a difference, and interrupted runs.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::num::NonZeroU32;
use std::path::Path;

use jiff::Timestamp;
use proptest::prelude::*;
use seaworthy_intelligence::records::SourceKind;
use seaworthy_intelligence::{Delivery, Input, InputBody, Knowledge, Store};
use seaworthy_inventory::read_history;
use seaworthy_matching::ProductTable;
use seaworthy_model::case::{Case, CaseEvent, CaseKey, CaseState};
use seaworthy_model::evr::Shown;
use seaworthy_pipeline::{Grid, Replay, Step, Timeline};
use seaworthy_triage::{Policy, report};
use serde_json::json;

const HOUR: i64 = 3600;

/// A record of a made-up project on a forge.
#[derive(Clone, Debug)]
struct Record {
    project: usize,
    number: u32,
    /// The time of publication, in hours after the start.
    published: i64,
    /// The version before which all are affected.
    before: u32,
    /// The day on which it is listed as exploited, in days after the start.
    exploited: Option<i64>,
}

/// A fix in a spec tree.
#[derive(Clone, Debug)]
struct Fix {
    record: usize,
    day: i64,
    version: u32,
    release: u32,
}

/// A small history.
#[derive(Clone, Debug)]
struct History {
    records: Vec<Record>,
    fixes: Vec<Fix>,
    /// The times in hours after the start, and the version of each project then.
    snapshots: Vec<(i64, [u32; 3])>,
    /// The times in hours after the start, and the age of each project on the image in versions.
    images: Vec<(i64, [u32; 3])>,
}

const PROJECTS: [&str; 3] = ["anchor", "bollard", "capstan"];

fn start() -> Timestamp {
    "2024-09-20T00:00:00Z".parse().unwrap()
}

fn after(hours: i64) -> Timestamp {
    Timestamp::from_second(start().as_second() + hours * HOUR).unwrap()
}

fn day(days: i64) -> String {
    after(days * 24).to_string()[..10].to_owned()
}

impl Record {
    fn id(&self) -> String {
        format!("CVE-2024-{}", 20_000 + self.number)
    }

    fn json(&self) -> serde_json::Value {
        let project = PROJECTS[self.project];
        let at = after(self.published).to_string();
        let at = at.trim_end_matches('Z');
        json!({"cve": {
            "id": self.id(), "published": at, "lastModified": at, "vulnStatus": "Analyzed",
            "descriptions": [{"lang": "en", "value": format!("{project} drags. Made up for this test.")}],
            "metrics": {"cvssMetricV31": [{"source": "nvd@nist.gov", "type": "Primary", "cvssData": {
                "version": "3.1", "vectorString": "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H",
                "baseScore": 9.8, "baseSeverity": "CRITICAL"}}]},
            "configurations": [{"nodes": [{"operator": "OR", "negate": false, "cpeMatch": [{
                "vulnerable": true, "criteria": format!("cpe:2.3:a:{project}_project:{project}:*:*:*:*:*:*:*:*"),
                "versionEndExcluding": format!("{}.0", self.before)}]}]}],
            "references": [{"url": format!("https://github.com/harbor/{project}/issues/{}", self.number)}],
        }})
    }
}

/// The history as files, read again by the program.
struct World {
    _folder: tempfile::TempDir,
    knowledge: Knowledge,
    timeline: Timeline,
    policy: Policy,
    products: ProductTable,
}

impl World {
    fn of(history: &History) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path();
        let records: Vec<_> = history.records.iter().map(Record::json).collect();
        let feed = json!({
            "resultsPerPage": records.len(), "startIndex": 0, "totalResults": records.len(),
            "format": "NVD_CVE", "version": "2.0", "timestamp": "2024-12-01T00:00:00.000", "vulnerabilities": records});
        let exploited: Vec<_> = history
            .records
            .iter()
            .filter_map(|r| Some(json!({"cveID": r.id(), "dateAdded": day(r.exploited?), "knownRansomwareCampaignUse": "Unknown"})))
            .collect();
        let knowledge = know(path, &feed.to_string(), &json!({ "vulnerabilities": exploited }).to_string());

        std::fs::create_dir(path.join("packages")).unwrap();
        for (nth, (hours, versions)) in history.snapshots.iter().enumerate() {
            let packages: Vec<_> = (0..3)
                .map(|p| {
                    let name = PROJECTS[p];
                    let url = format!("https://github.com/harbor/{name}");
                    json!({"name": name, "version": format!("{}.0", versions[p]), "release": "1.sw1", "url": url,
                        "subpackages": [format!("{name}-libs")]})
                })
                .collect();
            let file = json!({"revision": format!("3.0.{nth}"), "date": after(*hours).to_string(), "packages": packages});
            std::fs::write(path.join(format!("packages/{nth}.json")), file.to_string()).unwrap();
        }
        let mut rows = "package,cve,evr,date,kind\n".to_owned();
        for fix in &history.fixes {
            let record = &history.records[fix.record];
            rows += &format!("{},{},{}.0-{},{},patch\n", PROJECTS[record.project], record.id(), fix.version, fix.release, day(fix.day));
        }
        std::fs::write(path.join("fixes.csv"), rows).unwrap();
        let mut notes = String::new();
        for (nth, (hours, versions)) in history.images.iter().enumerate() {
            let packages: Vec<String> = (0..3).map(|p| format!("{}-libs-{}.0-1.sw1.x86_64", PROJECTS[p], versions[p])).collect();
            let note = json!({"sku": "Harbor/gen2", "version": format!("2024{nth:02}.01.0"), "built": after(*hours).to_string(),
                "os_version": "3.0.1", "kernel": "6.6-1", "packages": packages});
            notes += &format!("{note}\n");
        }
        std::fs::write(path.join("images.jsonl"), &notes).unwrap();
        let images = Some(path.join("images.jsonl")).filter(|_| !notes.is_empty());
        let fixes = read_history(path.join("fixes.csv")).unwrap();
        assert_eq!(fixes.problems, []);
        let timeline = Timeline::read(&path.join("packages"), fixes, images.as_deref()).unwrap();
        let policy = Policy::parse("").unwrap();
        Self { _folder: folder, knowledge, timeline, policy, products: ProductTable::built_in() }
    }

    /// Runs up to a time in hours after the start, from the present cases, with an audit at every step.
    fn run(&self, hours: i64, cases: &mut BTreeMap<CaseKey, Case>, done: Option<Timestamp>) -> Vec<Step> {
        let grid = Grid { from: start(), to: after(hours), every: 12 * HOUR };
        let (knowledge, timeline, line) = (&self.knowledge, &self.timeline, &"3.0".parse().unwrap());
        let (policy, products) = (&self.policy, &self.products);
        let replay = Replay { knowledge, timeline, policy, products, line, grid, audit: NonZeroU32::new(1) };
        let mut steps = Vec::new();
        let ran = replay.run(cases, done, |step| {
            steps.push(step);
            Ok::<_, Infallible>(())
        });
        ran.unwrap_or_else(|e| panic!("{e}"));
        steps
    }
}

fn know(folder: &Path, feed: &str, kev: &str) -> Knowledge {
    let input = |kind, name: &str, text: &str| {
        let path = folder.join(name);
        std::fs::write(&path, text).unwrap();
        let input = Input {
            kind,
            name: name.into(),
            origin: name.into(),
            validators: seaworthy_intelligence::fetch::Validators::default(),
            body: InputBody::File(path),
        };
        (kind, Delivery { inputs: vec![input], location: "test".into(), error: None })
    };
    let deliveries = BTreeMap::from([input(SourceKind::Nvd, "nvdcve-2.0-2024.json", feed), input(SourceKind::Kev, "kev.json", kev)]);
    let store = Store::new(&folder.join("home"));
    let report = store.ingest(deliveries, 1_735_000_000, &|_| {}).unwrap();
    assert_eq!((report.refused, report.errors), (Vec::new(), BTreeMap::new()));
    store.open().unwrap()
}

/// Records that were published before the start, so that the home of a project is known.
fn known_before() -> Vec<Record> {
    (0..9).map(|n| Record { project: n as usize % 3, number: n, published: -24 * 30, before: 1, exploited: None }).collect()
}

fn plain() -> History {
    let mut records = known_before();
    records.extend([
        // Ten minutes after a step.
        Record { project: 0, number: 10, published: 12, before: 3, exploited: Some(5) },
        // Long known; the second snapshot brings the version that it affects.
        Record { project: 1, number: 11, published: -24 * 20, before: 2, exploited: None },
        Record { project: 2, number: 12, published: 30, before: 9, exploited: None },
    ]);
    History {
        records,
        fixes: vec![Fix { record: 9, day: 8, version: 2, release: 2 }],
        snapshots: vec![(-24, [2, 2, 3]), (24 * 4, [2, 1, 3])],
        images: vec![(24 * 2 + 1, [2, 2, 3]), (24 * 10 + 1, [3, 1, 3])],
    }
}

fn told(steps: &[Step]) -> Vec<String> {
    let mut out = Vec::new();
    for step in steps {
        for (key, event) in &step.events {
            let what = match event {
                CaseEvent::Opened { state, .. } => format!("opened {state}"),
                CaseEvent::Observed { changed, .. } => {
                    format!("observed {}", changed.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "))
                }
                CaseEvent::Fixed { version, .. } => format!("fixed {}", Shown(version.as_ref())),
                CaseEvent::Published { version, .. } => format!("published {version}"),
                CaseEvent::Shipped { image, .. } => format!("shipped {image}"),
                other => format!("{other:?}"),
            };
            let hours = (step.at.as_second() - start().as_second()) / HOUR;
            out.push(format!("{hours} {} {what}", key.package));
        }
    }
    out
}

#[test]
fn everything_takes_effect_on_its_date() {
    let world = World::of(&plain());
    let mut cases = BTreeMap::new();
    let steps = world.run(24 * 14, &mut cases, None);
    assert_eq!(steps.len(), 29);
    assert!(steps.iter().all(|s| s.audited));
    let expected = [
        "12 anchor opened affected",
        "36 capstan opened affected",
        "96 bollard opened affected",
        "120 anchor observed known to be exploited since 2024-09-25",
        "192 anchor fixed 2.0-2",
        "192 anchor published 2.0-2",
        "252 anchor shipped 202401.01.0",
    ];
    assert_eq!(told(&steps), expected);
    let images: Vec<_> = steps.iter().flat_map(|s| &s.images).collect();
    assert_eq!(images.len(), 2);
    let count = |image: usize, what: &str| images[image].counts.get(what).copied().unwrap_or(0);
    assert_eq!((count(0, "fixed"), count(0, "carried_affected")), (0, 2));
    assert_eq!((count(1, "fixed"), count(1, "carried_affected"), count(1, "brought_in"), count(1, "newly_known")), (1, 2, 1, 0));

    let report = report(cases.values(), &world.policy.clone().into(), start(), after(24 * 14));
    let line = &report.severities["all"];
    assert_eq!((line.opened, line.open, line.out_of_band), (3, 2, 1));
    // Only the fix of anchor has times; the image with it came 59 hours after the fix.
    assert_eq!((line.to_fix.count, line.to_fix.median, line.fix_to_image.median), (1, 180.0, 60.0));
    assert_eq!(cases.values().filter(|c| c.state == CaseState::Affected).count(), 2);
}

#[test]
fn a_replay_can_be_cut_at_any_step() {
    let world = World::of(&plain());
    let mut whole = BTreeMap::new();
    let steps = world.run(24 * 14, &mut whole, None);
    for cut in 0..28 {
        let mut cases = BTreeMap::new();
        let mut parts = world.run(cut * 12, &mut cases, None);
        parts.extend(world.run(24 * 14, &mut cases, Some(after(cut * 12))));
        assert_eq!(told(&parts), told(&steps), "cut after {cut} steps");
        assert_eq!(cases, whole);
    }
}

fn any_history() -> impl Strategy<Value = History> {
    let record = (0usize..3, -200i64..240, 1u32..5, prop::option::of(-3i64..10));
    let fix = (0usize..6, -3i64..10, 1u32..5, 1u32..4);
    let versions = [1u32..5, 1u32..5, 1u32..5];
    (
        prop::collection::vec(record, 1..6),
        prop::collection::vec(fix, 0..5),
        prop::collection::vec((0i64..240, versions.clone()), 0..3),
        prop::collection::vec((0i64..240, versions.clone()), 0..3),
        versions,
    )
        .prop_map(|(drawn, fixes, mut snapshots, images, first)| {
            let mut records = known_before();
            for (n, (project, published, before, exploited)) in drawn.into_iter().enumerate() {
                records.push(Record { project, number: 20 + n as u32, published, before, exploited });
            }
            let last = records.len();
            let fixes = fixes
                .into_iter()
                .map(|(record, day, version, release)| Fix { record: (9 + record).min(last - 1), day, version, release })
                .collect();
            snapshots.insert(0, (-24, first));
            History { records, fixes, snapshots, images }
        })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    /// Each step is audited: every case is found by the first scan that can find it.
    #[test]
    fn no_step_passes_anything_over(history in any_history(), cut in 0i64..20) {
        let world = World::of(&history);
        let mut whole = BTreeMap::new();
        let steps = world.run(240, &mut whole, None);
        let mut cases = BTreeMap::new();
        let mut parts = world.run(cut * 12, &mut cases, None);
        parts.extend(world.run(240, &mut cases, Some(after(cut * 12))));
        prop_assert_eq!(told(&parts), told(&steps));
        prop_assert_eq!(&cases, &whole);

        // A scan comes every twelve hours: whoever was not there for the record, the package or the fix came at most so much later.
        for (step, event) in steps.iter().flat_map(|s| s.events.iter().map(move |(key, e)| (s, (key, e)))) {
            let (key, CaseEvent::Opened { .. }) = event else { continue };
            let record = history.records.iter().find(|r| r.id() == key.cve.to_string()).unwrap();
            let dated = [record.published]
                .into_iter()
                // A snapshot holds from the start of its day.
                .chain(history.snapshots.iter().map(|s| s.0.div_euclid(24) * 24))
                .chain(history.fixes.iter().map(|f| f.day * 24))
                .chain(history.records.iter().map(|r| r.published));
            let latest = dated.filter(|hours| after(*hours) <= step.at).max().unwrap();
            prop_assert!(step.at == start() || step.at.as_second() - after(latest).as_second() < 12 * HOUR, "{} at {}", key, step.at);
        }
    }
}
