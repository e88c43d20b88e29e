//! CSAF: the profiles, and the statements on products.

use std::collections::BTreeSet;

use seaworthy_model::{Cvss, CvssVersion, Rater, VexStatus};
use seaworthy_triage::statements::Versions;
use serde_json::Value;

use super::{by_cve, fixture, of, shared, texts, value};
use crate::formats::{csaf, openvex, paths};
use crate::{Edition, Place, Standing};

fn advisory(edition: &Edition, id: &str) -> Value {
    value(&csaf::advisory(edition, of(edition, id)))
}

/// The ids of all products of a tree, in its order.
fn defined(value: &Value, out: &mut Vec<String>) {
    match value {
        Value::Object(object) => {
            out.extend(object.get("product_id").and_then(Value::as_str).map(str::to_owned));
            object.values().for_each(|v| defined(v, out));
        }
        Value::Array(list) => list.iter().for_each(|v| defined(v, out)),
        _ => {}
    }
}

/// The rules that every published CSAF document must follow.
fn check(document: &Value) {
    check_vulnerabilities(document);
    let tracking = &document["document"]["tracking"];
    let own = document["document"]["references"][0]["url"].as_str().unwrap();
    assert!(own.ends_with(&format!("/{}", paths::csaf_name(tracking["id"].as_str().unwrap()))), "{own}");
}

/// The rules that every CSAF document must follow, published or exported.
pub(super) fn check_vulnerabilities(document: &Value) {
    let mut ids = Vec::new();
    defined(&document["product_tree"], &mut ids);
    let set: BTreeSet<&str> = ids.iter().map(String::as_str).collect();
    assert_eq!(set.len(), ids.len(), "a product is defined once: {ids:?}");
    for relationship in document["product_tree"]["relationships"].as_array().into_iter().flatten() {
        assert!(set.contains(relationship["product_reference"].as_str().unwrap()));
        assert!(set.contains(relationship["relates_to_product_reference"].as_str().unwrap()));
    }
    for vulnerability in document["vulnerabilities"].as_array().into_iter().flatten() {
        check_vulnerability(vulnerability, &set);
    }
    let tracking = &document["document"]["tracking"];
    let history = tracking["revision_history"].as_array().unwrap();
    assert_eq!(tracking["version"], history.last().unwrap()["number"]);
    assert_eq!(tracking["current_release_date"], history.last().unwrap()["date"]);
    assert_eq!(tracking["initial_release_date"], history[0]["date"]);
}

fn check_vulnerability(vulnerability: &Value, set: &BTreeSet<&str>) {
    let mut stated = BTreeSet::new();
    for (group, products) in vulnerability["product_status"].as_object().into_iter().flatten() {
        for id in texts(products) {
            assert!(set.contains(id) && stated.insert(id), "{group}: {id} is defined, and has one status");
        }
    }
    for list in ["flags", "threats", "remediations"] {
        for entry in vulnerability[list].as_array().into_iter().flatten() {
            let products = texts(&entry["product_ids"]);
            assert!(!products.is_empty() && products.iter().all(|id| stated.contains(id)), "{list}: {entry}");
        }
    }
    // VEX: whoever is affected is told what to do, whoever is not is told why.
    let told =
        |list: &str, id: &str| vulnerability[list].as_array().into_iter().flatten().any(|entry| texts(&entry["product_ids"]).contains(&id));
    for id in texts(&vulnerability["product_status"]["known_affected"]) {
        assert!(told("remediations", id), "{id}");
    }
    for id in texts(&vulnerability["product_status"]["known_not_affected"]) {
        assert!(told("threats", id), "{id}");
    }
}

#[test]
fn every_document_holds_together() {
    let edition = fixture::edition();
    for advisory in &edition.advisories {
        check(&value(&csaf::advisory(&edition, advisory)));
    }
    for (cve, advisories) in by_cve(&edition) {
        check(&value(&csaf::vex(&edition, cve, &advisories)));
    }
}

