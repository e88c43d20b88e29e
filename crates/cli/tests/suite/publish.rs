//! Publishing through the binary, with the package managers of clients: dnf does what the plan says.

use std::fs;
use std::time::Duration;

use crate::common::text;
use crate::publishing::{self, Dnf, House};

#[test]
fn dnf_does_what_the_plan_says() {
    seaworthy_testing::needs!(RPMBUILD, DNF);
    let house = House::new();
    house.rpm("curl", "8.8.0", "1.hbr1", &["curl-libs"]);
    house.rpm("openssl", "3.3.0", "1.hbr1", &[]);
    house.publish(&[]);
    let server = house.serve();
    let dnf = Dnf::new(&house, "updates");
    dnf.good(&["install", "curl", "curl-libs", "openssl"]);
    assert!(dnf.good(&["updateinfo", "list", "--security"]).is_empty(), "nothing is fixed yet");

    house.rpm("curl", "8.8.0", "2.hbr1", &["curl-libs"]);
    house.rpm("openssl", "3.3.0", "2.hbr1", &[]);
    let plan = text(&house.run(&["publish", "plan", "rpms"]));
    assert!(plan.contains("+ curl-8.8.0-2.hbr1.noarch  fixes CVE-2024-6197"), "{plan}");
    house.publish(&[]);
    let id = house.advisory("CVE-2024-6197", "curl")["id"].as_str().unwrap().to_owned();

    let list = dnf.good(&["updateinfo", "list", "--security"]);
    assert!(list.contains(&id) && list.contains("curl-8.8.0-2.hbr1.noarch") && list.contains("curl-libs-8.8.0-2.hbr1"), "{list}");
    assert!(!list.contains("openssl"), "an update that fixes nothing is no security update: {list}");
    assert!(dnf.good(&["updateinfo", "list", "--cve", "CVE-2024-6197"]).contains(&id));
    assert!(dnf.good(&["updateinfo", "list", "--cve", "CVE-2024-6119"]).is_empty());
    let info = dnf.good(&["updateinfo", "info", "--advisory", &id]);
    assert!(info.contains("CVE-2024-6197") && info.contains("Important"), "{info}");
    dnf.good(&["upgrade", "--security"]);
    let copied = Dnf::copied(&house);
    copied.good(&["install", "curl"]);
    assert_eq!(copied.installed(), ["curl-8.8.0-2.hbr1"], "what the page tells people is enough");
    assert_eq!(dnf.installed(), ["curl-8.8.0-2.hbr1", "curl-libs-8.8.0-2.hbr1", "openssl-3.3.0-1.hbr1"]);
    assert!(dnf.good(&["updateinfo", "list", "--security"]).is_empty());
    drop(server);
}

#[test]
fn what_was_altered_is_refused() {
    seaworthy_testing::needs!(RPMBUILD, DNF);
    let house = House::new();
    house.rpm("curl", "8.8.0", "1.hbr1", &[]);
    house.publish(&[]);
    let server = house.serve();
    Dnf::new(&house, "updates").good(&["install", "curl"]);
    let www = house.place.path("home/site/www");
    let channel = www.join("channels/updates/x86_64");
    let find =
        |end: &str| fs::read_dir(channel.join("repodata")).unwrap().map(|e| e.unwrap().path()).find(|p| p.to_string_lossy().ends_with(end));
    let package = publishing::files(&house.place.path("home/site/pool")).into_iter().find(|p| p.extension().is_some_and(|e| e == "rpm"));
    // One byte of the package, of its metadata, of what is signed, and of the signature.
    for (path, byte) in [
        (package.unwrap(), None),
        (find("primary.xml.zst").unwrap(), None),
        (find("repomd.xml").unwrap(), Some(120)),
        (find("repomd.xml.asc").unwrap(), Some(100)),
    ] {
        let good = fs::read(&path).unwrap();
        let mut bad = good.clone();
        let at = byte.unwrap_or(bad.len() - 20);
        bad[at] = if bad[at] == b'A' { b'B' } else { b'A' };
        fs::write(&path, &bad).unwrap();
        let fresh = Dnf::new(&house, "updates");
        let out = fresh.run(&["install", "curl"]);
        assert!(!out.status.success() && fresh.installed().is_empty(), "{} was accepted: {}", path.display(), text(&out));
        let verified = house.run(&["publish", "verify", "--packages", "--no-programs"]);
        assert_eq!(verified.status.code(), Some(1), "{}: {}", path.display(), text(&verified));
        fs::write(&path, &good).unwrap();
    }
    let verified = house.run(&["publish", "verify", "--packages", "--no-programs"]);
    assert_eq!(verified.status.code(), Some(0), "{}", text(&verified));
    drop(server);
}

