//! Cycles with an inventory of something else than the release line.

use std::fs;
use std::path::Path;
use std::process::Command;

use seaworthy_model::Severity;
use seaworthy_model::case::CaseEvent;
use seaworthy_pipeline::{Conclusion, CycleRequest, Cycled, Home, HomeError, Kind, LogRequest, ScanRequest, Selection, Source};
use seaworthy_testing::harbor;

use crate::home::{Office, cycle_of, scan_of_specs, specs};

on_both! {
    an_inventory_that_cannot_be_meant_changes_nothing,
    an_accepted_inventory_closes_cases_and_the_right_one_reopens_them,
}

fn events(home: &Home) -> usize {
    home.log(&LogRequest { embargoed: true, ..LogRequest::default() }).unwrap().len()
}

pub(crate) fn spec_tree(at: &Path) -> Selection {
    crate::home::spec_tree(&at.display().to_string())
}

/// A folder with the specs of some packages.
pub(crate) fn some_specs(folder: &Path, names: &[&str]) {
    for name in names {
        let to = folder.join(name);
        fs::create_dir_all(&to).unwrap();
        for file in fs::read_dir(harbor("specs").join(name)).unwrap() {
            let file = file.unwrap();
            fs::copy(file.path(), to.join(file.file_name())).unwrap();
        }
    }
}

/// Rows of what a scan looks at, with the severity that was asked for.
#[test]
fn a_scan_concludes_from_what_it_looked_at() {
    let office = Office::new().synced();
    let at = |name: &str| office.folder.path().join(name);
    fs::write(at("none.json"), r#"{"packages": []}"#).unwrap();
    fs::write(at("unknown.txt"), "unheard-of-1-1.noarch\n").unwrap();
    let (none, unknown) = (Source::Packages(at("none.json")), Source::Nevras(at("unknown.txt")));
    let low = Some(Severity::Low);
    let rows = [
        ("something is affected at the severity", specs().source, low, "affected"),
        ("something is, and nothing was asked", specs().source, None, "clear"),
        ("no package", none.clone(), None, "cannot tell: no package was found"),
        ("the same with a severity", none, low, "cannot tell: no package was found"),
        ("a package that nothing is known of", unknown, low, "cannot tell: the only package is tied to no product of a record"),
    ];
    seaworthy_testing::hold(rows.into_iter().map(|(why, source, bar, expected)| {
        let selection = Selection { source, history: None };
        let scanned = office.home().scan(&ScanRequest { selection, ..scan_of_specs() }).unwrap();
        let concluded = match scanned.conclusion(bar) {
            Conclusion::Affected(_) => "affected".to_owned(),
            Conclusion::Clear => "clear".to_owned(),
            Conclusion::CannotTell(reasons) => {
                format!("cannot tell: {}", reasons.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))
            }
        };
        (why, expected.to_owned(), concluded)
    }));
}

fn refused(done: Result<Cycled, HomeError>) -> (Kind, String) {
    match done {
        Ok(cycled) => panic!("it went on: {cycled:?}"),
        Err(error) => (error.kind(), error.to_string()),
    }
}

fn an_inventory_that_cannot_be_meant_changes_nothing(settings: &str) {
    let office = Office::with(settings).synced();
    let at = |name: &str| office.folder.path().join(name);
    fs::create_dir(at("empty")).unwrap();
    let git = Command::new("git").args(["init", "--quiet", "--bare"]).arg(at("bare")).status().unwrap();
    assert!(git.success());
    fs::write(at("no-packages.json"), r#"{"packages": []}"#).unwrap();
    let no_packages = Selection { source: Source::Packages(at("no-packages.json")), history: None };
    let note = r#"{"sku": "Harbor/gen2", "version": "202609.20.0", "packages": ["curl-8.8.0-1.hbr1.x86_64", "zlib-1.3-1.hbr1.x86_64"]}"#;
    fs::write(at("notes.jsonl"), format!("{note}\n")).unwrap();
    let notes = Selection { source: Source::ImageNotes { notes: at("notes.jsonl"), image: None, packages: None }, history: None };
    some_specs(&at("few"), &["curl", "zlib"]);

    // Whatever the first cycle looks at, nothing is no line.
    for selection in [spec_tree(&at("empty")), no_packages.clone()] {
        refused(office.home().cycle(&cycle_of(selection)));
    }
    assert!(office.cycle().first, "no cycle went before");
    let before = events(&office.home());
    let rows = [
        ("an empty folder", spec_tree(&at("empty")), Kind::NotFound, "there is no spec file in"),
        ("a git directory without a revision", spec_tree(&at("bare")), Kind::NotFound, "such as FOLDER@HEAD"),
        ("no packages", no_packages, Kind::Request, "it has no source package"),
        ("an image after a spec tree", notes, Kind::Request, "\"image notes\", and the one of the last cycle was \"spec tree\""),
        ("two packages of nine", spec_tree(&at("few")), Kind::Request, "it has 2 source packages, and the one of the last cycle had 9"),
    ];
    for (what, selection, kind, says) in rows {
        let (found, text) = refused(office.later().home().cycle(&cycle_of(selection)));
        assert_eq!(found, kind, "{what}: {text}");
        assert!(text.contains(says), "{what}: {text}");
        assert_eq!(events(&office.home()), before, "{what}");
    }
    let cycled = office.cycle();
    assert_eq!((cycled.first, cycled.events), (false, Vec::new()));
    assert_eq!(events(&office.home()), before);
}

fn an_accepted_inventory_closes_cases_and_the_right_one_reopens_them(settings: &str) {
    let office = Office::with(settings).synced();
    let first = office.cycle();
    let few = office.folder.path().join("few");
    some_specs(&few, &["curl", "zlib"]);
    let smaller = CycleRequest { accept_inventory: true, ..cycle_of(spec_tree(&few)) };
    let closed = office.later().home().cycle(&smaller).unwrap();
    assert!(closed.open < first.open);
    assert!(closed.events.iter().all(|step| matches!(step.event, CaseEvent::Left { .. })), "{:?}", closed.events);
    // It is the line's inventory now.
    assert!(office.later().home().cycle(&cycle_of(spec_tree(&few))).unwrap().events.is_empty());
    let back = office.later().home().cycle(&cycle_of(specs())).unwrap();
    assert_eq!((back.open, back.events.len()), (first.open, closed.events.len()));
    assert!(back.events.iter().all(|step| matches!(step.event, CaseEvent::Reopened { .. })), "{:?}", back.events);
}
