//! OSV, OpenVEX and CycloneDX.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::{by_cve, fixture, of, shared, texts, value};
use crate::formats::{cyclonedx, openvex, osv};
use crate::{Edition, Standing};

fn record(edition: &Edition, id: &str) -> Option<Value> {
    osv::record(edition, of(edition, id)).map(|bytes| value(&bytes))
}

#[test]
fn osv_says_from_where_to_where_it_is_affected() {
    let edition = fixture::edition();
    let fixed = record(&edition, "AZL-2026-1").unwrap();
    assert_eq!(fixed["id"], "AZL-2026-1");
    assert_eq!(fixed["upstream"], json!(["CVE-2026-1001"]));
    assert_eq!((&fixed["published"], &fixed["modified"]), (&json!("2026-03-01T10:00:00Z"), &json!("2026-03-08T04:00:00Z")));
    let affected = &fixed["affected"][0];
    assert_eq!(affected["package"], json!({ "ecosystem": "Azure Linux:3", "name": "openssl", "purl": "pkg:rpm/azurelinux/openssl" }));
    assert_eq!(affected["ranges"], json!([{ "type": "ECOSYSTEM", "events": [{ "introduced": "0" }, { "fixed": "1:3.3.5~rc1-2.azl3" }] }]));
    assert_eq!(fixed["severity"][0]["type"], "CVSS_V3");
    for id in ["AZL-2026-2", "AZL-2026-5", "AZL-2026-6", "AZL-2026-9"] {
        let open = record(&edition, id).unwrap();
        assert_eq!(open["affected"][0]["ranges"][0]["events"], json!([{ "introduced": "0" }]), "{id}");
        assert_eq!(open["database_specific"]["standing"], of(&edition, id).standing.as_str());
    }
    assert_eq!(record(&edition, "AZL-2026-8").unwrap()["severity"][0]["type"], "CVSS_V4");
    assert_eq!(record(&edition, "AZL-2026-9").unwrap().get("severity"), None, "what is no vector is left out");
}

#[test]
fn osv_is_silent_of_what_is_not_vulnerable_and_takes_back_what_it_said() {
    let edition = fixture::edition();
    assert_eq!(record(&edition, "AZL-2026-4"), None, "under investigation");
    assert_eq!(record(&edition, "AZL-2026-7"), None, "not affected from the start");
    for (id, at) in [("AZL-2026-3", "2026-03-02T11:00:00Z"), ("AZL-2025-7", "2026-02-01T09:30:00Z")] {
        let record = record(&edition, id).unwrap();
        assert_eq!(record["withdrawn"], at);
        assert_eq!(record.get("affected"), None, "{id}");
    }
    let list = String::from_utf8(osv::modified_ids(&edition)).unwrap();
    let lines: Vec<&str> = list.lines().collect();
    assert_eq!(lines[0], "2026-03-20T04:00:00Z,AZL-2026-8");
    assert_eq!(lines.len(), edition.advisories.iter().filter(|a| osv::record(&edition, a).is_some()).count());
    assert!(lines.is_sorted_by(|a, b| a[..20] >= b[..20]), "{list}");
}

#[test]
fn osv_of_a_distribution_that_is_not_registered_names_no_ecosystem() {
    let mut edition = fixture::edition();
    edition.distribution.ecosystem.clear();
    let record = record(&edition, "AZL-2026-1").unwrap();
    assert_eq!(record["id"], "x_AZL-2026-1");
    assert_eq!(record.get("affected"), None);
    assert_eq!(record["database_specific"]["package"]["name"], "openssl");
    assert_eq!(record["database_specific"]["events"][1]["fixed"], "1:3.3.5~rc1-2.azl3");
    assert!(String::from_utf8(osv::modified_ids(&edition)).unwrap().contains(",x_AZL-2026-1\n"));
}

