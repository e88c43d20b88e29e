//! What a publication tells the world, and what it does not tell.

use std::fs;
use std::path::{Path, PathBuf};

use crate::common::{harbor, text};
use crate::publishing::{House, digests, files};

/// Adds lines to the settings of a home, behind those of `[publish]`.
fn set(house: &House, lines: &str) {
    let settings = fs::read_to_string(house.place.path("home/seaworthy.toml")).unwrap();
    house.place.put("home/seaworthy.toml", format!("{settings}{lines}\n"));
}

#[test]
fn dates_are_promised_by_deadlines_of_the_team_alone() {
    let house = House::new();
    let plan = text(&house.run(&["publish", "plan"]));
    assert!(plan.contains("Promised dates: none"), "{plan}");
    house.publish(&[]);
    let page = || fs::read_to_string(house.place.path("home/site/www/index.html")).unwrap();
    assert!(house.advisory("CVE-2024-38475", "httpd")["due"].is_null() && !page().contains("promised by"), "{}", page());

    set(&house, "[policy.deadlines.critical]\npublished = \"9d\"");
    let plan = text(&house.run(&["publish", "plan"]));
    assert!(plan.contains("Promised dates: 3 of the 10 fixes to come"), "{plan}");
    house.publish(&[]);
    assert!(house.advisory("CVE-2024-38475", "httpd")["due"].is_string());
    assert!(house.advisory("CVE-2024-6119", "openssl")["due"].is_null(), "of high severity nothing is set");
    assert!(page().contains("promised by"), "{}", page());
}

#[test]
fn no_contact_is_made_up() {
    let house = House::new();
    let plan = text(&house.run(&["publish", "plan"]));
    assert!(plan.contains("Readers are told of no contact"), "{plan}");
    house.publish(&[]);
    let read = |path: &str| fs::read_to_string(house.place.path("home/site/www").join(path)).unwrap();
    assert!(!read("index.html").contains("Security team") && !read(".well-known/csaf/provider-metadata.json").contains("contact_details"));

    let settings = fs::read_to_string(house.place.path("home/seaworthy.toml")).unwrap();
    set(&house, "contact = \"mailto:security@\"");
    let out = house.run(&["publish", "run", "--no-programs"]);
    assert!(out.status.code() == Some(2) && text(&out).contains("contact in [publish]"), "{}", text(&out));
    house.place.put("home/seaworthy.toml", settings);
    set(&house, "contact = \"mailto:security@harbor.test\"");
    house.publish(&[]);
    assert!(read("index.html").contains("mailto:security@harbor.test"), "{}", read("index.html"));
    assert!(read(".well-known/csaf/provider-metadata.json").contains("\"contact_details\":\"mailto:security@harbor.test\""));
}

#[test]
fn a_plan_says_what_a_run_does_and_a_run_warns_of_what_it_does() {
    let house = House::new();
    let for_good = "This cannot be taken back";
    let nothing = "Nothing would change.";
    let plan = || text(&house.run(&["publish", "plan"]));
    assert!(house.publish(&[]).contains(for_good));
    let unchanged = || {
        assert!(plan().contains(nothing), "{}", plan());
        let told = house.publish(&[]);
        assert!(told.contains("Nothing to publish") && !told.contains(for_good), "{told}");
    };
    unchanged();
    // Other keys, other settings: the advisories stay, and their documents do not.
    let digest = || plan().split_whitespace().nth(1).unwrap().to_owned();
    let before = digest();
    house.run(&["keys", "rotate", "--user-id", "Harbor Linux updates <security@example.org>"]);
    let other = house.run(&["publish", "run", "--no-programs", "--plan", &before]);
    assert!(other.status.code() == Some(2) && digest() != before, "a plan that was agreed to has the keys of then: {}", text(&other));
    let names = "made anew, all of them";
    for (lines, why) in [
        ("", "made anew, since other keys sign:\n  + "),
        ("contact = \"security@harbor.test\"", names),
        ("cpe = \"cpe:2.3:o:harbor:linux:1.0:*:*:*:*:*:*:*\"", names),
    ] {
        set(&house, lines);
        let shown = plan();
        assert!(!shown.contains(nothing) && shown.contains(why), "{lines}: {shown}");
        let told = house.publish(&[]);
        assert!(told.contains("Published ") && told.contains(for_good), "{lines}: {told}");
        unchanged();
    }
}