#[test]
fn a_pinned_snapshot_stays_and_channels_move_by_promotion() {
    seaworthy_testing::needs!(RPMBUILD, DNF);
    let house = House::new();
    house.rpm("curl", "8.8.0", "1.hbr1", &[]);
    house.publish(&["--channel", "candidate"]);
    assert_eq!(house.channels().keys().collect::<Vec<_>>(), ["candidate"]);
    house.publish(&["--promote", "candidate"]);
    let pinned = house.channels()["updates"].clone();
    let server = house.serve();
    house.rpm("curl", "8.8.0", "2.hbr1", &[]);
    house.publish(&["--channel", "candidate"]);
    assert_eq!(house.channels()["updates"], pinned, "a candidate changes nothing for users");
    assert_eq!(house.advisory("CVE-2024-6197", "curl")["standing"], "affected");
    house.publish(&["--promote", "candidate"]);
    assert_ne!(house.channels()["updates"], pinned);
    assert_eq!(house.advisory("CVE-2024-6197", "curl")["standing"], "fixed");

    let moving = Dnf::new(&house, "updates");
    moving.good(&["install", "curl"]);
    assert_eq!(moving.installed(), ["curl-8.8.0-2.hbr1"]);
    let fixed = Dnf::at(&house, &format!("baseurl={}/snapshots/{pinned}/x86_64/", house.url()));
    fixed.good(&["install", "curl"]);
    assert_eq!(fixed.installed(), ["curl-8.8.0-1.hbr1"]);

    // Taking back is one step: the package goes, and the advisory says so.
    let out = house.run(&["publish", "withdraw", "curl-8.8.0-2.hbr1", "--why", "it does not start"]);
    assert_eq!(out.status.code(), Some(0), "{}", text(&out));
    let advisory = house.advisory("CVE-2024-6197", "curl");
    assert_eq!(advisory["standing"], "affected", "{advisory}");
    let again = Dnf::new(&house, "updates");
    again.good(&["install", "curl"]);
    assert_eq!(again.installed(), ["curl-8.8.0-1.hbr1"]);
    let out = house.run(&["publish", "run", "rpms", "--no-programs"]);
    assert!(out.status.code() == Some(2) && text(&out).contains("was taken back"), "{}", text(&out));
    drop(server);
}

#[test]
fn what_would_be_lost_is_refused() {
    seaworthy_testing::needs!(RPMBUILD, DNF);
    let house = House::new();
    house.rpm("curl", "8.8.0", "2.hbr1", &[]);
    house.publish(&[]);
    let first = house.channels()["updates"].clone();
    let refused = |arguments: &[&str], why: &str| {
        let before = publishing::digests(&house.place.path("home/site/www"));
        let out = house.run(&[&["publish"][..], arguments].concat());
        assert!(out.status.code() == Some(2) && text(&out).contains(why), "{arguments:?}: {}", text(&out));
        assert_eq!(publishing::digests(&house.place.path("home/site/www")), before);
    };
    // Another line, or a ledger that is not the one that published, must not overwrite the site.
    refused(&["run", "--line", "2.0"], "the log tells of none for the line 2.0");
    refused(&["run", "--line", "../1"], "can name no release line");
    let ledger = house.place.path("home/ledger.db");
    fs::rename(&ledger, house.place.path("kept.db")).unwrap();
    refused(&["run"], "it is the site of another ledger");
    fs::rename(house.place.path("kept.db"), &ledger).unwrap();

    // A promotion takes nothing away unless that is asked for; then the advisories say so.
    house.rpm("zlib", "1.3.1", "1.hbr1", &[]);
    house.run(&["publish", "run", "rpms/noarch/zlib-1.3.1-1.hbr1.noarch.rpm", "--channel", "candidate", "--no-programs"]);
    let candidate = house.channels()["candidate"].clone();
    refused(&["run", "--promote", "candidate"], "candidate does not have 2 of the packages in updates, such as curl-8.8.0-2.hbr1");
    refused(&["run", "--promote", "candidate", "--snapshot", &first], "never was the snapshot");
    refused(&["withdraw", "--channel", "updates", "--to", &candidate, "--why", "x"], "never was the snapshot");
    house.publish(&["--promote", "candidate", "--replace"]);
    let advisory = house.advisory("CVE-2024-6197", "curl");
    assert_eq!(advisory["standing"], "affected", "{advisory}");

    // What was taken back comes by no way.
    let out = house.run(&["publish", "withdraw", "--channel", "updates", "--to", &first, "--why", "curl is needed"]);
    assert_eq!(out.status.code(), Some(0), "{}", text(&out));
    let out = house.at("1790003600", &["publish", "withdraw", "curl-8.8.0-2.hbr1", "--why", "it does not start"]);
    assert_eq!(out.status.code(), Some(0), "{}", text(&out));
    let advisory = house.advisory("CVE-2024-6197", "curl").to_string();
    assert!(advisory.contains("Taken back because: it does not start."), "{advisory}");
    refused(&["withdraw", "--channel", "updates", "--to", &first, "--why", "x"], "which was taken back");
    refused(&["withdraw", "curl-8.8.0-2.hbr1", "--why", "x"], "no channel has curl-8.8.0-2.hbr1");

    // A wrong word in the settings would be told to the world.
    let settings = fs::read_to_string(house.place.path("home/seaworthy.toml")).unwrap();
    for (line, why) in
        [("public = [\"update\"]", "none of the channels"), ("architectures = [\"noarch\"]", "only architectures of machines")]
    {
        house.place.put("home/seaworthy.toml", format!("{settings}{line}\n"));
        refused(&["run"], why);
    }
}

