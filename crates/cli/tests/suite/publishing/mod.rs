//! A distribution that publishes, and its clients: RPMs by rpmbuild, a server, dnf in a root of its own.

use std::collections::BTreeMap;
use std::fs;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::os::unix::fs::MetadataExt;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use seaworthy_keys::{PublicKeys, verify_detached};
use seaworthy_model::Digest;
use serde_json::Value;

use crate::common::{Place, harbor, seaworthy, text};

/// The number of times that a publication is killed.
pub(crate) fn kills() -> u32 {
    number("SEAWORTHY_TEST_KILLS", 8)
}

/// The number of publications in a row that are read while they happen.
pub(crate) fn how_many() -> u32 {
    number("SEAWORTHY_TEST_PUBLICATIONS", 25)
}

fn number(name: &str, otherwise: u32) -> u32 {
    std::env::var(name).ok().and_then(|v| v.parse().ok()).unwrap_or(otherwise)
}

/// Harbor Linux with its cases, a key and a site.
pub(crate) struct House {
    pub(crate) place: Place,
    port: u16,
}

impl House {
    pub(crate) fn new() -> Self {
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let house = Self { place: Place::new(), port };
        let settings = format!(
            "[distribution]\nname = \"Harbor Linux\"\nline = \"1.0\"\n\n[publish]\nurl = \"http://127.0.0.1:{port}\"\nvendor = \"harbor\"\nprefix = \"HBR\"\n"
        );
        house.place.put("home/seaworthy.toml", settings);
        house.good(&["sync", "--nvd", &harbor("knowledge/nvd"), "--kev", &harbor("knowledge/kev.json")]);
        house.good(&["cycle", "--no-sync", "--spec-tree", &harbor("specs"), "--delivered", &harbor("released.json")]);
        house.good(&["keys", "create", "--user-id", "Harbor Linux updates <security@example.org>"]);
        house
    }

    pub(crate) fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> Output {
        self.place.run(arguments)
    }

    pub(crate) fn at(&self, clock: &str, arguments: &[&str]) -> Output {
        let mut command = seaworthy(&self.place.path("home"));
        command.current_dir(self.place.path(".")).env("SOURCE_DATE_EPOCH", clock).args(arguments).output().unwrap()
    }

    fn good(&self, arguments: &[&str]) -> String {
        let out = self.run(arguments);
        assert_eq!(out.status.code(), Some(0), "{arguments:?}: {}", text(&out));
        text(&out)
    }

    /// Publishes the packages that were built, or those that the arguments name.
    pub(crate) fn publish(&self, arguments: &[&str]) -> String {
        let rpms = self.place.path("rpms").is_dir() && !arguments.contains(&"--promote");
        let packages: &[&str] = if rpms { &["rpms"] } else { &[] };
        self.good(&[&["publish", "run", "--no-programs"], packages, arguments].concat())
    }

    /// Builds a package, with further packages of the same source.
    pub(crate) fn rpm(&self, name: &str, version: &str, release: &str, parts: &[&str]) {
        let mut spec = format!(
            "Name: {name}\nVersion: {version}\nRelease: {release}\nSummary: A package of Harbor Linux\nLicense: MIT\nBuildArch: noarch\n%description\nFor tests.\n"
        );
        let mut install = "%install\nmkdir -p %{buildroot}/usr/share/harbor\n".to_owned();
        let mut lists = String::new();
        for part in [&[name], parts].concat() {
            install += &format!("echo {version}-{release} > %{{buildroot}}/usr/share/harbor/{part}\n");
            if part == name {
                lists += &format!("%files\n/usr/share/harbor/{part}\n");
            } else {
                spec += &format!("%package -n {part}\nSummary: A part\n%description -n {part}\nA part.\n");
                lists += &format!("%files -n {part}\n/usr/share/harbor/{part}\n");
            }
        }
        self.place.put("build/a.spec", spec + &install + &lists);
        let mut build = Command::new("rpmbuild");
        build.current_dir(self.place.path("build")).env("HOME", self.place.path("build")).env("SOURCE_DATE_EPOCH", "1780000000");
        for define in [
            format!("_topdir {}", self.place.path("build/top").display()),
            format!("_rpmdir {}", self.place.path("rpms").display()),
            "_buildhost localhost".into(),
            "use_source_date_epoch_as_buildtime 1".into(),
            "clamp_mtime_to_source_date_epoch 1".into(),
        ] {
            build.arg("--define").arg(define);
        }
        let out = build.args(["-bb", "a.spec"]).output().unwrap();
        assert!(out.status.success(), "{}", text(&out));
    }