#[test]
fn openvex_has_a_statement_for_each_package() {
    let edition = fixture::edition();
    let (cve, advisories) = shared(&edition);
    let document = value(&openvex::document(&edition, cve, &advisories).unwrap());
    assert_eq!(document["@id"], "https://security.example.org/azl/security/openvex/2026/CVE-2026-1001.json");
    assert_eq!((&document["timestamp"], &document["version"]), (&json!("2026-03-01T10:00:00Z"), &json!(7)));
    assert_eq!(document["last_updated"], "2026-03-08T04:00:00Z");
    let statements = document["statements"].as_array().unwrap();
    let said: Vec<&Value> = statements.iter().map(|s| &s["status"]).collect();
    assert_eq!(said, ["affected", "not_affected", "fixed", "under_investigation"], "by package");
    assert_eq!(statements[0]["products"][1]["identifiers"]["purl"], "pkg:rpm/azurelinux/edk2-ovmf");
    assert_eq!(statements[0]["action_statement"], "A fix is being prepared. It is promised by 2026-03-31.");
    assert_eq!(statements[1]["justification"], "vulnerable_code_not_present");
    assert_eq!(statements[2]["products"][0]["@id"], "pkg:rpm/azurelinux/openssl@3.3.5~rc1-2.azl3?epoch=1");
    assert!(statements.iter().all(|s| (s["status"] == "not_affected") == s.get("impact_statement").is_some()));
}

#[test]
fn openvex_has_no_word_for_what_is_withdrawn() {
    let edition = fixture::edition();
    let cve = of(&edition, "AZL-2025-7").cve;
    assert_eq!(openvex::document(&edition, cve, &by_cve(&edition)[&cve]), None);
}

#[test]
fn cyclonedx_says_what_holds_of_each_advisory() {
    let edition = fixture::edition();
    let bom = value(&cyclonedx::vex(&edition));
    assert_eq!((&bom["specVersion"], &bom["version"]), (&json!("1.6"), &json!(17)));
    let components: BTreeSet<&str> = bom["components"].as_array().unwrap().iter().filter_map(|c| c["bom-ref"].as_str()).collect();
    let vulnerabilities = bom["vulnerabilities"].as_array().unwrap();
    assert_eq!((components.len(), vulnerabilities.len()), (10, 10));
    for (vulnerability, advisory) in vulnerabilities.iter().zip(&edition.advisories) {
        assert_eq!(vulnerability["bom-ref"], advisory.id);
        assert!(components.contains(vulnerability["affects"][0]["ref"].as_str().unwrap()));
        let state = match advisory.standing {
            Standing::UnderInvestigation => "in_triage",
            Standing::Affected | Standing::Deferred { .. } | Standing::WillNotFix | Standing::NotShipped => "exploitable",
            Standing::NotAffected { .. } => "not_affected",
            Standing::Fixed { .. } => "resolved",
            Standing::Withdrawn => "false_positive",
        };
        assert_eq!(vulnerability["analysis"]["state"], state);
    }
    let fixed = &vulnerabilities[1];
    assert_eq!(texts(&fixed["analysis"]["response"]), ["update"]);
    let ranges: Vec<&Value> = fixed["affects"][0]["versions"].as_array().unwrap().iter().map(|v| &v["range"]).collect();
    assert_eq!(ranges, ["vers:rpm/<1%3A3.3.5~rc1-2.azl3", "vers:rpm/>=1%3A3.3.5~rc1-2.azl3"]);
    assert_eq!(fixed["cwes"], json!([787, 125]));
    assert_eq!(fixed["ratings"][1]["severity"], "critical");
    assert_eq!(vulnerabilities[6]["analysis"]["response"], json!(["will_not_fix"]));
    assert_eq!(vulnerabilities[3]["analysis"]["justification"], "code_not_present");
    assert_eq!(vulnerabilities[9].get("cwes"), None);
    let serial = bom["serialNumber"].as_str().unwrap();
    assert!(serial.len() == 45 && &serial[23..24] == "8" && &serial[28..29] == "8", "{serial}");
}
