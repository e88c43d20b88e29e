//! Atom, JSON, the files of the provider, and their parts.

use proptest::prelude::*;
use quick_xml::events::Event;
use seaworthy_model::{Cvss, CvssVersion, Rater, Severity};
use serde_json::{Value, json};

use super::{by_cve, fixture, of, value};
use crate::formats::{atom, csaf, cvss, json, paths, provider};

/// The entries of a feed, each by the texts of its elements; fails where it is no XML.
pub(super) fn entries(bytes: &[u8]) -> Vec<Vec<(String, String)>> {
    let mut reader = quick_xml::Reader::from_reader(bytes);
    reader.config_mut().check_end_names = true;
    let (mut all, mut open): (Vec<Vec<(String, String)>>, Vec<String>) = (Vec::new(), Vec::new());
    loop {
        match reader.read_event().unwrap() {
            Event::Start(start) => {
                let name = start.name().as_ref().to_owned();
                if name == "entry" {
                    all.push(Vec::new());
                } else if let Some(entry) = all.last_mut() {
                    entry.push((name.clone(), String::new()));
                }
                open.push(name);
            }
            Event::End(_) => {
                open.pop();
            }
            Event::Text(text) if open.last().is_some_and(|name| !["feed", "entry"].contains(&name.as_str())) => {
                if let Some((_, last)) = all.last_mut().and_then(|e| e.last_mut()) {
                    last.push_str(&text);
                }
            }
            Event::GeneralRef(reference) => {
                if let Some((_, last)) = all.last_mut().and_then(|e| e.last_mut()) {
                    last.push_str(&format!("&{};", &*reference));
                }
            }
            Event::Eof => break,
            _ => {}
        }
    }
    assert!(open.is_empty(), "{open:?}");
    all
}

#[test]
fn the_feed_has_the_newest_revisions_first() {
    let edition = fixture::edition();
    let whole = entries(&atom::feed(&edition, 1000));
    let of = |entry: &[(String, String)], name: &str| entry.iter().find(|(n, _)| n == name).unwrap().1.clone();
    let updated: Vec<String> = whole.iter().map(|e| of(e, "updated")).collect();
    assert_eq!(whole.len(), edition.advisories.iter().map(|a| a.revisions.len()).sum::<usize>());
    let times: Vec<jiff::Timestamp> = updated.iter().map(|t| t.parse().unwrap()).collect();
    assert!(times.is_sorted_by(|a, b| a >= b), "{updated:?}");
    let mut ids: Vec<String> = whole.iter().map(|e| of(e, "id")).collect();
    assert_eq!(ids[0], "tag:security.example.org,2026-03-03:AZL-2026-8:3");
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), whole.len());
    assert_eq!(of(&whole[0], "title"), "AZL-2026-8: CVE-2026-12345678 in kernel, high");
    assert!(of(&whole[0], "summary").contains("is fixed from version 6.6.78.1^20260301-1.azl3 on"));
    let hostile = whole.iter().find(|e| of(e, "id").ends_with("AZL-2026-9:1")).unwrap();
    assert!(of(hostile, "summary").contains("&lt;script&gt;"), "{hostile:?}");
    assert_eq!(entries(&atom::feed(&edition, 3)), whole[..3]);
    assert_eq!(entries(&atom::feed(&edition, 0)), Vec::<Vec<_>>::new());
}

#[test]
fn plain_json_has_all_facts() {
    let edition = fixture::edition();
    let fixed = value(&json::document(&edition, of(&edition, "AZL-2026-1")));
    assert_eq!((&fixed["version"], &fixed["standing"]), (&json!(1), &json!("fixed")));
    assert_eq!(fixed["fixed"], "1:3.3.5~rc1-2.azl3");
    assert_eq!(fixed["deliveries"][0]["repository"], "release");
    assert_eq!(fixed["deliveries"][1]["image"], "202603.08.0");
    assert_eq!(fixed["cvss"]["score"], 9.8);
    assert_eq!(fixed["revisions"].as_array().unwrap().len(), 3);
    let deferred = value(&json::document(&edition, of(&edition, "AZL-2026-5")));
    assert_eq!((&deferred["until"], &deferred["due"]), (&json!("2026-06-30T00:00:00Z"), &json!("2026-06-30T00:00:00Z")));
    assert_eq!((deferred.get("severity"), deferred.get("cvss"), deferred.get("fixed")), (None, None, None));
    let index = value(&json::index(&edition));
    let listed = index["advisories"].as_array().unwrap();
    assert_eq!(listed.len(), edition.advisories.len());
    for (short, advisory) in listed.iter().zip(&edition.advisories) {
        let whole = value(&json::document(&edition, advisory));
        for (key, said) in short.as_object().unwrap() {
            assert!(key == "url" || whole[key] == *said, "{key}");
        }
    }
    assert_eq!(listed[1]["url"], "https://security.example.org/azl/security/json/2026/AZL-2026-1.json");
}