    /// A server of the site, until it is dropped.
    pub(crate) fn serve(&self) -> Server {
        let mut command = seaworthy(&self.place.path("home"));
        command.args(["serve-repo", "--listen", &format!("127.0.0.1:{}", self.port)]).stdout(Stdio::null());
        let server = Server(command.spawn().unwrap());
        self.wait();
        server
    }

    /// Waits until the address of the server answers.
    pub(crate) fn wait(&self) {
        let began = Instant::now();
        while TcpStream::connect(("127.0.0.1", self.port)).is_err() {
            assert!(began.elapsed() < Duration::from_secs(20), "the server does not answer");
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    fn published(&self, path: &str) -> Value {
        serde_json::from_slice(&fs::read(self.place.path("home/site/www").join(path)).unwrap()).unwrap()
    }

    pub(crate) fn channels(&self) -> BTreeMap<String, String> {
        serde_json::from_value(self.published("publication.json")["channels"].clone()).unwrap()
    }

    /// An advisory as the site has it.
    pub(crate) fn advisory(&self, cve: &str, package: &str) -> Value {
        let folder = self.place.path("home/site/www/security/json");
        let all = files(&folder).into_iter().filter(|p| p.file_name().is_some_and(|n| n != "index.json"));
        let read = |path: PathBuf| serde_json::from_slice::<Value>(&fs::read(path).unwrap()).unwrap();
        all.map(read).find(|a| a["cve"] == cve && a["package"] == package).unwrap_or_else(|| panic!("no advisory on {cve} in {package}"))
    }

    /// A copy of the distribution in another folder.
    pub(crate) fn copy(&self) -> Self {
        let place = Place::new();
        let status = Command::new("cp").arg("-a").arg(self.place.path(".")).arg(place.path(".")).status().unwrap();
        assert!(status.success());
        Self { place, port: self.port }
    }

    /// Runs a publication and kills it after a while.
    pub(crate) fn kill_after(&self, wait: Duration, arguments: &[&str]) {
        let mut command = seaworthy(&self.place.path("home"));
        command.current_dir(self.place.path(".")).args(arguments).stdout(Stdio::null()).stderr(Stdio::null());
        let mut child = command.spawn().unwrap();
        std::thread::sleep(wait);
        // SIGKILL.
        let _ = child.kill();
        child.wait().unwrap();
    }
}

/// The content that clients can see: all that the pointer leads to, by digest.
pub(crate) fn seen(house: &House) -> BTreeMap<String, String> {
    let mut all = digests(&house.place.path("home/site/www"));
    // Snapshots and packages that nothing points to are seen by nobody.
    all.retain(|path, _| !path.starts_with("snapshots/") && !path.split('/').any(|part| part == "pool"));
    all
}

/// The paths at which two sites differ.
pub(crate) fn differing(a: &BTreeMap<String, String>, b: &BTreeMap<String, String>) -> Vec<String> {
    a.keys().chain(b.keys()).filter(|path| a.get(*path) != b.get(*path)).cloned().collect()
}

pub(crate) fn publish_many(house: &House, count: u32) -> u32 {
    // The channel goes to and fro between two snapshots.
    let first = house.channels()["updates"].clone();
    house.rpm("curl", "8.8.0", "2.hbr1", &[]);
    house.publish(&[]);
    let second = house.channels()["updates"].clone();
    for i in 0..count {
        let snapshot = if i % 2 == 0 { &first } else { &second };
        house.publish(&["--promote", "updates", "--replace", "--snapshot", snapshot]);
    }
    count + 1
}

/// Reads a channel as a client does: the list of mirrors, the signed index, all files that it names.
pub(crate) fn read_all(url: &str, channel: &str, key: &[u8]) {
    let keys = PublicKeys::parse("the key", key).unwrap();
    let base = String::from_utf8(get(&format!("{url}/mirrorlist/{channel}-x86_64"))).unwrap();
    let base = base.trim().trim_end_matches('/').to_owned();
    let repomd = get(&format!("{base}/repodata/repomd.xml"));
    let signature = get(&format!("{base}/repodata/repomd.xml.asc"));
    verify_detached(&repomd, &signature, &keys, jiff::Timestamp::now()).unwrap();
    let repomd = String::from_utf8(repomd).unwrap();
    let hrefs: Vec<&str> = repomd.split("href=\"").skip(1).map(|rest| rest.split('"').next().unwrap()).collect();
    assert!(hrefs.len() >= 4, "{repomd}");
    for href in hrefs {
        let bytes = get(&format!("{base}/{href}"));
        let name = href.rsplit('/').next().unwrap();
        assert!(name.starts_with(&Digest::of(&bytes).hex()), "{name} is not what it says");
    }
}

fn get(url: &str) -> Vec<u8> {
    let rest = url.strip_prefix("http://").unwrap();
    let (host, path) = rest.split_once('/').unwrap();
    let mut stream = TcpStream::connect(host).unwrap();
    write!(stream, "GET /{path} HTTP/1.0\r\nHost: {host}\r\n\r\n").unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).unwrap();
    let end = answer.windows(4).position(|w| w == b"\r\n\r\n").unwrap();
    let head = String::from_utf8_lossy(&answer[..end]).into_owned();
    assert!(head.split_whitespace().nth(1) == Some("200"), "{url}: {head}");
    answer.split_off(end + 4)
}

/// All files below a folder; links are followed.
pub(crate) fn files(folder: &Path) -> Vec<PathBuf> {
    let mut out = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { out.extend(files(&path)) } else { out.push(path) }
    }
    out.sort();
    out
}

