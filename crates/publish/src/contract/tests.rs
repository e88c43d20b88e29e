use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use proptest::prelude::*;

use super::{Concluded, Consumer, Disagreement, Programs, Published, Repository, Verdict, check, grype, replay, trivy};
use crate::oval::sample::{advisory, edition, fixed};
use crate::updateinfo::{self, UpdatePackage};
use crate::{Edition, Standing, oval};

fn package(source: &str, evr: &str, name: &str, arch: &str) -> UpdatePackage {
    let evr: seaworthy_model::Evr = evr.parse().unwrap();
    let file = format!("{name}-{}-{}.{arch}.rpm", evr.version, evr.release);
    UpdatePackage { source: source.into(), source_evr: evr.clone(), name: name.into(), evr, arch: arch.into(), file }
}

fn packages() -> Vec<UpdatePackage> {
    vec![
        package("libxml2", "2.11.5-2.azl3", "libxml2", "x86_64"),
        package("libxml2", "2.11.5-4.azl3", "libxml2", "x86_64"),
        package("libxml2", "2.11.5-4.azl3", "python3-libxml2", "noarch"),
        package("openssl", "1:3.3.5~rc1-2.azl3", "openssl", "x86_64"),
        package("expat", "2:2.6.2-1.azl3", "expat", "x86_64"),
        package("expat", "2:2.6.2-2.azl3", "expat", "x86_64"),
        package("kernel", "6.6.78.1-1.azl3", "kernel", "x86_64"),
        package("rust", "1.75.0-9.azl3", "rust", "x86_64"),
    ]
}

fn oval_of(edition: &Edition) -> String {
    String::from_utf8(oval::document(edition)).unwrap()
}

fn asked(edition: &Edition, oval: &str) -> Concluded {
    check(edition, &Published { oval: Some(oval.as_bytes()), ..Published::default() })
}

/// The readers that conclude something else from an OVAL file, each with the package.
fn found(oval: &str) -> Vec<String> {
    let concluded = asked(&edition(), oval);
    let mut out: Vec<String> = concluded.disagreements.iter().map(|d| format!("{} {}", d.consumer, d.package)).collect();
    out.extend(concluded.refused.iter().map(|(consumer, _)| format!("{consumer} all")));
    out.dedup();
    out
}

#[test]
fn what_is_written_is_understood() {
    let edition = edition();
    let packages = packages();
    let updateinfo = updateinfo::document(&edition, &packages);
    let oval = oval::document(&edition);
    let concluded = check(&edition, &Published { oval: Some(&oval), osv: None, updateinfo: Some((&updateinfo, &packages)) });
    assert!(concluded.agrees(), "{:#?}", concluded.disagreements);
    assert!(concluded.compared[&Consumer::Trivy] > 80 && concluded.compared[&Consumer::Dnf] > 10, "{:?}", concluded.compared);
    assert_eq!(trivy(&oval).unwrap().len(), 8);
    assert_eq!(grype(&oval).unwrap().len(), 8);
    assert_eq!(concluded.consumers().len(), 3);
}