#[test]
fn the_providers_lists_name_every_document() {
    let edition = fixture::edition();
    let mut listings: Vec<provider::Listing> = edition.advisories.iter().map(|a| csaf::listing(&edition, a)).collect();
    listings.extend(by_cve(&edition).iter().map(|(cve, all)| csaf::vex_listing(&edition, *cve, all)));
    let index = String::from_utf8(provider::index(paths::CSAF, &listings)).unwrap();
    assert!(index.starts_with("2025/azl-2025-7.json\n2026/azl-2026-1.json\n"), "{index}");
    assert_eq!(index.lines().count(), edition.advisories.len());
    let changes = String::from_utf8(provider::changes(paths::CSAF, &listings)).unwrap();
    assert!(changes.starts_with("\"2026/azl-2026-8.json\",\"2026-03-20T04:00:00Z\"\n"), "{changes}");
    assert_eq!(changes.lines().count(), edition.advisories.len());
    let feed = value(&provider::csaf_feed(&edition, &listings[..edition.advisories.len()]))["feed"].clone();
    let entry = &feed["entry"][0];
    assert_eq!((&entry["id"], &entry["updated"]), (&json!("AZL-2026-8"), &json!("2026-03-20T04:00:00Z")));
    let links: Vec<(&str, &str)> =
        entry["link"].as_array().unwrap().iter().map(|l| (l["rel"].as_str().unwrap(), l["href"].as_str().unwrap())).collect();
    let url = "https://security.example.org/azl/security/csaf/2026/azl-2026-8.json";
    assert_eq!(links[0], ("self", url));
    assert_eq!(links[3], ("signature", &*format!("{url}.asc")));
    // The lists, the feeds and the documents say the same of the same.
    for (listing, advisory) in listings.iter().zip(&edition.advisories) {
        let document = value(&csaf::advisory(&edition, advisory))["document"].clone();
        assert_eq!(listing.title, document["title"]);
        assert_eq!(listing.updated.to_string(), document["tracking"]["current_release_date"]);
        assert_eq!(paths::url(&edition, &listing.path), document["references"][0]["url"]);
    }
    for (listing, (cve, all)) in listings[edition.advisories.len()..].iter().zip(by_cve(&edition)) {
        let document = value(&csaf::vex(&edition, cve, &all))["document"].clone();
        assert_eq!(listing.title, document["title"]);
        assert_eq!(listing.issued.to_string(), document["tracking"]["initial_release_date"]);
        assert_eq!(listing.updated.to_string(), document["tracking"]["current_release_date"]);
    }
}

#[test]
fn the_providers_metadata_names_keys_and_is_trusted_with_them_only() {
    let edition = fixture::edition();
    let key = provider::Key { fingerprint: "0123456789ABCDEF0123456789ABCDEF01234567".into(), path: "keys/publish.asc".into() };
    let trusted = value(&provider::metadata(&edition, &[key]));
    assert_eq!(trusted["role"], "csaf_trusted_provider");
    assert_eq!(trusted["public_openpgp_keys"][0]["url"], "https://security.example.org/azl/keys/publish.asc");
    let bare = value(&provider::metadata(&edition, &[]));
    assert_eq!((&bare["role"], bare.get("public_openpgp_keys")), (&json!("csaf_provider"), None));
    let document = value(&csaf::advisory(&edition, &edition.advisories[1]));
    assert_eq!(bare["publisher"], document["document"]["publisher"], "one publisher everywhere");
}

#[test]
fn hash_files_are_those_of_sha256sum() {
    let of_abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad  a-1.json\n";
    assert_eq!(provider::sha256("security/csaf/2026/a-1.json", b"abc"), of_abc);
    assert!(provider::sha512("a-1.json", b"abc").starts_with("ddaf35a193617abacc417349ae204131"));
}

