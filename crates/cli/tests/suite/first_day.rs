//! The commands of docs/first-day.md, as they stand there, in a folder as it describes.

use std::fs;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

use seaworthy_testing::{RPM, RPMBUILD, available};

use crate::common::{Place, harbor, text};

/// The home, where the page leaves it.
const HOME: &str = ".seaworthy";

/// The section of a role.
fn section(role: &str) -> String {
    let page = fs::read_to_string(seaworthy_testing::workspace().join("docs/first-day.md")).unwrap();
    page.split("\n## ").find(|section| section.starts_with(role)).unwrap().to_owned()
}

/// The first block of a language in a section, as it is typed.
fn block(section: &str, language: &str) -> String {
    let block = section.split(&format!("```{language}\n")).nth(1).and_then(|rest| rest.split("```").next()).unwrap();
    block.lines().map(|line| format!("{}\n", line.trim_start())).collect()
}

/// The commands of a role's section.
fn commands(role: &str) -> Vec<String> {
    let section = section(role);
    let commands: Vec<String> = block(&section, "sh").lines().map(str::to_owned).collect();
    assert_eq!(commands.len(), 10, "{role}: ten commands from nothing to the first real result");
    // Each command is told about, by its number.
    let told = section.lines().filter(|line| line.split_once(". ").is_some_and(|(number, _)| number.parse::<u32>().is_ok())).count();
    assert_eq!(told, commands.len(), "{role}");
    commands
}

/// A command line in a shell, as a person types it.
fn shell(place: &Place, line: &str) -> Command {
    let program = assert_cmd::cargo::cargo_bin!("seaworthy");
    let path = format!("{}:{}", program.parent().unwrap().display(), std::env::var("PATH").unwrap());
    let mut command = Command::new("sh");
    command.args(["-c", &format!("exec {line}")]).current_dir(place.path(".")).env("PATH", path).env("SOURCE_DATE_EPOCH", "1790000000");
    for name in ["NO_COLOR", "SEAWORTHY_HOME", "NVD_API_KEY"] {
        command.env_remove(name);
    }
    command.env("SEAWORTHY_ACTOR", "mia").stdin(Stdio::null());
    command
}

fn output(place: &Place, line: &str) -> Output {
    shell(place, line).output().unwrap()
}

fn git(place: &Place, arguments: &[&str]) {
    let mut command = Command::new("git");
    command.current_dir(place.path("specs")).args(["-c", "user.name=mia", "-c", "user.email=mia@harbor.example"]).args(arguments);
    let out = command.output().unwrap();
    assert!(out.status.success(), "{}", text(&out));
}

/// The specs in git: what is delivered has a tag, and a fix of curl came since.
fn specs(place: &Place) {
    let copied = Command::new("cp").args(["-r", &harbor("specs")]).arg(place.path("specs")).status().unwrap();
    assert!(copied.success());
    let curl = "specs/curl/curl.spec";
    let fixed = fs::read_to_string(place.path(curl)).unwrap();
    let before = fixed.replace("Release:        2", "Release:        1");
    let lines = before.lines().filter(|line| !line.contains("CVE-2024-6197") && !line.contains("8.8.0-2"));
    place.put(curl, lines.map(|line| format!("{line}\n")).collect::<String>());
    git(place, &["init", "--quiet"]);
    git(place, &["add", "."]);
    git(place, &["commit", "--quiet", "--message", "as delivered"]);
    git(place, &["tag", "1.0"]);
    place.put(curl, fixed);
    git(place, &["commit", "--quiet", "--all", "--message", "curl: fix CVE-2024-6197"]);
}

/// The package of curl with its fix.
fn rpms(place: &Place) {
    let mut build = Command::new("rpmbuild");
    for define in [format!("_topdir {}", place.path("top").display()), format!("_rpmdir {}", place.path("rpms").display())] {
        build.arg("--define").arg(define);
    }
    let out = build.args(["-bb", "--quiet", &harbor("packages/curl.spec")]).env("HOME", place.path(".")).output().unwrap();
    assert!(out.status.success(), "{}", text(&out));
}

/// A root filesystem in whose database the package is installed.
fn image(place: &Place) {
    rpms(place);
    let root = place.path("image");
    fs::create_dir_all(root.join("etc")).unwrap();
    fs::write(root.join("etc/os-release"), "ID=harbor\nNAME=\"Harbor Linux\"\nVERSION_ID=1.0\n").unwrap();
    let mut install = Command::new("rpm");
    install.arg("--root").arg(&root).args(["--dbpath", "/var/lib/rpm", "--install", "--justdb", "--nodeps"]);
    let out = install.args(["--nosignature", "--ignorearch"]).args(packages(&place.path("rpms"))).output().unwrap();
    assert!(out.status.success(), "{}", text(&out));
}

fn packages(folder: &Path) -> Vec<std::path::PathBuf> {
    let folders = fs::read_dir(folder).unwrap().map(|e| e.unwrap().path());
    folders.flat_map(|arch| fs::read_dir(arch).unwrap().map(|e| e.unwrap().path())).collect()
}

