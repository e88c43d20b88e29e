//! Jobs through the binary: two machines that share a ledger, a killed run, a cancelled one, and the record of a failed one.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpListener;
use std::process::{Child, Stdio};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::Duration;

use crate::common::{Place, harbor, seaworthy, text};
use crate::postgres::Server;
use seaworthy_ledger::Location;
use seaworthy_testing::needs;
use serde_json::Value;

const MONDAY: i64 = 1_790_000_000;
const MINUTE: i64 = 60;

/// A source that answers only when it is told to: a sync from it runs until then.
struct Gate {
    url: String,
    asked: Receiver<()>,
    open: Sender<()>,
}

impl Gate {
    fn new() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/kev.json", listener.local_addr().unwrap());
        let body = std::fs::read(harbor("knowledge/kev.json")).unwrap();
        let ((note, asked), (open, opened)) = (channel(), channel::<()>());
        std::thread::spawn(move || {
            for mut stream in listener.incoming().flatten() {
                let mut lines = BufReader::new(stream.try_clone().unwrap()).lines();
                while lines.next().is_some_and(|line| line.is_ok_and(|line| !line.is_empty())) {}
                // The test may have ended.
                if note.send(()).is_err() || opened.recv().is_err() {
                    return;
                }
                let _ = write!(stream, "HTTP/1.1 200 OK\r\nContent-Length: {}\r\nConnection: close\r\n\r\n", body.len());
                let _ = stream.write_all(&body);
            }
        });
        Self { url, asked, open }
    }

    fn wait_until_asked(&self) {
        self.asked.recv_timeout(Duration::from_secs(120)).expect("the source is asked");
    }
}

/// The settings of a home: its source of exploited CVEs, and the ledger that it shares.
fn settings(kev: &str, ledger: &str) -> String {
    format!(
        "[distribution]\nname = \"Harbor Linux\"\nline = \"1.0\"\n[sources]\nnvd = \"{}\"\nkev = \"{kev}\"\nepss = \"off\"\n\
         [ledger]\nurl = \"{ledger}\"\n",
        harbor("knowledge/nvd")
    )
}

fn command(place: &Place, home: &str, clock: i64, arguments: &[&str]) -> std::process::Command {
    let mut command = seaworthy(&place.path(home));
    command.env("SOURCE_DATE_EPOCH", clock.to_string()).env("SEAWORTHY_ACTOR", format!("mia at {home}")).args(arguments);
    command
}

fn run(place: &Place, home: &str, clock: i64, arguments: &[&str]) -> (i32, String) {
    let out = command(place, home, clock, arguments).output().unwrap();
    (out.status.code().unwrap(), text(&out))
}

fn good(place: &Place, home: &str, clock: i64, arguments: &[&str]) -> String {
    let (code, shown) = run(place, home, clock, arguments);
    assert_eq!(code, 0, "{arguments:?}: {shown}");
    shown
}

fn jobs(place: &Place, home: &str, clock: i64, all: bool) -> Vec<Value> {
    let arguments: &[&str] = if all { &["jobs", "list", "--json", "--all"] } else { &["jobs", "list", "--json"] };
    let list: Value = serde_json::from_str(&good(place, home, clock, arguments)).unwrap();
    assert_eq!(list["schema_version"], 1);
    list["jobs"].as_array().unwrap().clone()
}

/// The states of all jobs, the oldest first.
fn states(place: &Place, home: &str, clock: i64) -> Vec<String> {
    jobs(place, home, clock, true).iter().rev().map(|job| job["state"].as_str().unwrap().to_owned()).collect()
}

fn cycle(specs: &str) -> [&str; 3] {
    ["cycle", "--spec-tree", specs]
}

/// A cycle that waits for its source until that answers.
fn waiting(place: &Place, gate: &Gate) -> Child {
    let mut command = command(place, "a", MONDAY, &cycle(&harbor("specs")));
    let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    gate.wait_until_asked();
    child
}

/// Runs a test on a ledger in a file that two homes share, and on PostgreSQL.
fn on_both(body: impl Fn(&str)) {
    let folder = tempfile::tempdir().unwrap();
    body(&folder.path().join("shared.db").display().to_string());
    needs!(INITDB);
    let server = Server::start(&["fsync=off", "max_connections=20"]);
    let Location::Postgres(url) = server.database() else { panic!("no server") };
    body(&url);
}