/// A fix counts when all packages of its source are published, for all architectures.
#[test]
fn a_fix_that_machines_get_in_part_is_not_told_as_fixed() {
    seaworthy_testing::needs!(RPMBUILD, DNF);
    let house = House::new();
    house.rpm("curl", "8.8.0", "1.hbr1", &["curl-libs"]);
    house.publish(&[]);
    house.rpm("curl", "8.8.0", "2.hbr1", &["curl-libs"]);
    fs::rename(house.place.path("rpms/noarch/curl-libs-8.8.0-2.hbr1.noarch.rpm"), house.place.path("late.rpm")).unwrap();
    let told = house.publish(&[]);
    assert!(told.contains("! curl-libs-8.8.0-1.hbr1.noarch, whose source is there in 8.8.0-2.hbr1"), "{told}");
    assert_eq!(house.advisory("CVE-2024-6197", "curl")["standing"], "affected");
    fs::rename(house.place.path("late.rpm"), house.place.path("rpms/noarch/curl-libs-8.8.0-2.hbr1.noarch.rpm")).unwrap();
    house.publish(&[]);
    assert_eq!(house.advisory("CVE-2024-6197", "curl")["standing"], "fixed");

    // What is left of a build of which a part was taken back would look the same.
    let out = house.at("1790003600", &["publish", "withdraw", "curl-8.8.0-2.hbr1", "--why", "it does not start"]);
    assert!(out.status.success() && text(&out).contains("- curl-libs-8.8.0-2.hbr1.noarch"), "{}", text(&out));
    let advisory = house.advisory("CVE-2024-6197", "curl");
    assert!(advisory["standing"] == "affected" && advisory.to_string().contains("it does not start"), "{advisory}");
    let out = house.run(&["publish", "withdraw", "curl-8.8.0-3", "--channel", "updates", "--why", "x"]);
    assert!(text(&out).contains("the channel updates does not have curl-8.8.0-3; there is curl-8.8.0-1.hbr1.noarch"), "{}", text(&out));
}

#[test]
fn a_plan_is_done_as_it_was_shown_or_not_at_all() {
    seaworthy_testing::needs!(RPMBUILD, DNF);
    let house = House::new();
    house.rpm("curl", "8.8.0", "2.hbr1", &[]);
    let plan = |clock: &str| text(&house.at(clock, &["publish", "plan", "rpms"])).split_whitespace().nth(1).unwrap().to_owned();
    let digest = plan("1790000100");
    assert_eq!(plan("1790000150"), digest, "the time at which it is shown is not part of it");
    let settings = fs::read_to_string(house.place.path("home/seaworthy.toml")).unwrap();
    house.place.put("home/seaworthy.toml", format!("{settings}contact = \"mailto:other@harbor.example\"\n"));
    let run = ["publish", "run", "rpms", "--no-programs", "--plan", &digest];
    let out = house.at("1790000200", &run);
    assert!(out.status.code() == Some(2) && text(&out).contains("does not hold any more"), "{}", text(&out));
    house.place.put("home/seaworthy.toml", settings);
    let out = house.at("1790000200", &run);
    assert_eq!(out.status.code(), Some(0), "{}", text(&out));
}