/// Copies the spec tree to where a test may change it.
fn copy_specs(house: &House) {
    for name in ["curl", "expat", "golang", "harbor-lights", "httpd", "jq", "openssl", "python-requests", "zlib"] {
        for file in fs::read_dir(harbor(&format!("specs/{name}"))).unwrap() {
            let file = file.unwrap();
            house.place.put(&format!("specs/{name}/{}", file.file_name().display()), fs::read(file.path()).unwrap());
        }
    }
}

/// The packages without an advisory that the pages know.
fn shipped(house: &House) -> serde_json::Value {
    let list = fs::read(house.place.path("home/site/www/shipped.json")).unwrap();
    serde_json::from_slice::<serde_json::Value>(&list).unwrap()["packages"].clone()
}

#[test]
fn a_withdrawal_is_seen_before_and_no_plan_sends_its_build_out_again() {
    seaworthy_testing::needs!(RPMBUILD);
    let house = House::new();
    house.rpm("curl", "8.8.0", "2.hbr1", &["curl-libs"]);
    let due = || text(&house.run(&["plan"]));
    let waiting = "high      CVE-2024-6197    curl";
    assert!(due().contains(waiting), "{}", due());
    house.publish(&[]);
    assert_eq!(shipped(&house).as_object().unwrap().keys().collect::<Vec<_>>(), ["curl"], "what is in the specs alone is not told of");
    // The metadata of a repository follows from settings as well.
    set(&house, "architectures = [\"x86_64\", \"aarch64\", \"riscv64\"]");
    let plan = text(&house.run(&["publish", "plan"]));
    assert!(plan.contains("Metadata of the package repository would be made anew"), "{plan}");
    house.publish(&[]);
    let before = digests(&house.place.path("home"));
    let withdraw = ["publish", "withdraw", "curl-8.8.0-2.hbr1", "--why", "it does not start"];
    let later = |arguments: &[&str]| text(&house.at("1790003600", arguments));
    let trial = later(&[&withdraw[..], &["--dry-run"]].concat());
    for told in ["Channel updates: 0 packages, 0 come, 2 go", "- curl-libs-8.8.0-2.hbr1.noarch", "0 new, 1 revised", "CVE-2024-6197"] {
        assert!(trial.contains(told), "{told}: {trial}");
    }
    assert!(!trial.contains("cannot be taken back") && digests(&house.place.path("home")) == before, "{trial}");

    let done = later(&withdraw);
    assert!(done.contains("This cannot be taken back") && done.contains("Channel updates: 0 packages, 0 come, 2 go"), "{done}");
    assert!(!due().contains(waiting) && due().contains("the build with its fix was withdrawn"), "{}", due());
    let advisory = house.advisory("CVE-2024-6197", "curl");
    assert_eq!(advisory["statement"], "The update to 8.8.0-2.hbr1, which had the fix, was taken back.");
    assert!(advisory["ready"].is_null(), "{advisory}");
    assert_eq!(shipped(&house), serde_json::json!({}), "nor is it after the last package was withdrawn");

    copy_specs(&house);
    let spec = fs::read_to_string(house.place.path("specs/curl/curl.spec")).unwrap();
    for (clock, release) in [("1790007200", "2"), ("1790010800", "3")] {
        house.place.put("specs/curl/curl.spec", spec.replace("Release:        2%", &format!("Release:        {release}%")));
        for arguments in [["cycle", "--no-sync", "--spec-tree", "specs"].as_slice(), &["publish", "run", "--no-programs"]] {
            let out = house.at(clock, arguments);
            assert_eq!(out.status.code(), Some(0), "{arguments:?}: {}", text(&out));
        }
        let goes_out = due().lines().any(|line| line.contains(waiting) && line.contains("8.8.0-3"));
        assert_eq!((goes_out, due().contains("was withdrawn")), (release == "3", release == "2"), "{}", due());
        let ready = house.advisory("CVE-2024-6197", "curl")["ready"]["version"].clone();
        let expected = if release == "3" { serde_json::json!("8.8.0-3") } else { serde_json::Value::Null };
        assert_eq!(ready, expected);
    }
    assert_eq!(shipped(&house), serde_json::json!({}));
}

