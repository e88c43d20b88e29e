//! Each format through its public functions, on the edition of the fixture; here are the tests of all formats together.

mod bounds;
mod csaf;
mod exports;
mod parts;
mod references;
mod scanners;

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use proptest::prelude::*;
use seaworthy_model::{CveId, Evr};
use serde_json::Value;

use super::*;
use crate::fixture;
use crate::{Advisory, Edition, ReadyFix, Standing};

/// The advisories by CVE, as the writers of VEX want them.
fn by_cve(edition: &Edition) -> BTreeMap<CveId, Vec<&Advisory>> {
    crate::advisory::by_cve(&edition.advisories)
}

fn of<'e>(edition: &'e Edition, id: &str) -> &'e Advisory {
    edition.advisories.iter().find(|a| a.id == id).unwrap()
}

/// Every advisory of the shared CVE.
fn shared(edition: &Edition) -> (CveId, Vec<&Advisory>) {
    let cve = "CVE-2026-1001".parse().unwrap();
    (cve, by_cve(edition)[&cve].clone())
}

fn value(bytes: &[u8]) -> Value {
    serde_json::from_slice(bytes).unwrap()
}

fn texts(value: &Value) -> Vec<&str> {
    value.as_array().map_or(Vec::new(), |list| list.iter().filter_map(Value::as_str).collect())
}

/// Every JSON document of an edition, by path.
fn all(edition: &Edition) -> Vec<(String, Vec<u8>)> {
    let mut files = Vec::new();
    let mut listings = Vec::new();
    for advisory in &edition.advisories {
        files.push((paths::csaf(advisory), super::csaf::advisory(edition, advisory)));
        files.push((paths::json(advisory), json::document(edition, advisory)));
        files.extend(osv::record(edition, advisory).map(|bytes| (paths::osv(advisory), bytes)));
        listings.push(super::csaf::listing(edition, advisory));
    }
    for (cve, advisories) in by_cve(edition) {
        files.push((paths::vex(cve), super::csaf::vex(edition, cve, &advisories)));
        files.extend(openvex::document(edition, cve, &advisories).map(|bytes| (paths::openvex(cve), bytes)));
        listings.push(super::csaf::vex_listing(edition, cve, &advisories));
    }
    files.push((paths::JSON_INDEX.into(), json::index(edition)));
    files.push((paths::CYCLONEDX.into(), cyclonedx::vex(edition)));
    files.push((paths::CSAF_FEED.into(), provider::csaf_feed(edition, &listings)));
    files.push((paths::PROVIDER.into(), provider::metadata(edition, &[])));
    files.push((paths::SERVICE.into(), provider::service(edition)));
    files
}

/// Calls `see` with every text in a value.
fn walk<'v>(value: &'v Value, see: &mut impl FnMut(&'v str)) {
    match value {
        Value::String(text) => see(text),
        Value::Array(list) => list.iter().for_each(|v| walk(v, see)),
        Value::Object(object) => object.values().for_each(|v| walk(v, see)),
        _ => {}
    }
}

#[test]
fn every_time_in_a_document_is_one_of_the_editions() {
    let edition = fixture::edition();
    let mut times = BTreeSet::from([edition.at, fixture::at("2026-03-03T00:00:00Z"), fixture::at("2026-06-30T00:00:00Z")]);
    for advisory in &edition.advisories {
        times.extend(advisory.revisions.iter().map(|r| r.at).chain(advisory.deliveries.iter().map(|d| d.at)).chain(advisory.due));
    }
    let mut seen = 0;
    for (path, bytes) in all(&edition) {
        walk(&value(&bytes), &mut |text| {
            if let Ok(time) = text.parse::<Timestamp>() {
                seen += 1;
                assert!(times.contains(&time), "{path}: {text}");
            }
        });
    }
    assert!(seen > 100, "{seen}");
}

