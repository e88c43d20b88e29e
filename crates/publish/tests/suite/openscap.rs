//! OpenSCAP on roots with real packages gives our verdicts: below, at and above the fix, with epochs, `~` and `^`.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::process::{Command, Output};

use jiff::Timestamp;
use rpm::{BuildConfig, PackageBuilder};
use seaworthy_model::{Evr, Severity, compare_evr};
use seaworthy_publish::{Advisory, Distribution, Edition, Revision, Standing, oval};

/// The fixed versions. Each is judged in each of seven roots.
const FIXED: [&str; 12] = [
    "1.0-1",
    "1.0-2.hbr1",
    "2:1.0-1",
    "5:1.63-513.azl3",
    "1.0~rc1-1",
    "1.0~rc2-3",
    "1.0^20240101-1",
    "1.0^git1-2",
    "3.10-1",
    "0.9a-1",
    "1:2024.01-4",
    "10.0.0-0.1",
];
/// The number of packages for each fixed version, so that there are enough cases.
const COPIES: usize = 3;

fn name(fixed: usize, copy: usize) -> String {
    format!("probe{fixed}-{copy}")
}

/// The versions to install: versions around the fixed one, in which each part differs.
fn around(fixed: &Evr) -> Vec<Evr> {
    let Evr { epoch, version, release } = fixed.clone();
    vec![
        Evr::new(epoch, "0", "1"),
        Evr::new(epoch, format!("{version}~0"), release.clone()),
        Evr::new(epoch, version.clone(), format!("{release}~0")),
        fixed.clone(),
        Evr::new(epoch, version.clone(), format!("{release}.1")),
        Evr::new(epoch, format!("{version}^9"), release.clone()),
        Evr::new(epoch + 1, "0", "1"),
    ]
}

fn edition() -> Edition {
    let at: Timestamp = "2024-10-01T00:00:00Z".parse().unwrap();
    let mut advisories = Vec::new();
    for (i, fixed) in FIXED.iter().enumerate() {
        for copy in 0..COPIES {
            let number = i * COPIES + copy + 1;
            advisories.push(Advisory {
                id: format!("HBR-2024-{number:04}"),
                cve: format!("CVE-2024-{}", 10_000 + number).parse().unwrap(),
                // Every third source has a binary of another name only.
                package: if copy == 2 { format!("{}-src", name(i, copy)) } else { name(i, copy) },
                binaries: vec![name(i, copy)],
                version: None,
                standing: Standing::Fixed { version: fixed.parse().unwrap(), or_before: false },
                statement: String::new(),
                severity: Some(Severity::High),
                score: None,
                description: String::new(),
                weaknesses: Vec::new(),
                references: Vec::new(),
                exploited_since: None,
                ready: None,
                deliveries: Vec::new(),
                due: None,
                revisions: vec![Revision { number: 1, at, summary: "First published.".into() }],
            });
        }
    }
    let distribution = Distribution {
        name: "Harbor Linux".into(),
        vendor: "harbor".into(),
        line: "1.0".into(),
        prefix: "HBR".into(),
        site: "https://packages.example.org".into(),
        contact: "security@example.org".into(),
        cpe: "cpe:2.3:o:harbor:harbor:1.0:*:*:*:*:*:*:*".into(),
        ecosystem: String::new(),
    };
    Edition { distribution, at, advisories, images: Vec::new() }
}

fn run(home: &Path, program: &str, arguments: &[&str], probe_root: Option<&Path>) -> Output {
    // Another root is for root alone, or for the root of a namespace of one's own.
    let is_root = fs::metadata("/proc/self").unwrap().uid() == 0;
    let mut command = Command::new(if is_root { program } else { "unshare" });
    if !is_root {
        command.args(["--map-root-user", "--", program]);
    }
    command.env("HOME", home).args(arguments);
    if let Some(root) = probe_root {
        command.env("OSCAP_PROBE_ROOT", root);
    }
    command.output().unwrap_or_else(|e| panic!("{program}: {e}"))
}