/// The values of an attribute on a page.
fn attributes<'p>(page: &'p str, name: &str) -> Vec<&'p str> {
    let begin = format!(" {name}=\"");
    page.split(&begin).skip(1).map(|rest| rest.split('"').next().unwrap()).collect()
}

/// The texts of a document that begin with the address of the site, without it.
fn addresses<'d>(document: &'d str, site: &str) -> Vec<&'d str> {
    let end = |rest: &'d str| rest.split(['"', '<', ' ', '\\', '\n', '#', ')']).next().unwrap().trim_end_matches('.');
    document.split(&format!("{site}/")).skip(1).map(end).collect()
}

/// A link from a folder, as a browser follows it: the folders of a site are links on disk.
fn resolved(folder: &Path, link: &str) -> PathBuf {
    let mut out = folder.to_owned();
    for part in link.split('/') {
        if part == ".." { assert!(out.pop(), "{link}") } else { out.push(part) }
    }
    out
}

#[test]
fn every_link_of_a_site_leads_to_a_file() {
    let house = House::new();
    house.run(&["sync", "--nvd", &harbor("knowledge/next-day")]);
    house.run(&["cycle", "--no-sync", "--spec-tree", &harbor("specs")]);
    house.publish(&[]);
    let www = house.place.path("home/site/www");
    let standings = fs::read_to_string(www.join("security/json/index.json")).unwrap();
    for standing in ["affected", "not_affected", "withdrawn"] {
        assert!(standings.contains(&format!("\"standing\":\"{standing}\"")), "{standing} is not on the site");
    }
    let mut seen = 0;
    for path in files(&www) {
        let Ok(document) = fs::read_to_string(&path) else { continue };
        let above = path.parent().unwrap();
        let is_page = path.extension().is_some_and(|end| end == "html");
        let links = attributes(&document, "href").into_iter().chain(attributes(&document, "src")).filter(|_| is_page);
        let own = links.filter(|link| !link.contains(':') && !link.starts_with('#'));
        let targets = own.map(|link| resolved(above, &link.split('#').next().unwrap().replace("%2B", "+")));
        let told = addresses(&document, &house.url()).into_iter().filter(|address| !address.contains('$')).map(|address| www.join(address));
        for target in targets.chain(told) {
            seen += 1;
            // A provider of CSAF names folders, each with a list of what is in it; a list of mirrors names one of a repository.
            let is_folder = target.join("index.txt").is_file() || target.join("repodata").is_dir();
            assert!(target.is_file() || is_folder, "{} leads to {}", path.display(), target.display());
        }
    }
    assert!(seen > 500, "{seen}");
}

#[test]
fn a_package_without_an_advisory_is_known_by_the_pages() {
    let house = House::new();
    let plan = || text(&house.run(&["publish", "plan"]));
    let published = || {
        house.publish(&[]);
        shipped(&house)
    };
    assert_eq!(published()["jq"], serde_json::json!(["", []]), "no channel has it");
    let verified = house.run(&["publish", "verify", "--no-programs"]);
    assert_eq!(verified.status.code(), Some(0), "{}", text(&verified));
    // Each inventory that differs is in the log with its names, so that an undoing finds those of the one before.
    copy_specs(&house);
    let spec = fs::read_to_string(house.place.path("specs/jq/jq.spec")).unwrap();
    house.place.put("specs/jq/jq.spec", spec.replace("1.7.1", "1.7.2"));
    house.run(&["cycle", "--no-sync", "--spec-tree", "specs"]);
    assert_eq!(published()["jq"], serde_json::json!(["", []]));
    let log = text(&house.run(&["ledger", "log", "--kind", "shipped", "--json", "--limit", "0"]));
    assert_eq!((log.lines().count(), log.matches("\"names\"").count()), (2, 2), "{log}");
    house.place.put("specs/onig/onig.spec", spec.replace("jq", "onig"));
    let before = plan();
    house.run(&["cycle", "--no-sync", "--spec-tree", "specs"]);
    assert!(plan().contains("shipped packages") && plan().lines().next() != before.lines().next(), "it is another plan: {}", plan());
    assert!(published()["onig"].is_array());
}