#[test]
fn a_fix_names_its_versions_and_each_delivery() {
    let edition = fixture::edition();
    let document = advisory(&edition, "AZL-2026-1");
    assert_eq!(document["document"]["category"], "csaf_security_advisory");
    assert_eq!(document["document"]["aggregate_severity"]["text"], "Critical");
    assert_eq!(document["document"]["tracking"]["version"], "3");
    let openssl = &document["product_tree"]["branches"][0]["branches"][1];
    assert_eq!(openssl["name"], "openssl");
    assert_eq!(openssl["branches"][0]["name"], "1:3.3.5~rc1-2.azl3");
    let purl = &openssl["branches"][0]["product"]["product_identification_helper"]["purl"];
    assert_eq!(purl, "pkg:rpm/azurelinux/openssl@3.3.5~rc1-2.azl3?epoch=1");
    assert_eq!(openssl["branches"][1]["category"], "product_version_range");
    assert_eq!(openssl["branches"][1]["name"], "vers:rpm/<1%3A3.3.5~rc1-2.azl3");
    let vulnerability = &document["vulnerabilities"][0];
    let status = &vulnerability["product_status"];
    // The source package and three binaries, before and after; openssl is a source and a binary package.
    assert_eq!(texts(&status["fixed"]).len(), 4);
    assert_eq!(texts(&status["known_affected"]).len(), 4);
    assert_eq!(status["fixed"][0], "azurelinux-3.0:openssl-1:3.3.5~rc1-2.azl3.src");
    let remediations = vulnerability["remediations"].as_array().unwrap();
    let dates: Vec<&Value> = remediations.iter().map(|r| &r["date"]).collect();
    assert_eq!(dates, ["2026-03-05T16:00:00Z", "2026-03-08T04:00:00Z"]);
    assert!(remediations.iter().all(|r| r["category"] == "vendor_fix" && r["product_ids"] == status["known_affected"]));
    assert!(remediations[0]["details"].as_str().unwrap().contains("channel release"), "{remediations:?}");
    assert!(remediations[1]["details"].as_str().unwrap().contains("image 202603.08.0"), "{remediations:?}");
    assert_eq!(vulnerability["scores"][0]["cvss_v3"]["baseSeverity"], "CRITICAL");
    assert_eq!(vulnerability["scores"][0]["products"], status["known_affected"], "what is fixed has no score");
    assert_eq!(vulnerability["threats"][0]["category"], "exploit_status");
    assert_eq!(vulnerability["threats"][0]["date"], "2026-03-03T00:00:00Z");
}

#[test]
fn of_the_images_the_first_one_is_named() {
    let edition = fixture::edition();
    let document = advisory(&edition, "AZL-2026-8");
    let details: Vec<&str> =
        document["vulnerabilities"][0]["remediations"].as_array().unwrap().iter().filter_map(|r| r["details"].as_str()).collect();
    assert_eq!(details.len(), 2, "{details:?}");
    assert!(details[0].contains("202603.08.0") && details[1].contains("channel release"));
    assert_eq!(document["vulnerabilities"][0].get("scores"), None, "CVSS 4 has no place");
}

#[test]
fn what_is_not_fixed_says_what_to_do() {
    let edition = fixture::edition();
    let first = |id: &str| advisory(&edition, id)["vulnerabilities"][0]["remediations"][0].clone();
    let affected = first("AZL-2026-2");
    assert_eq!(affected["category"], "none_available");
    assert_eq!(affected["details"], "A fix is being prepared. It is promised by 2026-03-31.");
    let left = first("AZL-2026-6");
    assert_eq!(left["category"], "no_fix_planned");
    assert!(left["details"].as_str().unwrap().ends_with("use gtk4 instead."));
    let deferred = first("AZL-2026-5");
    assert!(deferred["details"].as_str().unwrap().starts_with("The fix is put off until 2026-06-30."), "{deferred}");
    let left = advisory(&edition, "AZL-2026-6");
    assert_eq!(left["vulnerabilities"][0]["scores"][0]["cvss_v2"]["baseScore"], 5.0);
}