#[test]
fn a_run_that_is_killed_loses_its_place() {
    on_both(|ledger| {
        let (place, gate, specs) = (Place::new(), Gate::new(), harbor("specs"));
        place.put("a/seaworthy.toml", settings(&gate.url, ledger));
        place.put("b/seaworthy.toml", settings(&harbor("knowledge/kev.json"), ledger));
        let mut first = waiting(&place, &gate);
        let (code, shown) = run(&place, "b", MONDAY + MINUTE, &cycle(&specs));
        let held = "error: job 1 (cycle of 1.0) is run by mia at a on ";
        assert!(code == 75 && shown.starts_with(held) && shown.contains(" since 2026-09-21T14:13:20Z"), "{shown}");
        assert!(shown.contains("\nhint: ") && shown.contains("seaworthy jobs cancel NUMBER"), "{shown}");
        assert!(!place.path("b/knowledge").exists(), "it has not even synced");
        let running = jobs(&place, "b", MONDAY + MINUTE, false);
        assert_eq!((running.len(), &running[0]["state"], &running[0]["kind"]), (1, &"running".into(), &"cycle".into()));
        assert_eq!((&running[0]["progress"]["step"], &running[0]["until"]), (&"sources".into(), &"2026-09-21T14:28:20Z".into()));
        let table = good(&place, "b", MONDAY + MINUTE, &["jobs", "list"]);
        assert!(table.contains("running") && table.contains("mia at a") && table.contains("sources"), "{table}");

        first.kill().unwrap();
        first.wait().unwrap();
        gate.open.send(()).unwrap();
        assert_eq!(run(&place, "b", MONDAY + 14 * MINUTE, &cycle(&specs)).0, 75, "its lease is not over, and it ran elsewhere");
        assert_eq!(jobs(&place, "b", MONDAY + 15 * MINUTE, false)[0]["state"], "lapsed");
        assert!(good(&place, "b", MONDAY + 15 * MINUTE, &cycle(&specs)).contains("First cycle: "));
        assert_eq!(states(&place, "b", MONDAY + 16 * MINUTE), ["lost", "done"]);

        // In the home where it ran nobody has to wait.
        let mut second = waiting(&place, &gate);
        second.kill().unwrap();
        second.wait().unwrap();
        place.put("a/seaworthy.toml", settings(&harbor("knowledge/kev.json"), ledger));
        assert_eq!(run(&place, "b", MONDAY, &cycle(&specs)).0, 75);
        good(&place, "a", MONDAY, &cycle(&specs));
        assert_eq!(states(&place, "b", MONDAY), ["lost", "done", "lost", "done"]);
        good(&place, "a", MONDAY, &["ledger", "verify"]);
    });
}

#[test]
fn a_run_is_cancelled_from_another_machine() {
    on_both(|ledger| {
        let (place, gate) = (Place::new(), Gate::new());
        place.put("a/seaworthy.toml", settings(&gate.url, ledger));
        place.put("b/seaworthy.toml", settings(&harbor("knowledge/kev.json"), ledger));
        let mut child = waiting(&place, &gate);
        assert!(good(&place, "b", MONDAY, &["jobs", "cancel", "1"]).contains("job 1 ends before its next step"));
        assert!(good(&place, "b", MONDAY, &["jobs", "list"]).contains("running, to be cancelled by mia at b"));
        gate.open.send(()).unwrap();
        let ended = child.wait().unwrap();
        let mut said = String::new();
        child.stderr.take().unwrap().read_to_string(&mut said).unwrap();
        assert!(ended.code() == Some(75) && said.contains("job 1 was cancelled by mia at b at 2026-09-21T14:13:20Z"), "{said}");
        assert!(said.contains("hint: none of its events were written"), "{said}");
        assert!(good(&place, "b", MONDAY, &["ledger", "log", "--kind", "case"]).contains("no event"));
        assert!(good(&place, "b", MONDAY, &["jobs", "list"]).contains("nothing runs"));
        assert_eq!(jobs(&place, "b", MONDAY, true)[0]["cancel"]["by"], "mia at b");
        for (number, says) in [("1", "has ended"), ("2", "there is no job 2")] {
            let (code, shown) = run(&place, "b", MONDAY, &["jobs", "cancel", number]);
            assert!(code == 2 && shown.contains(says), "{shown}");
        }
        assert!(good(&place, "b", MONDAY, &["jobs", "prune", "--before", "2026-09-21"]).contains("0 jobs removed"));
        assert!(good(&place, "b", MONDAY, &["jobs", "prune", "--before", "2026-09-22"]).contains("1 job removed"));
        assert!(good(&place, "b", MONDAY, &["jobs", "list", "--all"]).contains("no job"));
    });
}

/// The record of a failed job has the kind of error alone, since the text may name a case under embargo.
#[test]
fn no_more_than_the_kind_of_an_error_is_kept() {
    let place = Place::new();
    place.put("home/seaworthy.toml", settings(&harbor("knowledge/kev.json"), "ledger.db"));
    let (code, shown) = run(&place, "home", MONDAY, &cycle("specs-of-CVE-2026-9999"));
    assert!(code == 2 && shown.contains("specs-of-CVE-2026-9999"), "{shown}");
    let failed = &jobs(&place, "home", MONDAY, true)[0];
    assert_eq!((&failed["state"], &failed["error"]), (&"failed".into(), &"input".into()));
    assert!(!failed.to_string().contains("CVE-2026-9999"), "{failed}");
    assert!(good(&place, "home", MONDAY, &["jobs", "list", "--all"]).contains("failed (input)"));
}

#[test]
fn what_changes_nothing_is_no_job() {
    let place = Place::new();
    place.put("home/seaworthy.toml", settings(&harbor("knowledge/kev.json"), "ledger.db"));
    let specs = harbor("specs");
    good(&place, "home", MONDAY, &["sync"]);
    for arguments in [&["scan", "--spec-tree", &specs][..], &["plan"], &["sla"], &["triage", "list"], &["ledger", "verify"]] {
        good(&place, "home", MONDAY, arguments);
    }
    assert_eq!(states(&place, "home", MONDAY), [""; 0]);
    // A folder that is not there is not made by looking, nor by a cycle that can do nothing.
    for (arguments, code) in [(&["jobs", "list"][..], 2), (&["cycle", "--no-sync", "--spec-tree", &specs], 2)] {
        assert_eq!(run(&place, "none", MONDAY, arguments).0, code, "{arguments:?}");
        assert!(!place.path("none").exists(), "{arguments:?}");
    }
}