/// The digests of the files below a folder, without those that the ledger writes when it is read.
pub(crate) fn digests(folder: &Path) -> BTreeMap<String, String> {
    let name = |path: &Path| path.strip_prefix(folder).unwrap().to_string_lossy().into_owned();
    let all = files(folder).into_iter().filter(|p| !p.file_name().unwrap().to_string_lossy().starts_with("ledger.db"));
    all.map(|path| (name(&path), Digest::of(&fs::read(&path).unwrap()).hex())).collect()
}

/// A server that ends with its owner.
pub(crate) struct Server(Child);

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// dnf with a root of its own, set up by the published settings.
pub(crate) struct Dnf {
    root: tempfile::TempDir,
}

impl Dnf {
    /// A client with the settings that the site publishes for a channel.
    pub(crate) fn new(house: &House, channel: &str) -> Self {
        let settings = get(&format!("{}/repo/harbor-{channel}.repo", house.url()));
        Self::with(&String::from_utf8(settings).unwrap())
    }

    /// A client with the settings that a person copies from the page on the repository.
    pub(crate) fn copied(house: &House) -> Self {
        let page = String::from_utf8(get(&format!("{}/repository.html", house.url()))).unwrap();
        let file = page.split("aria-label=\"File\"><code>").nth(1).unwrap().split("</code>").next().unwrap();
        Self::with(&file.replace("&amp;", "&").replace("&quot;", "\""))
    }