/// What the world can get decides: every version is affected until the fix is delivered, and each document says so.
#[test]
fn a_fix_that_waits_for_delivery_is_told_alike_in_every_document() {
    let mut edition = fixture::edition();
    let statement = "A fix is ready in 9.1-2, and not delivered yet.";
    for (version, ready) in [(None, Some("9.1-2")), (None, None), (Some("9.1-1"), Some("9.1-2"))] {
        let advisory = Advisory {
            standing: Standing::Affected,
            statement: statement.into(),
            ready: Some(ReadyFix { version: ready.and_then(Evr::of_log) }),
            version: version.and_then(Evr::of_log),
            due: Some(fixture::at("2026-03-31T10:00:00Z")),
            ..fixture::advisory("AZL-2026-2", "CVE-2026-1001", "edk2", "9.1-2", &["2026-03-01T10:00:00Z"])
        };
        edition.advisories = vec![advisory];
        let page = crate::pages::advisory(&edition, &edition.advisories[0]);
        let mut documents = all(&edition);
        documents.extend([("page".to_owned(), page.clone()), ("feed".to_owned(), atom::feed(&edition, 9))]);
        documents.push(("oval".to_owned(), crate::oval::document(&edition)));
        for (path, bytes) in &documents {
            let text = String::from_utf8_lossy(bytes);
            assert!(!text.contains("being prepared") && !text.contains("Every version is affected"), "{path}: {text}");
        }
        let cyclonedx = value(&cyclonedx::vex(&edition));
        let range = &cyclonedx["vulnerabilities"][0]["affects"][0]["versions"][0];
        assert_eq!(*range, serde_json::json!({ "range": "vers:rpm/*", "status": "affected" }));
        let osv = value(&osv::record(&edition, &edition.advisories[0]).unwrap());
        assert_eq!(osv["affected"][0]["ranges"][0]["events"], serde_json::json!([{ "introduced": "0" }]), "{osv}");
        let oval = String::from_utf8_lossy(&crate::oval::document(&edition)).into_owned();
        assert!(oval.contains(crate::oval::EVERY) && !oval.contains("0:9.1-2<"), "{oval}");
        let json = value(&json::document(&edition, &edition.advisories[0]));
        assert_eq!((json["ready"]["version"].as_str(), json["looked_at"].as_str()), (ready, version));
        let page = String::from_utf8_lossy(&page);
        assert!(page.contains("a fix is ready, and waits for delivery"), "{page}");
        assert!(page.contains("Every version that is delivered is affected; a fix is ready") && !page.contains(" too, which"), "{page}");
        let csaf = value(&super::csaf::advisory(&edition, &edition.advisories[0]));
        assert_eq!(
            csaf["vulnerabilities"][0]["remediations"][0]["details"],
            format!("Its fix waits for delivery. It is promised by 2026-03-31. {statement}")
        );
    }
}

#[test]
fn the_same_edition_gives_the_same_bytes_whatever_is_written_before() {
    let edition = fixture::edition();
    let first = all(&edition);
    let names: BTreeSet<&String> = first.iter().map(|(path, _)| path).collect();
    assert_eq!(names.len(), first.len(), "no two documents at one path");
    assert!(first.iter().eq(all(&edition).iter()));
    assert_eq!(atom::feed(&edition, 50), atom::feed(&edition, 50));
    assert!(first.iter().all(|(_, bytes)| bytes.ends_with(b"}\n")));
}

#[test]
fn texts_of_others_are_cut_and_lose_what_readers_choke_on() {
    let edition = fixture::edition();
    for (path, bytes) in all(&edition) {
        walk(&value(&bytes), &mut |text| {
            assert!(text.len() <= 64 << 10, "{path}: {} bytes", text.len());
            assert!(text.chars().all(|c| !c.is_control() || matches!(c, '\n' | '\t')), "{path}: {text:?}");
        });
    }
    let record = value(&json::document(&edition, of(&edition, "AZL-2026-9")));
    assert_eq!(record["statement"], "Bad <script>alert(\"1\")</script> & ]]> words,\nand\ttwo lines; [31m  é 漢 \u{1f980}.");
    assert_eq!(record["description"].as_str().unwrap().len(), 64 << 10);
}