#[test]
fn csaf_names_files_its_own_way() {
    assert_eq!(paths::csaf_name("Example Company - 2019-YH3234"), "example_company_-_2019-yh3234.json");
    assert_eq!(paths::csaf_name("RHBA-2019:0024"), "rhba-2019_0024.json");
    assert_eq!(paths::csaf_name("../É..A+1"), "_a+1.json");
}

#[test]
fn scores_are_those_of_the_vectors() {
    // By hand from the examples of the specifications.
    let rating = |version, score, vector: &str| Cvss { version, rater: Rater::Nvd, score, vector: vector.into() };
    for (version, score, vector) in [
        (CvssVersion::V31, 9.8, "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"),
        (CvssVersion::V31, 10.0, "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:C/C:H/I:H/A:H"),
        (CvssVersion::V31, 6.1, "CVSS:3.1/AV:N/AC:L/PR:N/UI:R/S:C/C:L/I:L/A:N"),
        (CvssVersion::V31, 7.8, "CVSS:3.1/AV:L/AC:L/PR:L/UI:N/S:U/C:H/I:H/A:H"),
        (CvssVersion::V31, 0.0, "CVSS:3.1/AV:P/AC:H/PR:H/UI:R/S:U/C:N/I:N/A:N"),
        (CvssVersion::V30, 6.4, "CVSS:3.0/AV:N/AC:L/PR:L/UI:N/S:C/C:L/I:L/A:N"),
        (CvssVersion::V30, 3.1, "CVSS:3.0/AV:N/AC:H/PR:L/UI:N/S:U/C:N/I:N/A:L"),
        (CvssVersion::V2, 7.8, "AV:N/AC:L/Au:N/C:N/I:N/A:C"),
        (CvssVersion::V2, 10.0, "AV:N/AC:L/Au:N/C:C/I:C/A:C"),
        (CvssVersion::V2, 6.2, "AV:L/AC:H/Au:N/C:C/I:C/A:C"),
        (CvssVersion::V40, 9.3, "CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N"),
    ] {
        assert!(cvss::agrees(&rating(version, score, vector)), "{vector} {score}");
        assert!(!cvss::agrees(&rating(version, score + 0.1, vector)), "{vector}");
    }
    let four = "CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N";
    assert!(cvss::is_vector(&rating(CvssVersion::V40, 9.3, &format!("{four}/E:A/U:Clear"))));
    assert!(!cvss::is_vector(&rating(CvssVersion::V40, 9.3, &format!("{four}/U:Clear/E:A"))), "the order is part of the form");
    for (version, vector, why) in [
        (CvssVersion::V31, "CVSS:3.0/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H", "another version"),
        (CvssVersion::V31, "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H", "a base metric is missing"),
        (CvssVersion::V31, "CVSS:3.1/av:n/ac:l/pr:n/ui:n/s:u/c:h/i:h/a:h", "small letters"),
        (CvssVersion::V31, "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H/A:H", "a metric stands twice"),
        (CvssVersion::V31, "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H/", "an empty metric"),
        (CvssVersion::V2, "AV:N/AC:L/Au:N/C:C/I:C", "a base metric is missing"),
        (CvssVersion::V2, "AV:N/AC:L/Au:N/C:C/I:C/A:H", "a value of another version"),
        (CvssVersion::V2, "", "only a score was given"),
    ] {
        assert!(!cvss::is_vector(&rating(version, 9.8, vector)), "{why}: {vector}");
    }
}

proptest! {
    #[test]
    fn a_vector_of_any_form_is_judged(
        version in 0..4_usize,
        vector in "(CVSS:[34]\\.[01]/)?([A-Z]{1,2}:[A-Z]/?){0,12}",
        score in 0.0_f32..10.0,
    ) {
        let version = [CvssVersion::V2, CvssVersion::V30, CvssVersion::V31, CvssVersion::V40][version];
        let rating = Cvss { version, rater: Rater::Nvd, score, vector };
        prop_assert!(!cvss::agrees(&rating) || cvss::is_vector(&rating));
    }
}

#[test]
fn the_word_of_a_severity_is_written_as_in_headlines() {
    let mut edition = fixture::edition();
    for (severity, word) in [(Severity::None, "None"), (Severity::Medium, "Medium")] {
        edition.advisories[1].severity = Some(severity);
        let document: Value = value(&csaf::advisory(&edition, &edition.advisories[1]));
        assert_eq!(document["document"]["aggregate_severity"]["text"], word);
    }
}
