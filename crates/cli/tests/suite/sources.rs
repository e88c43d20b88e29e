//! The sources of records through the binary: which of them decides, and what `explain` shows of them.

use crate::common::{Place, gzip, text};

/// A record of the CVE List on an invented project: versions from 1.0 up to 2.0.
fn cve5(id: &str, product: &str) -> String {
    format!(
        r#"{{"dataType":"CVE_RECORD","dataVersion":"5.1","cveMetadata":{{"cveId":"{id}","state":"PUBLISHED","datePublished":"2024-05-01T00:00:00Z"}},
        "containers":{{"cna":{{"providerMetadata":{{"orgId":"00000000-0000-4000-8000-000000000000"}},"descriptions":[{{"lang":"en","value":"A flaw of {product} made up for this test."}}],
        "references":[{{"url":"https://github.com/{product}/{product}/issues/1"}}],
        "affected":[{{"vendor":"{product}","product":"{product}","versions":[{{"version":"1.0","status":"affected","lessThan":"2.0","versionType":"semver"}}]}}]}}}}}}"#
    )
}

/// A place with specs of anchor, winch and rope in version 1.5, and records of three sources.
fn place() -> Place {
    let place = Place::new();
    for name in ["anchor", "winch", "rope"] {
        let spec = format!(
            "Name: {name}\nVersion: 1.5\nRelease: 1.hl1\nSummary: s\nLicense: MIT\nURL: https://github.com/{name}/{name}\n%description\nd\n%prep\n%build\n%install\n%files\n"
        );
        place.put(&format!("specs/{name}/{name}.spec"), spec);
    }
    place.put("unpacked/rope/go.mod", "module rope\ngo 1.22\nrequire example.org/strand v0.17.0\n");
    for (id, product) in [("CVE-2024-20001", "anchor"), ("CVE-2024-20003", "winch")] {
        place.put(&format!("cvelist/cves/2024/20xxx/{id}.json"), cve5(id, product));
    }
    place.put(
        "osv/GO-2024-0001.json",
        r#"{"schema_version":"1.6.0","id":"GO-2024-0001","modified":"2024-05-02T00:00:00Z","published":"2024-05-01T00:00:00Z","aliases":["CVE-2024-20002"],
        "summary":"A flaw of strand made up for this test","affected":[{"package":{"ecosystem":"Go","name":"example.org/strand"},
        "ranges":[{"type":"SEMVER","events":[{"introduced":"0"},{"fixed":"0.23.0"}]}]}]}"#,
    );
    // The CVE List takes winch 1.5 in; the correction says that 1.2 has the fix already.
    place.put(
        "overrides/data/2024/CVE-2024-20003.json",
        r#"{"_annotation":{"cve_id":"CVE-2024-20003","reason":"made up for this test"},"cve":{"id":"CVE-2024-20003",
        "configurations":[{"nodes":[{"operator":"OR","negate":false,"cpeMatch":[{"vulnerable":true,
        "criteria":"cpe:2.3:a:winch:winch:*:*:*:*:*:*:*:*","versionEndExcluding":"1.2"}]}]}]}}"#,
    );
    place
}

fn brief(findings: &[serde_json::Value]) -> Vec<String> {
    findings.iter().map(|f| format!("{} {} {} {}", f["package"], f["cve"], f["status"], f["decided_by"]).replace('"', "")).collect()
}

#[test]
fn each_source_decides_where_it_is_the_first_to_know() {
    let place = place();
    let scan = ["--spec-tree", "specs", "--sources", "unpacked", "--all"];
    let synced = place.run(&["sync", "--cvelist", "cvelist", "--osv", "./osv"]);
    assert!(synced.status.success() && text(&synced).contains("3 CVEs known"), "{}", text(&synced));
    assert_eq!(
        brief(&place.findings(&scan)),
        ["anchor CVE-2024-20001 affected cvelist", "rope CVE-2024-20002 affected osv", "winch CVE-2024-20003 affected cvelist"]
    );
    let synced = place.run(&["sync", "--cvelist", "cvelist", "--osv", "./osv", "--overrides", "overrides"]);
    assert!(synced.status.success() && text(&synced).contains("0 new, 1 changed"), "{}", text(&synced));
    let findings = place.findings(&scan);
    assert_eq!(
        brief(&findings),
        ["anchor CVE-2024-20001 affected cvelist", "rope CVE-2024-20002 affected osv", "winch CVE-2024-20003 not_affected overrides"]
    );
    assert_eq!((&findings[0]["fixed_in"], &findings[1]["fixed_in"]), (&"2.0".into(), &"0.23.0".into()));
    assert!(findings[1]["evidence"].to_string().contains("rope/go.mod"), "{}", findings[1]["evidence"]);
}

#[test]
fn explain_tells_of_exploitation() {
    let place = place();
    let kev = r#"{"vulnerabilities":[{"cveID":"CVE-2024-20001","dateAdded":"2024-05-03","dueDate":"2024-05-24","knownRansomwareCampaignUse":"Known"},
        {"cveID":"CVE-2024-20003","dateAdded":"2024-06-01"}]}"#;
    place.put("kev.json.gz", gzip(kev));
    place.put("epss.csv", "cve,epss,percentile\nCVE-2024-20001,0.1234,0.98\n");
    let synced = place.run(&["sync", "--cvelist", "cvelist", "--kev", "kev.json.gz", "--epss", "epss.csv"]);
    assert!(synced.status.success(), "{}", text(&synced));
    let first = text(&place.run(&["explain", "CVE-2024-20001"]));
    assert!(first.contains("exploited since 2024-05-03, by ransomware as well; CISA asks for a fix by 2024-05-24\n"), "{first}");
    assert!(first.contains("EPSS 12.34 % (higher than 98 % of all)"), "{first}");
    let second = text(&place.run(&["explain", "CVE-2024-20003"]));
    assert!(second.contains("exploited since 2024-06-01\n") && !second.contains("EPSS"), "{second}");
}