#[test]
fn no_document_deceives_or_tells_a_secret() {
    let hostile = "an\u{202e}ch\u{200b}or\u{2028}\u{ad}\u{e0041}";
    let mut edition = fixture::edition();
    for advisory in &mut edition.advisories {
        advisory.package = hostile.into();
        advisory.binaries = vec![hostile.into()];
        advisory.statement = format!("{hostile}\u{9b}31m https://ci:hunter2@host/?sig=hunter2\" x");
        advisory.description = advisory.statement.clone();
        advisory.references =
            vec![seaworthy_model::Reference { url: format!("https://ci:hunter2@host/{hostile}?sig=hunter2"), kinds: Vec::new() }];
        advisory.revisions.iter_mut().for_each(|revision| revision.summary = hostile.into());
    }
    let mut files = all(&edition);
    for (_, bytes) in &files {
        walk(&value(bytes), &mut |text| assert!(!text.contains("hunter2"), "{text}"));
    }
    let record = value(&json::document(&edition, of(&edition, "AZL-2026-9")));
    assert_eq!(record["package"], hostile, "the value stays");
    let package = |advisory: &Advisory| crate::updateinfo::UpdatePackage {
        source: hostile.into(),
        source_evr: advisory.fixed().unwrap().clone(),
        name: hostile.into(),
        evr: advisory.fixed().unwrap().clone(),
        arch: "noarch".into(),
        file: format!("{hostile}.rpm"),
    };
    let packages: Vec<_> = edition.advisories.iter().filter(|a| a.fixed().is_some()).map(package).collect();
    files.push(("updateinfo".into(), crate::updateinfo::document(&edition, &packages)));
    files.push(("OVAL".into(), crate::oval::document(&edition)));
    files.push(("Atom".into(), atom::feed(&edition, 100)));
    files.push(("search data".into(), crate::pages::search_data(&edition).unwrap()));
    files.extend(edition.advisories.iter().map(|a| ("page".into(), crate::pages::advisory(&edition, a))));
    for (path, bytes) in files {
        let text = String::from_utf8(bytes).unwrap();
        let bad = text.find(|c| seaworthy_model::text::deceives(c) && !matches!(c, '\n' | '\t'));
        assert!(bad.is_none(), "{path}: {:?}", text.get(bad.unwrap()..).map(|rest| rest.chars().take(40).collect::<String>()));
        assert!(!text.contains("hunter2"), "{path}");
    }
}

proptest! {
    // A case writes all documents with texts that are cut.
    #![proptest_config(ProptestConfig::with_cases(16))]
    #[test]
    fn no_text_breaks_a_document(text in any::<String>(), name in "[a-z0-9+._^~%?#@/\\\\\"<&-]{1,20}", wide in "\u{1f980}{0,3}") {
        let mut edition = fixture::edition();
        let long = format!("{}{wide}{}", "x".repeat((64 << 10) - 2), text);
        for advisory in &mut edition.advisories {
            advisory.statement = text.clone();
            advisory.description = long.clone();
            advisory.package = name.clone();
            advisory.exploited_since = Some(text.clone());
            advisory.weaknesses = vec![text.clone()];
            advisory.references = vec![seaworthy_model::Reference { url: format!("https://a/{text}"), kinds: Vec::new() }];
            for revision in &mut advisory.revisions {
                revision.summary = text.clone();
            }
        }
        for (path, bytes) in all(&edition) {
            prop_assert!(serde_json::from_slice::<Value>(&bytes).is_ok(), "{}", path);
        }
        parts::entries(&atom::feed(&edition, 100));
    }
}