#[test]
fn two_publications_at_once_are_one_after_the_other() {
    seaworthy_testing::needs!(RPMBUILD, DNF);
    let house = House::new();
    house.rpm("curl", "8.8.0", "2.hbr1", &[]);
    let lock = fs::File::create({
        fs::create_dir_all(house.place.path("home/site")).unwrap();
        house.place.path("home/site/.lock")
    });
    let lock = lock.unwrap();
    lock.lock().unwrap();
    let out = house.run(&["publish", "run", "rpms", "--no-programs"]);
    assert!(out.status.code() == Some(75) && text(&out).contains("another publication into"), "{}", text(&out));
    assert!(!house.place.path("home/site/www").exists());
    lock.unlock().unwrap();
    house.publish(&[]);
}

/// A retired key: clients that know only the new one can install all packages.
#[test]
fn packages_of_a_key_that_is_gone_are_signed_anew() {
    seaworthy_testing::needs!(RPMBUILD, DNF);
    let house = House::new();
    house.rpm("curl", "8.8.0", "2.hbr1", &[]);
    house.publish(&[]);
    let first = house.channels()["updates"].clone();
    let old = text(&house.run(&["keys", "list"])).split_whitespace().next().unwrap().to_owned();
    house.run(&["keys", "rotate", "--user-id", "Harbor Linux updates <security@example.org>"]);
    house.publish(&[]);
    house.run(&["keys", "retire", &old, "--compromised"]);
    let told = house.publish(&[]);
    assert!(told.contains("Signed anew, since a key is gone that signed them: 1 package"), "{told}");
    let server = house.serve();
    let dnf = Dnf::new(&house, "updates");
    dnf.good(&["install", "curl"]);
    assert_eq!(dnf.installed(), ["curl-8.8.0-2.hbr1"]);
    drop(server);
    let out = house.run(&["publish", "verify", "--packages", "--no-programs"]);
    assert_eq!(out.status.code(), Some(0), "{}", text(&out));

    // What somebody may have pinned is read as well, by the keys of its time.
    let earlier = house.place.path("home/site/snapshots").join(&first).join("x86_64/repodata");
    for name in ["repomd.xml", "primary"] {
        let file = fs::read_dir(&earlier).unwrap().map(|e| e.unwrap().path()).find(|p| {
            let file = p.file_name().unwrap().to_string_lossy();
            file == name || (name == "primary" && file.contains(name))
        });
        let file = file.unwrap();
        let bytes = fs::read(&file).unwrap();
        fs::write(&file, [&bytes[..], b"\n"].concat()).unwrap();
        let out = house.run(&["publish", "verify", "--no-programs"]);
        assert!(
            out.status.code() == Some(1) && text(&out).contains(&first) && !text(&out).contains("is not known"),
            "{name}: {}",
            text(&out)
        );
        fs::write(&file, bytes).unwrap();
    }

    // A package that is gone from the pool comes back with the next run that is given it.
    fs::remove_dir_all(house.place.path("home/site/pool")).unwrap();
    let out = house.run(&["publish", "verify", "--no-programs"]);
    assert!(out.status.code() == Some(1) && text(&out).contains("a package that primary lists"), "{}", text(&out));
    house.publish(&[]);
    let server = house.serve();
    Dnf::new(&house, "updates").good(&["install", "curl"]);
    drop(server);
}

#[test]
fn a_second_publication_of_the_same_changes_no_byte() {
    seaworthy_testing::needs!(RPMBUILD, DNF);
    let house = House::new();
    house.rpm("curl", "8.8.0", "2.hbr1", &[]);
    let other = house.copy();
    house.publish(&[]);
    let before = publishing::digests(&house.place.path("home/site/www"));
    assert!(house.publish(&[]).contains("Nothing to publish"));
    assert_eq!(publishing::digests(&house.place.path("home/site/www")), before);
    // Somewhere else, from the same log, key and packages, at the same time, it is the same as well.
    other.publish(&[]);
    assert_eq!(publishing::digests(&other.place.path("home/site/www")), before);
}