/// Each planted fault is found for the reader that it misleads, and for no other.
#[test]
fn planted_faults_are_found() {
    let good = oval_of(&edition());
    assert!(found(&good).is_empty());
    let faults: &[(&str, &str, &[&str])] = &[
        // The severity of openssl's definition, the first, is left out.
        ("        <severity>High</severity>\n", "", &["Grype openssl"]),
        ("<patchable>true</patchable>", "<patchable>Not Applicable</patchable>", &["Trivy openssl", "Grype openssl"]),
        ("<patchable>true</patchable>", "<patchable>false</patchable>", &["Trivy openssl"]),
        ("0:2.11.5-3.azl3</linux", "0:2.11.5-5.azl3</linux", &["Trivy libxml2", "Grype libxml2"]),
        ("operation=\"less than or equal\"", "operation=\"equals\"", &["Grype edk2", "Grype gtk2", "Grype gcc-c++", "Trivy all"]),
        ("operation=\"less than\">0:2.11.5", "operation=\"less than or equal\">0:2.11.5", &["Grype libxml2"]),
        ("operation=\"less than\">0:2.11.5", "operation=\"greater than\">0:2.11.5", &["Trivy libxml2", "Grype libxml2"]),
        ("<advisory_date>2026-03-05T16:00:00Z<", "<advisory_date>2026-03-05<", &["Grype all"]),
        ("<linux-def:name>libxml2<", "<linux-def:name>libxml3<", &["Trivy libxml2", "Trivy libxml3", "Grype libxml2", "Grype libxml3"]),
        ("source=\"AZL\" ref_id=\"AZL-2026-2\"", "source=\"CVE\" ref_id=\"CVE-2026-1001\"", &["Grype openssl"]),
        ("datatype=\"evr_string\"", "datatype=\"string\"", &["Trivy all"]),
        ("xmlns:linux-def=", "xmlns:other=", &["Grype all"]),
        ("</oval_definitions>", "", &["Trivy all", "Grype all"]),
        ("encoding=\"UTF-8\"", "encoding=\"US-ASCII\"", &["Trivy all"]),
        ("<severity>High", "<severity>&nbsp;High", &["Trivy all", "Grype all"]),
    ];
    for (from, to, who) in faults {
        assert!(good.contains(from), "{from}");
        assert_eq!(found(&good.replacen(from, to, 1)), *who, "{from} -> {to}");
    }
    // Every reference of the last definition is another's: nobody would see it under its name.
    let (head, tail) = good.rsplit_once("ref_id=\"CVE-2026-1005\"").unwrap();
    assert_eq!(found(&format!("{head}ref_id=\"GHSA-1\"{tail}")), ["Trivy all"]);
}