#[test]
fn openscap_comes_to_our_verdicts_on_real_packages() {
    seaworthy_testing::needs!(RPM, RPMBUILD, OSCAP);
    let place = tempfile::tempdir().unwrap();
    let home = place.path().join("home");
    fs::create_dir_all(&home).unwrap();
    // Debian keeps rpm's database in the home unless it is told.
    fs::write(home.join(".rpmmacros"), "%_dbpath /var/lib/rpm\n").unwrap();
    let edition = edition();
    let file = place.path().join("oval.xml");
    let document = String::from_utf8(oval::document(&edition)).unwrap();
    fs::write(&file, &document).unwrap();
    // The definition of each CVE.
    let part = |text: &str, before: &str| text.split_once(before).unwrap().1.split('"').next().unwrap().to_owned();
    let definitions = document.split("<definition ").skip(1);
    let ids: BTreeMap<String, String> =
        definitions.map(|d| (part(d, "ref_id=\"CVE-"), part(d, " id=\""))).map(|(c, i)| (format!("CVE-{c}"), i)).collect();
    let file = file.to_str().unwrap();
    let valid = run(&home, "oscap", &["oval", "validate", file], None);
    assert!(valid.status.success(), "{}", String::from_utf8_lossy(&valid.stderr));
    let (mut cases, mut affected) = (0, 0);
    for which in 0..7 {
        let root = place.path().join(format!("root{which}"));
        let rpms = place.path().join(format!("rpms{which}"));
        fs::create_dir_all(&root).unwrap();
        fs::create_dir_all(&rpms).unwrap();
        let mut expected: BTreeMap<String, bool> = BTreeMap::new();
        let mut files = Vec::new();
        for (n, advisory) in edition.advisories.iter().enumerate() {
            let fixed = advisory.fixed().unwrap();
            let evr = around(fixed).swap_remove(which);
            let binary = &advisory.binaries[0];
            let mut builder = PackageBuilder::new(binary, &evr.version, "MIT", "noarch", "A probe");
            builder.using_config(BuildConfig::default().source_date(1_700_000_000u32)).release(&evr.release).epoch(evr.epoch);
            let path = rpms.join(format!("{n}.rpm"));
            builder.build().unwrap().write_file(&path).unwrap();
            files.push(path.to_str().unwrap().to_owned());
            expected.insert(advisory.cve.to_string(), compare_evr(&evr, fixed).is_lt());
        }
        let root_text = root.to_str().unwrap();
        let mut arguments = vec!["--root", root_text, "--install", "--nodeps", "--nosignature"];
        arguments.extend(files.iter().map(String::as_str));
        let installed = run(&home, "rpm", &arguments, None);
        assert!(installed.status.success(), "{}", String::from_utf8_lossy(&installed.stderr));
        let results = place.path().join(format!("results{which}.xml"));
        let said = run(&home, "oscap", &["oval", "eval", "--skip-valid", "--results", results.to_str().unwrap(), file], Some(&root));
        assert!(said.status.success(), "{}", String::from_utf8_lossy(&said.stderr));
        let verdicts = String::from_utf8(said.stdout).unwrap();
        let verdicts: BTreeMap<&str, bool> = verdicts
            .lines()
            .filter_map(|line| line.strip_prefix("Definition "))
            .filter_map(|line| line.rsplit_once(": "))
            .map(|(id, word)| (id, word == "true"))
            .collect();
        assert_eq!(verdicts.len(), edition.advisories.len());
        for advisory in &edition.advisories {
            let found = verdicts[ids[&advisory.cve.to_string()].as_str()];
            let meant = expected[&advisory.cve.to_string()];
            assert_eq!(found, meant, "{} fixed in {} in root {which}", advisory.binaries[0], advisory.fixed().unwrap());
            cases += 1;
            affected += usize::from(meant);
        }
    }
    // Half a truth would pass where all are alike.
    assert!(cases >= 200 && affected * 3 > cases && affected * 2 < cases, "{affected} of {cases}");
}