#[test]
fn a_lost_or_expired_key_stops_before_anything_changes() {
    seaworthy_testing::needs!(RPMBUILD, DNF);
    let house = House::new();
    house.publish(&[]);
    let before = publishing::digests(&house.place.path("home"));
    house.rpm("curl", "8.8.0", "2.hbr1", &[]);
    let late = house.at("1990000000", &["publish", "run", "rpms", "--no-programs"]);
    assert!(late.status.code() == Some(2) && text(&late).contains("expired"), "{}", text(&late));
    let secret = publishing::files(&house.place.path("home/keys")).into_iter().find(|p| p.to_string_lossy().ends_with(".sec.asc")).unwrap();
    fs::rename(&secret, secret.with_extension("gone")).unwrap();
    let lost = house.run(&["publish", "run", "rpms", "--no-programs"]);
    assert!(lost.status.code() == Some(2) && text(&lost).contains("cannot sign"), "{}", text(&lost));
    fs::rename(secret.with_extension("gone"), &secret).unwrap();
    assert_eq!(publishing::digests(&house.place.path("home")), before, "nothing changed");
}

#[test]
fn a_client_never_sees_two_publications_at_once() {
    seaworthy_testing::needs!(RPMBUILD, DNF);
    let house = House::new();
    house.rpm("curl", "8.8.0", "1.hbr1", &[]);
    house.publish(&[]);
    let server = house.serve();
    let stop = std::sync::atomic::AtomicBool::new(false);
    let (reads, publications) = std::thread::scope(|scope| {
        let reader = scope.spawn(|| {
            let mut reads = 0u32;
            let key = house.place.path("home/site/www/keys/harbor.asc");
            let key = fs::read(key).unwrap();
            while !stop.load(std::sync::atomic::Ordering::Relaxed) {
                publishing::read_all(&house.url(), "updates", &key);
                reads += 1;
            }
            reads
        });
        let client = scope.spawn(|| {
            let mut runs = 0u32;
            while !stop.load(std::sync::atomic::Ordering::Relaxed) {
                let dnf = Dnf::new(&house, "updates");
                dnf.good(&["makecache"]);
                dnf.good(&["install", "curl"]);
                runs += 1;
            }
            runs
        });
        let publications = publishing::publish_many(&house, publishing::how_many());
        stop.store(true, std::sync::atomic::Ordering::Relaxed);
        (reader.join().unwrap() + client.join().unwrap(), publications)
    });
    eprintln!("{publications} publications, {reads} reads");
    assert!(reads > 3 && publications >= publishing::how_many());
    drop(server);
}

#[test]
fn a_publication_that_is_killed_is_old_or_new_and_the_next_run_completes_it() {
    seaworthy_testing::needs!(RPMBUILD, DNF);
    let house = House::new();
    house.rpm("curl", "8.8.0", "1.hbr1", &[]);
    house.rpm("openssl", "3.3.0", "1.hbr1", &[]);
    house.publish(&[]);
    house.rpm("curl", "8.8.0", "2.hbr1", &[]);
    let began = std::time::Instant::now();
    let whole = house.copy();
    whole.publish(&[]);
    let longest = began.elapsed();
    let old = publishing::seen(&house);
    let new = publishing::seen(&whole);
    assert_ne!(old, new);
    let (mut olds, mut news) = (0, 0);
    for round in 0..publishing::kills() {
        let victim = house.copy();
        let wait = longest.mul_f64(f64::from(round) / f64::from(publishing::kills()) * 1.1);
        victim.kill_after(wait.max(Duration::from_millis(1)), &["publish", "run", "rpms", "--no-programs"]);
        let seen = publishing::seen(&victim);
        if seen == old {
            olds += 1;
        } else {
            assert_eq!(publishing::differing(&seen, &new), Vec::<String>::new(), "killed after {wait:?}");
            news += 1;
        }
        victim.publish(&[]);
        let after = publishing::seen(&victim);
        assert_eq!(publishing::differing(&after, &new), Vec::<String>::new(), "after the run that was killed after {wait:?}");
        let verified = victim.run(&["publish", "verify", "--no-programs"]);
        assert_eq!(verified.status.code(), Some(0), "killed after {wait:?}: {}", text(&verified));
    }
    eprintln!("killed {} times: {olds} saw the old state, {news} the new one", publishing::kills());
    assert!(olds > 0);
}