/// A standing, with a version where it has one.
fn standing() -> impl Strategy<Value = Standing> {
    let version = ("[0-2]:", "[0-9]{1,2}(\\.[0-9]{1,3}){0,2}", "([~^](rc|git)[0-9]{1,2})?", "[1-9][0-9]?(\\.azl3)?");
    let version =
        version.prop_map(|(epoch, number, suffix, release)| format!("{}{number}{suffix}-{release}", epoch.trim_start_matches("0:")));
    prop_oneof![
        4 => (version, any::<bool>()).prop_map(|(v, or_before)| Standing::Fixed { version: v.parse().unwrap(), or_before }),
        1 => Just(Standing::Affected),
        1 => Just(Standing::NotAffected { justification: None }),
        1 => Just(Standing::UnderInvestigation),
        1 => Just(Standing::WillNotFix),
        1 => Just(Standing::NotShipped),
        1 => Just(Standing::Deferred { until: None }),
        1 => Just(Standing::Withdrawn),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// For any edition, every reader concludes the intended verdict, or the difference is one of its limits.
    #[test]
    fn any_edition_is_understood(standings in proptest::collection::vec(("[a-d]", 1_u32..4, standing()), 0..12)) {
        let mut edition = edition();
        let mut said = std::collections::BTreeSet::new();
        let standings = standings.into_iter().filter(|(package, cve, _)| said.insert((package.clone(), *cve))).zip(1..);
        edition.advisories = standings
            .map(|((package, cve, standing), number)| {
                let shipped = if let Standing::Fixed { version, .. } = &standing { version.to_string() } else { "1.0-1".into() };
                advisory(number, &format!("CVE-2026-100{cve}"), &package, &[&package], &shipped, standing)
            })
            .collect();
        let oval = oval::document(&edition);
        let osv: Vec<Vec<u8>> = edition.advisories.iter().filter_map(|a| crate::formats::osv::record(&edition, a)).collect();
        let concluded = check(&edition, &Published { oval: Some(&oval), osv: Some(&osv), updateinfo: None });
        prop_assert!(concluded.agrees(), "{:#?}", concluded);
    }
}

/// A disagreement has package, CVE, version and both verdicts.
#[test]
fn a_disagreement_can_be_acted_on() {
    let concluded = asked(&edition(), &oval_of(&edition()).replace("0:2.11.5-3.azl3</linux", "0:2.11.5-3.azl3~1</linux"));
    let first: &Disagreement = concluded.disagreements.first().unwrap();
    assert_eq!(
        first.to_string(),
        "libxml2 2.11.5-3.azl3~1, CVE-2026-1005: meant is \"affected, fix available\", Trivy will say \"not affected\""
    );
}

/// A reader that compares otherwise than a right file says does not stop the publication; the limit is reported.
#[test]
fn limits_of_readers_are_told_apart() {
    let mut edition = edition();
    edition.advisories = vec![advisory(20, "CVE-2026-1020", "odd", &[], "1.0^20240101-1", fixed("1.0.1-1"))];
    let concluded = asked(&edition, &oval_of(&edition));
    assert!(concluded.agrees());
    let limits: Vec<String> = concluded.limits.iter().map(|d| format!("{} {}", d.consumer, d.version)).collect();
    assert_eq!(limits, ["Trivy 1.0^20240101-1", "Grype 1.0^20240101-1"]);
    assert_eq!(concluded.limits[0].theirs, Verdict::NotAffected);
}

#[test]
fn osv_records_are_evaluated() {
    let edition = edition();
    let record = |id: &str, cve: &str, name: &str, events: &str| {
        format!(
            "{{\"id\":\"{id}\",\"modified\":\"2026-03-05T16:00:00Z\",\"upstream\":[\"{cve}\"],\"affected\":[{{\"package\":{{\"ecosystem\":\
             \"Azure Linux:3\",\"name\":\"{name}\"}},\"ranges\":[{{\"type\":\"ECOSYSTEM\",\"events\":[{{\"introduced\":\"0\"}}{events}]}}]}}]}}"
        )
        .into_bytes()
    };
    let fixed_in = |version: &str| format!(",{{\"fixed\":\"{version}\"}}");
    let good = vec![
        record("AZL-2026-1", "CVE-2026-1001", "openssl", &fixed_in("1:3.3.5~rc1-2.azl3")),
        record("AZL-2026-2", "CVE-2026-1001", "edk2", ""),
        record("AZL-2026-5", "CVE-2026-1005", "libxml2", &fixed_in("2.11.5-3.azl3")),
        record("AZL-2026-6", "CVE-2014-10006", "gtk2", ""),
        record("AZL-2026-7", "CVE-2026-1007", "python-jinja2", &fixed_in("3.1.3-1.azl3")),
        record("AZL-2026-8", "CVE-2026-12345678", "kernel", &fixed_in("6.6.78.1^20260301-1.azl3")),
        record("AZL-2026-9", "CVE-2026-1009", "gcc-c++", ""),
        record("AZL-2026-11", "CVE-2026-1005", "expat", &fixed_in("2:2.6.2-1.azl3")),
    ];
    let ask = |records: &[Vec<u8>]| check(&edition, &Published { osv: Some(records), ..Published::default() });
    assert!(ask(&good).agrees(), "{:#?}", ask(&good).disagreements);
    let mut bad = good.clone();
    bad[2] = record("AZL-2026-5", "CVE-2026-1005", "libxml2", &fixed_in("2.11.5-2.azl3"));
    bad[7] = record("AZL-2026-11", "CVE-2026-1005", "expat", &fixed_in("2.6.2-1.azl3"));
    let packages: std::collections::BTreeSet<String> = ask(&bad).disagreements.into_iter().map(|d| d.package).collect();
    assert_eq!(packages.into_iter().collect::<Vec<_>>(), ["expat", "libxml2"]);
    bad[0] = b"{}".to_vec();
    assert_eq!(ask(&bad).refused[0].0, Consumer::Osv);
    assert!(!ask(&good[1..]).agrees(), "a record that is missing");
}

#[test]
fn faults_of_updateinfo_are_found() {
    let (edition, packages) = (edition(), packages());
    let good = String::from_utf8(updateinfo::document(&edition, &packages)).unwrap();
    let faults = |text: &str| {
        let concluded = check(&edition, &Published { updateinfo: Some((text.as_bytes(), &packages)), ..Published::default() });
        concluded
            .disagreements
            .iter()
            .map(|d| d.package.clone())
            .chain(concluded.refused.iter().map(|_| "all".to_owned()))
            .collect::<Vec<_>>()
    };
    assert!(faults(&good).is_empty());
    assert!(!faults(&good.replacen("type=\"security\"", "type=\"bugfix\"", 1)).is_empty());
    assert!(!faults(&good.replacen("type=\"cve\"", "type=\"other\"", 1)).is_empty());
    assert!(!faults(&good.replace("release=\"4.azl3\"", "release=\"1.azl3\"")).is_empty());
    assert!(!faults(&good.replace("epoch=\"2\"", "epoch=\"3\"")).is_empty());
    assert!(!faults(&good.replace("<id>AZL-2026-5<", "<id>AZL-2026-50<")).is_empty());
    assert_eq!(faults("<updates>"), ["all"]);
}

fn programs(scratch: &Path) -> Programs<'_> {
    Programs { scratch, time: Duration::from_secs(120), roots: 6, repository: None }
}