#[test]
fn what_is_not_affected_says_why() {
    let edition = fixture::edition();
    let explained = advisory(&edition, "AZL-2026-3")["vulnerabilities"][0].clone();
    assert_eq!(explained["flags"][0]["label"], "vulnerable_code_not_present");
    assert!(explained["threats"][0]["details"].as_str().unwrap().contains("its own copy"));
    let bare = advisory(&edition, "AZL-2026-7")["vulnerabilities"][0].clone();
    assert_eq!(bare.get("flags"), None);
    assert!(bare["threats"][0]["details"].as_str().unwrap().contains("without a statement"));
    assert_eq!(bare["product_status"]["known_not_affected"][0], "azurelinux-3.0:python-jinja2.src", "a version is not known");
}

#[test]
fn a_score_that_its_vector_does_not_give_is_left_out() {
    let mut edition = fixture::edition();
    let score = |score, vector: &str| Some(Cvss { version: CvssVersion::V31, rater: Rater::Cna, score, vector: vector.into() });
    let right = "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H";
    for (given, shown) in [
        (score(9.8, right), true),
        (score(9.9, right), false),
        (score(9.8, ""), false),
        (score(9.8, "CVSS:3.1/AV:N"), false),
        (score(9.8, &format!("{right}/AV:N")), false),
        (score(9.8, &format!("{right}/E:Q")), false),
        (score(9.8, &format!("{right}/E:P")), true),
    ] {
        edition.advisories[2].score = given.clone();
        let document = value(&csaf::advisory(&edition, &edition.advisories[2]));
        assert_eq!(document["vulnerabilities"][0].get("scores").is_some(), shown, "{given:?}");
    }
}

#[test]
fn a_withdrawn_advisory_stays_and_says_so() {
    let edition = fixture::edition();
    let document = advisory(&edition, "AZL-2025-7");
    assert_eq!(document["document"]["category"], "csaf_base");
    assert!(document["document"]["title"].as_str().unwrap().starts_with("Withdrawn: "));
    assert!(document["document"]["notes"][0]["text"].as_str().unwrap().contains("rejected"));
    assert_eq!((document.get("product_tree"), document.get("vulnerabilities")), (None, None));
    let cve = of(&edition, "AZL-2025-7").cve;
    let vex = value(&csaf::vex(&edition, cve, &by_cve(&edition)[&cve]));
    assert_eq!(vex["document"]["category"], "csaf_base");
    assert_eq!(vex["document"]["tracking"]["id"], "CVE-2025-1007");
}

#[test]
fn a_cve_of_several_packages_has_one_vex_document() {
    let edition = fixture::edition();
    let (cve, advisories) = shared(&edition);
    let document = value(&csaf::vex(&edition, cve, &advisories));
    assert_eq!(document["document"]["category"], "csaf_vex");
    assert_eq!(document["document"]["tracking"]["id"], "CVE-2026-1001");
    assert_eq!(document["document"]["tracking"]["version"], "7", "every revision of every advisory counts");
    assert_eq!(document["document"]["tracking"]["current_release_date"], "2026-03-08T04:00:00Z");
    assert_eq!(document["vulnerabilities"].as_array().unwrap().len(), 1);
    let status = &document["vulnerabilities"][0]["product_status"];
    assert!(texts(&status["fixed"]).contains(&"azurelinux-3.0:openssl-libs-1:3.3.5~rc1-2.azl3"));
    assert_eq!(texts(&status["known_affected"]), ["azurelinux-3.0:edk2.src", "azurelinux-3.0:edk2-ovmf"]);
    assert_eq!(status["known_not_affected"][0], "azurelinux-3.0:nodejs.src");
    assert_eq!(status["under_investigation"][0], "azurelinux-3.0:rust.src");
}

