//! Publishing into an S3-style store, and dnf that reads from it through the web server of the manual.

use std::fs;
use std::process::{Child, Command, Output, Stdio};
use std::sync::atomic::Ordering;

use crate::common::{seaworthy, text};
use crate::publishing::{Dnf, House};
use crate::server::{KEY, SECRET, Server};

/// The web server nginx before the store, set up with the lines of the manual; it ends with its owner.
struct Front {
    nginx: Child,
    _dir: tempfile::TempDir,
}

impl Front {
    fn new(house: &House, store: &Server) -> Self {
        let manual = fs::read_to_string(seaworthy_testing::workspace().join("docs/publish.md")).unwrap();
        let (_, rest) = manual.split_once("```nginx\n").expect("the manual has the lines");
        let (lines, _) = rest.split_once("```").unwrap();
        let address = "https://BUCKET.s3.REGION.amazonaws.com/FOLDER/";
        assert!(lines.contains(address), "{lines}");
        let lines = lines.replace(address, &format!("{}/harbor/linux/", store.endpoint));
        let dir = tempfile::tempdir().unwrap();
        let here = dir.path().display();
        let temporary: String =
            ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].iter().map(|kind| format!("{kind}_temp_path {here}/{kind};")).collect();
        let listen = house.url().replace("http://", "");
        let settings = format!(
            "daemon off; pid {here}/pid; error_log stderr; events {{}}\nhttp {{ access_log off; {temporary}\nserver {{ listen {listen};\n{lines}}} }}\n"
        );
        let file = dir.path().join("nginx.conf");
        fs::write(&file, settings).unwrap();
        let mut command = Command::new("nginx");
        command.arg("-c").arg(&file).arg("-p").arg(dir.path()).stderr(Stdio::null());
        let nginx = command.spawn().unwrap();
        house.wait();
        Self { nginx, _dir: dir }
    }
}

impl Drop for Front {
    fn drop(&mut self) {
        // Killed, it would leave its workers.
        let id = self.nginx.id().to_string();
        let _ = Command::new("kill").args(["-QUIT", &id]).status();
        let _ = self.nginx.wait();
    }
}

fn publish(house: &House, store: &Server, arguments: &[&str]) -> Output {
    let mut command = seaworthy(&house.place.path("home"));
    command.env("AWS_ENDPOINT_URL", &store.endpoint).env("AWS_ACCESS_KEY_ID", KEY).env("AWS_SECRET_ACCESS_KEY", SECRET);
    command.current_dir(house.place.path(".")).arg("publish").args(arguments).output().unwrap()
}

#[test]
fn a_listing_of_another_version_is_refused() {
    let (house, store) = (House::new(), Server::new());
    let settings = fs::read_to_string(house.place.path("home/seaworthy.toml")).unwrap();
    house.place.put("home/seaworthy.toml", format!("{settings}store = \"s3://harbor/linux\"\n"));
    let verify = || publish(&house, &store, &["verify", "--no-programs"]);
    let out = publish(&house, &store, &["run", "--no-programs"]);
    assert!(out.status.success() && verify().status.success(), "{}", text(&out));
    let listing = store.file("linux/seaworthy.listing.zst");
    for (version, remedy) in [(2, "use a newer seaworthy"), (0, "remove it there, and everything is sent anew")] {
        let other = format!("seaworthy listing {version}\n");
        fs::write(&listing, other).unwrap();
        let shown = format!("the listing of a store has version {version}, and this seaworthy reads version 1: {remedy}");
        for out in [verify(), publish(&house, &store, &["run", "--no-programs"])] {
            assert!(out.status.code() == Some(2) && text(&out).contains(&shown), "{}", text(&out));
        }
    }
    // As the remedy says.
    fs::remove_file(&listing).unwrap();
    let out = publish(&house, &store, &["run", "--no-programs"]);
    assert!(out.status.success() && verify().status.success(), "{}", text(&out));
}

#[test]
fn dnf_gets_its_updates_from_a_store() {
    seaworthy_testing::needs!(RPMBUILD, DNF, NGINX);
    let (house, store) = (House::new(), Server::new());
    let settings = fs::read_to_string(house.place.path("home/seaworthy.toml")).unwrap();
    house.place.put("home/seaworthy.toml", format!("{settings}store = \"s3://harbor/linux\"\n"));
    house.rpm("curl", "8.8.0", "1.hbr1", &["libcurl++"]);
    let run = ["run", "rpms", "--no-programs"];

    let out = house.run(&[&["publish"][..], &run].concat());
    assert!(out.status.code() == Some(2) && text(&out).contains("AWS_ACCESS_KEY_ID"), "{}", text(&out));
    assert!(!house.place.path("home/site/www").exists(), "nothing is published that the store cannot get");

    let out = publish(&house, &store, &run);
    assert!(out.status.success() && text(&out).contains("to s3://harbor/linux, removed 0"), "{}", text(&out));
    let front = Front::new(&house, &store);
    let dnf = Dnf::new(&house, "updates");
    dnf.good(&["install", "curl", "libcurl++"]);

    house.rpm("curl", "8.8.0", "2.hbr1", &["libcurl++"]);
    // The store fails half-way: what it holds stays good, and the next run sends the rest.
    store.watch().writes.store(5, Ordering::SeqCst);
    let out = publish(&house, &store, &run);
    assert!(out.status.code() == Some(2) && text(&out).contains("the next run sends the rest"), "{}", text(&out));
    assert!(dnf.good(&["updateinfo", "list", "--security"]).is_empty());
    store.watch().writes.store(i64::MAX, Ordering::SeqCst);
    let out = publish(&house, &store, &["verify", "--no-programs"]);
    assert!(out.status.code() == Some(1) && text(&out).contains("wrong: s3://harbor/linux/"), "{}", text(&out));
    let out = publish(&house, &store, &run);
    assert!(out.status.success() && text(&out).contains("Nothing to publish") && text(&out).contains("Sent "), "{}", text(&out));
    assert!(text(&publish(&house, &store, &run)).contains("holds it already"));

    let id = house.advisory("CVE-2024-6197", "curl")["id"].as_str().unwrap().to_owned();
    assert!(dnf.good(&["updateinfo", "list", "--security"]).contains(&id));
    dnf.good(&["upgrade", "--security"]);
    assert_eq!(dnf.installed(), ["curl-8.8.0-2.hbr1", "libcurl++-8.8.0-2.hbr1"]);

    let out = publish(&house, &store, &["verify", "--packages", "--no-programs"]);
    assert!(out.status.success() && text(&out).contains("objects compared, byte by byte"), "{}", text(&out));
    fs::write(store.file("linux/index.html"), "altered").unwrap();
    let out = publish(&house, &store, &["verify", "--packages", "--no-programs"]);
    assert!(out.status.code() == Some(1) && text(&out).contains("linux/index.html: it is not what was published"), "{}", text(&out));
    drop(front);
}