#[test]
fn openscap_agrees_and_sees_faults() {
    let edition = edition();
    let good = oval_of(&edition);
    let ask = |oval: &str| {
        let scratch = tempfile::tempdir().unwrap();
        let concluded = replay(&edition, &Published { oval: Some(oval.as_bytes()), ..Published::default() }, &programs(scratch.path()));
        assert!(concluded.not_run.is_empty(), "{:?}", concluded.not_run);
        concluded
    };
    let concluded = ask(&good);
    assert!(concluded.agrees(), "{concluded:#?}");
    assert_eq!(concluded.compared[&Consumer::OpenScap], 6 * 11);
    // Without an epoch it finds nothing.
    let faulty = ask(&good.replace(">0:2.11.5-3.azl3<", ">2.11.5-3.azl3<"));
    assert!(faulty.disagreements.iter().all(|d| d.package == "libxml2") && !faulty.agrees(), "{faulty:#?}");
    let faulty = ask(&good.replace("<criteria operator=\"XOR\">", "<criteria operator=\"OR\">"));
    assert!(!faulty.agrees());
    let faulty = ask("<oval_definitions>");
    assert_eq!(faulty.refused[0].0, Consumer::OpenScap);
}

/// A repository of real packages, made by the rpm library and createrepo_c.
fn repository(folder: &Path, packages: &[UpdatePackage], updateinfo: &[u8]) {
    for package in packages {
        let mut builder = rpm::PackageBuilder::new(&package.name, &package.evr.version, "MIT", &package.arch, "A probe");
        builder.release(&package.evr.release).epoch(package.evr.epoch);
        builder.build().unwrap().write_file(folder.join(&package.file)).unwrap();
    }
    let xml = folder.join("updateinfo.xml");
    fs::write(&xml, updateinfo).unwrap();
    for (program, arguments) in [("createrepo_c", vec![folder]), ("modifyrepo_c", vec![xml.as_path(), &folder.join("repodata")])] {
        let out = Command::new(program).args(arguments).output();
        let out = out.unwrap_or_else(|e| panic!("{program} runs ({e}); it is in the Debian package createrepo-c"));
        assert!(out.status.success(), "{out:?}");
    }
}

#[test]
fn dnf_agrees_and_sees_faults() {
    let (edition, packages) = (edition(), packages());
    let good = String::from_utf8(updateinfo::document(&edition, &packages)).unwrap();
    let ask = |text: &str| {
        let (scratch, folder) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        repository(folder.path(), &packages, text.as_bytes());
        let repository = Repository { folder: folder.path(), keys: None };
        let programs = Programs { repository: Some(repository), ..programs(scratch.path()) };
        let concluded = replay(&edition, &Published { updateinfo: Some((text.as_bytes(), &packages)), ..Published::default() }, &programs);
        assert!(concluded.not_run.is_empty(), "{:?}", concluded.not_run);
        concluded
    };
    let concluded = ask(&good);
    assert!(concluded.agrees(), "{concluded:#?}");
    assert!(concluded.compared[&Consumer::Dnf] >= 10, "{:?}", concluded.compared);
    let faulty = ask(&good.replacen("type=\"security\"", "type=\"bugfix\"", 1));
    assert!(!faulty.disagreements.is_empty() && faulty.disagreements.iter().all(|d| d.package == "openssl"), "{faulty:#?}");
}