/// A name has one purl, and so one status, the same in both formats: that of the first package that has it as a binary.
#[test]
fn a_name_has_one_status() {
    use VexStatus::{Affected, NotAffected, UnderInvestigation};
    type Row<'r> = (&'r str, [&'r [&'r str]; 3], &'r [(&'r str, VexStatus)]);
    let rows: [Row<'_>; 4] = [
        (
            "as it is",
            [&["edk2-ovmf"], &["nodejs"], &["rust"]],
            &[("edk2", Affected), ("nodejs", NotAffected), ("rust", UnderInvestigation)],
        ),
        ("a binary of three", [&["nodejs", "nodejs"]; 3], &[("edk2", Affected), ("nodejs", Affected), ("rust", UnderInvestigation)]),
        (
            "a source that another builds",
            [&["edk2-ovmf"], &["nodejs"], &["edk2"]],
            &[("edk2", UnderInvestigation), ("edk2-ovmf", Affected)],
        ),
        ("a source of which nothing is left", [&["nodejs"], &[], &["rust"]], &[("nodejs", Affected), ("rust", UnderInvestigation)]),
    ];
    for (name, binaries, said) in rows {
        let mut edition = fixture::edition();
        for (nth, binaries) in (2..).zip(binaries) {
            edition.advisories[nth].binaries = binaries.iter().map(|&binary| binary.to_owned()).collect();
        }
        let (cve, advisories) = shared(&edition);
        let document = csaf::vex(&edition, cve, &advisories);
        check(&value(&document));
        let of_both = [document, openvex::document(&edition, cve, &advisories).unwrap()].map(|bytes| {
            let read = seaworthy_triage::statements::parse(&bytes).unwrap();
            read.statements.into_iter().map(|s| (s.package, s.status)).collect::<BTreeSet<_>>()
        });
        assert_eq!(of_both[0], of_both[1], "{name}");
        let names: BTreeSet<&String> = of_both[0].iter().map(|(package, _)| package).collect();
        assert_eq!(names.len(), of_both[0].len(), "{name}: {:?}", of_both[0]);
        for (package, status) in said {
            assert!(of_both[0].contains(&((*package).to_owned(), *status)), "{name}: {package} in {:?}", of_both[0]);
        }
    }
}

/// Our own reader of VEX finds in both formats the statements of the advisories.
#[test]
fn what_is_written_as_vex_is_read_back() {
    let edition = fixture::edition();
    for (cve, advisories) in by_cve(&edition) {
        let documents = [Some(csaf::vex(&edition, cve, &advisories)), openvex::document(&edition, cve, &advisories)];
        for bytes in documents.into_iter().flatten() {
            let read = seaworthy_triage::statements::parse(&bytes).unwrap();
            assert_eq!(read.problems, []);
            let told: Vec<_> = advisories.iter().filter(|a| a.standing != Standing::Withdrawn).collect();
            assert_eq!(read.statements.is_empty(), told.is_empty());
            for advisory in told {
                for package in std::iter::once(&advisory.package).chain(&advisory.binaries) {
                    let statement = read.statements.iter().find(|s| s.package == *package).unwrap();
                    let (status, justification) = match &advisory.standing {
                        Standing::Fixed { .. } => (VexStatus::Fixed, None),
                        Standing::NotAffected { justification } => (VexStatus::NotAffected, *justification),
                        Standing::UnderInvestigation => (VexStatus::UnderInvestigation, None),
                        _ => (VexStatus::Affected, None),
                    };
                    assert_eq!((statement.cve, statement.status, statement.justification), (cve, status, justification), "{package}");
                    assert_eq!(statement.namespace.as_deref(), Some("azurelinux"));
                    let versions = advisory.fixed().map_or(Versions::All, |fixed| Versions::One(fixed.to_string()));
                    assert_eq!(statement.versions, versions, "{package}");
                }
            }
        }
    }
}

#[test]
fn a_fix_without_a_delivery_still_has_a_remedy() {
    let mut edition = fixture::edition();
    edition.advisories[1].deliveries.retain(|d| matches!(d.place, Place::Image(_)));
    edition.advisories[1].deliveries.clear();
    check(&value(&csaf::advisory(&edition, &edition.advisories[1])));
}
