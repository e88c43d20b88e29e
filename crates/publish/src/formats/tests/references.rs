//! The references of records, in each format that has them.

use serde_json::{Value, json};

use seaworthy_model::{Reference, ReferenceKind};

use super::{of, shared, value};
use crate::formats::{csaf, cyclonedx, json as plain, osv};
use crate::{Edition, fixture, oval, pages};

fn url(number: u32) -> String {
    format!("https://openssl.example.org/{number}?a=1&b=2")
}

/// The values of a member in the objects of a list whose address is one of the record's references.
fn said<'v>(list: &'v Value, member: &str) -> Vec<&'v str> {
    let of_record = |entry: &&Value| entry["url"].as_str().is_some_and(|url| url.starts_with("https://openssl.example.org/"));
    list.as_array().unwrap().iter().filter(of_record).map(|entry| entry[member].as_str().unwrap_or("")).collect()
}

#[test]
fn each_format_says_what_a_reference_leads_to() {
    let edition = fixture::edition();
    let advisory = of(&edition, "AZL-2026-1");
    let words = ["patch, report", "advisory", "mitigation", "exploit", "release notes", "report", "discussion", "article"];
    let mut summaries: Vec<String> = words.iter().map(|words| format!("Named by the record: {words}")).collect();
    summaries.push("Named by the record".to_owned());
    let document = value(&csaf::advisory(&edition, advisory));
    assert_eq!(said(&document["vulnerabilities"][0]["references"], "summary"), summaries);
    // The packages of one CVE have one record.
    let (cve, advisories) = shared(&edition);
    let document = value(&csaf::vex(&edition, cve, &advisories));
    assert_eq!(said(&document["vulnerabilities"][0]["references"], "summary"), summaries);

    let record = value(&osv::record(&edition, advisory).unwrap());
    assert_eq!(
        said(&record["references"], "type"),
        ["FIX", "ADVISORY", "WEB", "EVIDENCE", "WEB", "REPORT", "DISCUSSION", "ARTICLE", "WEB"]
    );

    let document = value(&plain::document(&edition, advisory));
    assert_eq!(document["references"][0], json!({"url": url(1), "kinds": ["patch", "report"]}));
    assert_eq!((&document["references"][4]["kinds"][0], &document["references"][8]["kinds"]), (&json!("release_notes"), &json!([])));

    let document = value(&cyclonedx::vex(&edition));
    let vulnerability = document["vulnerabilities"].as_array().unwrap().iter().find(|v| v["bom-ref"] == "AZL-2026-1").unwrap();
    assert_eq!(said(&vulnerability["advisories"], "url"), [url(2)]);

    let page = String::from_utf8(pages::advisory(&edition, advisory)).unwrap();
    assert!(page.contains("href=\"https://openssl.example.org/1?a=1&amp;b=2\"") && page.contains("(patch, report)"), "{page}");
    assert!(page.contains("Out-of-bounds Write"), "the weakness has its name: {page}");
}

#[test]
fn oval_names_the_cve_and_what_hosts_read_has_no_other_reference() {
    let edition = fixture::edition();
    let document = String::from_utf8(oval::document(&edition)).unwrap();
    let definition = |id: &str| {
        let end = document.find(&format!("<advisory_id>{id}<")).unwrap();
        let begin = document[..end].rfind("<definition ").unwrap();
        let lines = document[begin..end].lines().filter_map(|line| line.trim().strip_prefix("<reference source=\""));
        lines.map(|line| line.split("\" ref_url").next().unwrap().replace("\" ref_id=\"", " ")).collect::<Vec<_>>()
    };
    assert_eq!(definition("AZL-2026-1"), ["CVE CVE-2026-1001"]);
    assert_eq!(definition("AZL-2026-2"), ["AZL AZL-2026-2", "CVE CVE-2026-1001"]);
    assert!(!document.contains("openssl.example.org"), "{document}");
}

#[test]
fn the_longest_description_is_told_whole() {
    let mut edition = fixture::edition();
    edition.advisories.retain(|advisory| advisory.id == "AZL-2026-1");
    edition.advisories[0].description = format!("{}end.", "One two. ".repeat(4092 / 9));
    let told = edition.advisories[0].description.clone();
    let advisory = &edition.advisories[0];
    let documents = [
        csaf::advisory(&edition, advisory),
        osv::record(&edition, advisory).unwrap(),
        plain::document(&edition, advisory),
        cyclonedx::vex(&edition),
        oval::document(&edition),
        pages::advisory(&edition, advisory),
    ];
    for document in documents {
        let text = String::from_utf8(document).unwrap();
        assert!(text.contains(&told), "{}", text.chars().take(200).collect::<String>());
    }
}

#[test]
fn the_record_itself_is_told_in_its_own_place_only() {
    let mut edition = fixture::edition();
    edition.advisories.retain(|advisory| advisory.id == "AZL-2026-1");
    let advisory = &mut edition.advisories[0];
    let of_record =
        ["https://nvd.nist.gov/vuln/detail/", "https://www.cve.org/CVERecord?id="].map(|before| format!("{before}{}", advisory.cve));
    let other = "https://nvd.nist.gov/vuln/detail/CVE-2026-9999";
    let kinds = [ReferenceKind::Advisory];
    advisory.references = of_record.iter().map(String::as_str).chain([other]).filter_map(|url| Reference::of(url, kinds)).collect();
    let advisory = &edition.advisories[0];
    let record = value(&osv::record(&edition, advisory).unwrap());
    let urls: Vec<&str> = record["references"].as_array().unwrap().iter().map(|r| r["url"].as_str().unwrap()).collect();
    assert_eq!((urls.len(), urls[1], urls[2]), (3, of_record[0].as_str(), other));
    let document = value(&cyclonedx::vex(&edition));
    assert_eq!(document["vulnerabilities"][0]["advisories"].as_array().unwrap().len(), 2, "its page and the other one");
}

/// A log that another program wrote may have any address.
#[test]
fn no_address_runs_or_deceives() {
    let whole = fixture::edition();
    let hostile = of(&whole, "AZL-2026-9").clone();
    let edition = Edition { advisories: vec![hostile], ..whole };
    let advisory = &edition.advisories[0];
    let (cve, advisories) = (advisory.cve, vec![advisory]);
    let documents = [
        csaf::advisory(&edition, advisory),
        csaf::vex(&edition, cve, &advisories),
        osv::record(&edition, advisory).unwrap(),
        plain::document(&edition, advisory),
        cyclonedx::vex(&edition),
        oval::document(&edition),
        pages::advisory(&edition, advisory),
        pages::cve(&edition, cve, &advisories),
    ];
    let mut named = 0;
    for document in documents {
        let text = String::from_utf8(document).unwrap();
        assert!(!text.contains("javascript:"), "{text}");
        named += usize::from(text.contains("https://a.example.org/%22%3E%3Cscript%3E%E2%80%AE"));
    }
    assert_eq!(named, 6, "all but CycloneDX, which has those to advisories alone, and OVAL");
}