    /// A client with another line for the address of the repository.
    pub(crate) fn at(house: &House, base: &str) -> Self {
        Self::with(&format!(
            "[pinned]\nname=pinned\n{base}\nenabled=1\ngpgcheck=1\nrepo_gpgcheck=1\ngpgkey={}/keys/harbor.asc\n",
            house.url()
        ))
    }

    fn with(settings: &str) -> Self {
        // A short path: the agent of GnuPG that dnf starts keeps a socket below it.
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let prefix = format!("sw{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        let root = tempfile::Builder::new().prefix(&prefix).tempdir_in("/tmp").unwrap();
        fs::create_dir_all(root.path().join("etc/yum.repos.d")).unwrap();
        fs::create_dir_all(root.path().join("home")).unwrap();
        fs::write(root.path().join("etc/yum.repos.d/a.repo"), settings).unwrap();
        fs::write(root.path().join("home/.rpmmacros"), "%_dbpath /var/lib/rpm\n%__gpg /usr/bin/gpg\n").unwrap();
        let conf = format!(
            "[main]\ngpgcheck=1\nrepo_gpgcheck=1\nbest=1\nreposdir={0}/etc/yum.repos.d\ncachedir=/var/cache/dnf\nlogdir=/var/log\npersistdir=/var/lib/dnf\nplugins=0\ninstall_weak_deps=0\nmetadata_expire=0\nretries=1\ntimeout=10\n",
            root.path().display()
        );
        fs::write(root.path().join("etc/dnf.conf"), conf).unwrap();
        Self { root }
    }

    fn command(&self, program: &str) -> Command {
        // Another root is for root alone, or for the root of a namespace of one's own.
        let is_root = fs::metadata("/proc/self").unwrap().uid() == 0;
        let mut command = Command::new(if is_root { program } else { "unshare" });
        if !is_root {
            command.args(["--map-root-user", "--", program]);
        }
        command.env_clear().env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin").env("HOME", self.root.path().join("home")).env("LANG", "C.UTF-8");
        // No agent outlives its root.
        command.process_group(0);
        command
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> Output {
        let mut dnf = self.command("dnf");
        dnf.args(["-y", "-q", "--refresh", "-c"]).arg(self.root.path().join("etc/dnf.conf"));
        dnf.arg(format!("--installroot={}", self.root.path().display())).args(["--releasever=1", "--forcearch=x86_64"]);
        dnf.args(arguments).output().unwrap()
    }

    pub(crate) fn good(&self, arguments: &[&str]) -> String {
        let out = self.run(arguments);
        assert!(out.status.success(), "dnf {arguments:?}: {}", text(&out));
        String::from_utf8(out.stdout).unwrap().trim().to_owned()
    }

    /// The installed packages, as NAME-VERSION-RELEASE.
    pub(crate) fn installed(&self) -> Vec<String> {
        let mut rpm = self.command("rpm");
        rpm.arg("--root").arg(self.root.path()).args(["-qa", "--qf", "%{NAME}-%{VERSION}-%{RELEASE}\\n"]);
        let out = String::from_utf8(rpm.output().unwrap().stdout).unwrap();
        let mut all: Vec<String> = out.lines().filter(|l| !l.starts_with("gpg-pubkey")).map(str::to_owned).collect();
        all.sort();
        all
    }
}

impl Drop for Dnf {
    fn drop(&mut self) {
        // dnf leaves an agent of GnuPG for each of its key rings.
        for ring in files_named(self.root.path(), "pubring") {
            let _ = Command::new("gpgconf").arg("--homedir").arg(ring).args(["--kill", "all"]).output();
        }
    }
}

fn files_named(folder: &Path, name: &str) -> Vec<PathBuf> {
    let mut out = Vec::new();
    for path in fs::read_dir(folder).into_iter().flatten().flatten().map(|e| e.path()).filter(|p| p.is_dir() && !p.is_symlink()) {
        if path.file_name().is_some_and(|n| n == name) {
            out.push(path);
        } else {
            out.extend(files_named(&path, name));
        }
    }
    out
}