/// The settings that the page asks for, and the feeds of the example in place of the network.
fn set(place: &Place) {
    let file = format!("{HOME}/seaworthy.toml");
    let mut settings = fs::read_to_string(place.path(&file)).unwrap();
    let feeds = harbor("knowledge");
    for (key, value) in [
        ("name", "Harbor Linux"),
        ("line", "1.0"),
        ("nvd", &*format!("{feeds}/nvd")),
        ("kev", &*format!("{feeds}/kev.json")),
        ("epss", &*format!("{feeds}/epss_scores-current.csv")),
        ("url", "http://127.0.0.1:8080"),
        ("vendor", "harbor"),
        ("prefix", "HBR"),
        ("contact", "mailto:security@harbor.example"),
    ] {
        // The ledger has an address too.
        let begin = if key == "url" { "# url = \"https".to_owned() } else { format!("# {key} = ") };
        let line = settings.lines().find(|line| line.starts_with(&begin)).map(str::to_owned);
        let line = line.unwrap_or_else(|| panic!("seaworthy.toml of a new home does not show {key}"));
        settings = settings.replacen(&line, &format!("{key} = \"{value}\""), 1);
    }
    place.put(&file, settings);
}

/// Runs the commands of a role; gives what each printed. `ends` is the exit code of a command where it is not 0.
fn day(place: &Place, role: &str, ends: &[(usize, i32)]) -> Vec<String> {
    let mut printed = Vec::new();
    for (nth, line) in (1..).zip(commands(role)) {
        if line == "seaworthy serve-repo" {
            printed.push(served(place, &line));
            continue;
        }
        let out = output(place, &line);
        let wanted = ends.iter().find(|(of, _)| *of == nth).map_or(0, |(_, code)| *code);
        assert_eq!(out.status.code(), Some(wanted), "{role}, {line}:\n{}", text(&out));
        if nth == 1 {
            set(place);
        }
        printed.push(text(&out));
    }
    printed
}

/// The front page of the site, while it is served at a free port.
fn served(place: &Place, line: &str) -> String {
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let mut server = shell(place, &format!("{line} --listen 127.0.0.1:{port}")).stdout(Stdio::null()).spawn().unwrap();
    let began = Instant::now();
    let mut stream = loop {
        match TcpStream::connect(("127.0.0.1", port)) {
            Ok(stream) => break stream,
            Err(e) => assert!(began.elapsed() < Duration::from_secs(20), "the server does not answer: {e}"),
        }
        std::thread::sleep(Duration::from_millis(20));
    };
    stream.write_all(b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n").unwrap();
    let mut page = String::new();
    stream.read_to_string(&mut page).unwrap();
    server.kill().unwrap();
    server.wait().unwrap();
    page
}

#[test]
fn a_security_engineer_comes_from_nothing_to_a_decision() {
    let place = Place::new();
    specs(&place);
    let printed = day(&place, "Security engineer", &[]);
    assert!(printed[2].contains("CVE-2024-7264"), "{}", printed[2]);
    // By the tag, the fix that came since is still to be delivered; by the packages at hand it would be history.
    assert!(printed[5].contains("Out of band now: 1"), "{}", printed[5]);
    assert!(printed[6].contains("CVE-2024-7264"), "{}", printed[6]);
    assert!(printed[9].contains("mia"), "{}", printed[9]);
}

#[test]
fn a_release_manager_comes_from_nothing_to_a_publication() {
    if !available(&[RPM, RPMBUILD]) {
        return;
    }
    let place = Place::new();
    specs(&place);
    rpms(&place);
    let printed = day(&place, "Release manager", &[]);
    assert!(printed[3].contains("CVE-2024-6197"), "the fix since the tag ships:\n{}", printed[3]);
    assert!(printed[9].contains("Harbor Linux"), "{}", printed[9]);
}

#[test]
fn an_operator_comes_from_nothing_to_a_build_that_fails_on_what_matters() {
    if !available(&[RPM, RPMBUILD]) {
        return;
    }
    let place = Place::new();
    image(&place);
    let component = r#"{"type":"library","name":"curl","version":"8.8.0-2.hbr1","purl":"pkg:rpm/harbor/curl@8.8.0-2.hbr1?arch=noarch"}"#;
    place.put("image.cdx.json", format!(r#"{{"bomFormat":"CycloneDX","specVersion":"1.6","components":[{component}]}}"#));
    place.put("ignore.toml", block(&section("Operator"), "toml"));
    place.put(
        "vendor.json",
        r#"{"@context":"https://openvex.dev/ns/v0.2.0","@id":"https://harbor.example/1","author":"Harbor Linux",
        "timestamp":"2026-09-01T00:00:00Z","version":1,"statements":[{"vulnerability":{"name":"CVE-2024-7264"},
        "products":[{"@id":"pkg:rpm/harbor/curl@8.8.0-2.hbr1"}],"status":"not_affected",
        "justification":"vulnerable_code_not_present"}]}"#,
    );
    let printed = day(&place, "Operator", &[(5, 3), (8, 1)]);
    // An SBOM says no home page of an RPM, so that nothing ties this one to a record: that is counted.
    assert!(printed[4].contains("1 of 1 packages are tied to no product"), "{}", printed[4]);
    for nth in [4, 6, 8] {
        assert!(printed[nth - 1].contains("CVE-2024-7264"), "command {nth}:\n{}", printed[nth - 1]);
    }
    for nth in [9, 10] {
        assert!(printed[nth - 1].contains("Left out: 1 "), "command {nth}:\n{}", printed[nth - 1]);
    }
    let sarif: serde_json::Value = serde_json::from_slice(&fs::read(place.path("findings.sarif")).unwrap()).unwrap();
    assert_eq!(sarif["runs"][0]["results"][0]["ruleId"], "CVE-2024-7264");
}
