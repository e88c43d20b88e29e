//! Tests on a hand-made assessment.

use seaworthy_intelligence::records::SourceKind;
use seaworthy_inventory::{Inventory, SourcePackage};
use seaworthy_model::case::Justification;
use seaworthy_model::{
    Basis, Bound, Cvss, CvssVersion, Digest, Evidence, EvidenceKind, Evr, Rater, Remark, Says, Speaker, Status, Verdict, VersionRange,
};
use serde_json::Value;

use super::report::is_unsafe;
use super::{Format, Report, write};
use crate::{Assessment, BlindSpot, Finding, LeftOut};

type Outcome = Result<(), Box<dyn std::error::Error>>;

const FORMATS: [Format; 5] = [Format::Jsonl, Format::Json, Format::Sarif, Format::Cyclonedx, Format::Html];

fn verdict() -> Verdict {
    let range = VersionRange { start: Bound::Including("1.0"), end: Bound::Excluding("9.9.9") };
    Verdict { source: SourceKind::Nvd, version: Some("1.2".into()), basis: Basis::InRange(range.into()) }
}

fn finding(package: &str, cve: &str, status: Status, version: &str, score: Option<f32>) -> Result<Finding, Box<dyn std::error::Error>> {
    let cvss = score.map(|score| Cvss {
        version: CvssVersion::V31,
        rater: Rater::Nvd,
        score,
        vector: "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H".into(),
    });
    Ok(Finding {
        package: package.into(),
        cve: cve.parse()?,
        status,
        version: version.parse().unwrap_or_else(|_| Evr::new(0, version, "")),
        severity: cvss.as_ref().map(Cvss::severity),
        cvss,
        exploited_since: None,
        epss: None,
        product: Some(format!("{package}:{package}")),
        fixed_in: Some("9.9.9".into()),
        published: "2024-05-06".parse().unwrap(),
        decided_by: Some(SourceKind::Nvd),
        rule: Some(verdict().rule()),
        verdict: Some(verdict()),
        evidence: vec![
            Evidence::new(EvidenceKind::Home, format!("9 of 9 records that lead to {package}.org, this package's home, are about it")),
            Evidence::new(EvidenceKind::Version, verdict().to_string()),
        ],
        remark: None,
    })
}

fn package(name: &str, version: &str) -> SourcePackage {
    SourcePackage::new(name, version.parse().unwrap_or_else(|_| Evr::new(0, version, "")), format!("SPECS/{name}/{name}.spec"))
}

fn sample() -> Result<(Assessment, Inventory), Box<dyn std::error::Error>> {
    let mut inventory = Inventory::new("spec tree", "azurelinux");
    inventory.packages = vec![
        package("curl", "8.8.0-1.azl3"),
        package("vim", "5:9.1-2.azl3"),
        package("zlib+", "1.3-1.azl3"),
        package("zlib+", "1.3-1.azl3"),
    ];
    let mut exploited = finding("vim", "CVE-2024-0002", Status::Affected, "5:9.1-2.azl3", Some(5.5))?;
    exploited.exploited_since = Some("2024-06-01".parse().unwrap());
    exploited.epss = Some(0.9412);
    let mut ruled_out = finding("curl", "CVE-2024-0005", Status::NotAffected, "8.8.0-1.azl3", Some(3.1))?;
    ruled_out.verdict = Some(Verdict { basis: Basis::Platform("windows".into()), ..verdict() });
    ruled_out.evidence[1] = Evidence::new(EvidenceKind::Platform, "nvd: needs windows, which this distribution is not");
    let findings = vec![
        finding("curl", "CVE-2024-0001", Status::Affected, "8.8.0-1.azl3", Some(9.8))?,
        finding("curl", "CVE-2024-0003", Status::Suspected, "8.8.0-1.azl3", None)?,
        finding("curl", "CVE-2024-0004", Status::Fixed, "8.8.0-1.azl3", Some(7.5))?,
        ruled_out,
        exploited,
        finding("zlib+", "CVE-2024-0006", Status::Undecided, "1.3-1.azl3", Some(7.5))?,
    ];
    let blind_spot = BlindSpot { records_without_products: 25, records: 1000, packages_without_product: 1 };
    let assessment =
        Assessment { knowledge: Digest::of(b"k"), inventory: inventory.digest(), engine: "engine 1", findings, judged: 12_345, blind_spot };
    Ok((assessment, inventory))
}

fn render(format: Format, assessment: &Assessment, inventory: &Inventory) -> Result<String, Box<dyn std::error::Error>> {
    render_only(&[], format, assessment, inventory)
}

fn render_only(
    statuses: &[Status],
    format: Format,
    assessment: &Assessment,
    inventory: &Inventory,
) -> Result<String, Box<dyn std::error::Error>> {
    let report = Report {
        assessment,
        inventory,
        folder: "specs/".into(),
        title: "A scan".into(),
        vendor: "harbor".into(),
        left_out: &LeftOut::of(&assessment.findings),
        statuses,
        only_changed: false,
    };
    let mut out = Vec::new();
    write(format, &report, &mut out)?;
    Ok(String::from_utf8(out)?)
}

#[test]
fn nothing_found_is_said_in_a_sentence() -> Outcome {
    let (mut assessment, inventory) = sample()?;
    assessment.findings.clear();
    let text = render(Format::Html, &assessment, &inventory)?;
    assert!(text.contains("No known vulnerability affects the 4 source packages; 12,345 pairs were judged."), "{text}");
    for format in [Format::Json, Format::Sarif, Format::Cyclonedx] {
        serde_json::from_str::<Value>(&render(format, &assessment, &inventory)?)?;
    }
    assert_eq!(render(Format::Jsonl, &assessment, &inventory)?, "");
    Ok(())
}

#[test]
fn jsonl_has_every_field_on_every_line() -> Outcome {
    let (assessment, inventory) = sample()?;
    let text = render(Format::Jsonl, &assessment, &inventory)?;
    let lines: Vec<Value> = text.lines().map(serde_json::from_str).collect::<Result<_, _>>()?;
    assert_eq!(lines.len(), 6);
    assert_eq!(lines[1]["severity"], Value::Null);
    assert_eq!(lines[0]["severity"], "critical");
    assert_eq!(lines[0]["evidence"][0]["kind"], "home");
    assert_eq!(lines[3]["status"], "not_affected");
    assert_eq!(lines[0]["knowledge"], assessment.knowledge.to_string());
    for (line, finding) in lines.iter().zip(&assessment.findings) {
        // Each field of a finding, as it serializes itself, is on the line.
        let own: Value = serde_json::from_str(&serde_json::to_string(finding)?)?;
        for (name, value) in own.as_object().into_iter().flatten() {
            assert_eq!(line.get(name), Some(value), "{name}");
        }
        // Beside them stand the version of the shape, two digests and the version of the rules.
        assert_eq!(line.as_object().map(serde_json::Map::len), own.as_object().map(|o| o.len() + 4));
    }
    Ok(())
}

#[test]
fn json_counts_by_status_and_severity() -> Outcome {
    let (assessment, inventory) = sample()?;
    let json: Value = serde_json::from_str(&render(Format::Json, &assessment, &inventory)?)?;
    assert_eq!(json["schema_version"], 1);
    assert_eq!(json["counts"]["status"]["affected"], 2);
    assert_eq!(json["counts"]["severity"]["suspected"]["unknown"], 1);
    assert_eq!(json["counts"]["severity"]["affected"]["low"], 0);
    assert_eq!(json["blind_spot"]["records"], 1000);
    assert_eq!(json["findings"].as_array().map(Vec::len), Some(6));
    Ok(())
}

#[test]
fn sarif_has_what_code_scanning_reads() -> Outcome {
    let (assessment, inventory) = sample()?;
    let json: Value = serde_json::from_str(&render(Format::Sarif, &assessment, &inventory)?)?;
    assert_eq!(json["version"], "2.1.0");
    let run = &json["runs"][0];
    assert_eq!(run["tool"]["driver"]["rules"].as_array().map(Vec::len), Some(3));
    assert_eq!(run["tool"]["driver"]["rules"][0]["properties"]["security-severity"], "9.8");
    let results = run["results"].as_array().ok_or("no results")?;
    let levels: Vec<_> = results.iter().map(|r| (r["kind"].as_str(), r["level"].as_str())).collect();
    assert_eq!(levels, [(Some("fail"), Some("error")), (Some("review"), Some("none")), (Some("fail"), Some("warning"))]);
    for result in results {
        let rule = &run["tool"]["driver"]["rules"][result["ruleIndex"].as_u64().ok_or("no index")? as usize];
        assert_eq!(rule["id"], result["ruleId"]);
        assert_eq!(result["partialFingerprints"]["packageCve/v1"].as_str().map(str::len), Some(64));
    }
    assert_eq!(results[0]["locations"][0]["physicalLocation"]["artifactLocation"]["uri"], "specs/SPECS/curl/curl.spec");
    Ok(())
}

#[test]
fn cyclonedx_references_are_unique_and_lead_to_components() -> Outcome {
    let (mut assessment, inventory) = sample()?;
    assessment.findings.push(finding("gone", "CVE-2024-0001", Status::Affected, "1-1", None)?);
    let json: Value = serde_json::from_str(&render(Format::Cyclonedx, &assessment, &inventory)?)?;
    assert_eq!((json["bomFormat"].as_str(), json["specVersion"].as_str()), (Some("CycloneDX"), Some("1.6")));
    // A time of writing would make another document of the same assessment.
    assert!(json["metadata"].get("timestamp").is_none());
    let serial = json["serialNumber"].as_str().ok_or("no serial")?;
    assert!(serial.len() == 45 && &serial[23..24] == "8", "{serial}");
    let refs: Vec<&str> = json["components"].as_array().into_iter().flatten().filter_map(|c| c["bom-ref"].as_str()).collect();
    assert_eq!(
        refs,
        [
            "pkg:rpm/harbor/curl@8.8.0-1.azl3",
            "pkg:rpm/harbor/vim@9.1-2.azl3?epoch=5",
            "pkg:rpm/harbor/zlib%2B@1.3-1.azl3",
            "pkg:rpm/harbor/zlib%2B@1.3-1.azl3#2",
            "pkg:rpm/harbor/gone@1-1",
        ]
    );
    let vulnerabilities = json["vulnerabilities"].as_array().ok_or("no vulnerabilities")?;
    let states: Vec<_> = vulnerabilities.iter().filter_map(|v| v["analysis"]["state"].as_str()).collect();
    assert_eq!(states, ["exploitable", "in_triage", "resolved", "not_affected", "exploitable", "in_triage", "exploitable"]);
    assert_eq!(vulnerabilities[3]["analysis"]["justification"], "requires_environment");
    assert_eq!(vulnerabilities[0]["ratings"][0]["score"].to_string(), "9.8");
    assert!(vulnerabilities.iter().all(|v| v["affects"][0]["ref"].as_str().is_some_and(|r| refs.contains(&r))));
    Ok(())
}

#[test]
fn hostile_names_stay_text() -> Outcome {
    let (mut assessment, mut inventory) = sample()?;
    let name = "<script>alert('1')</script>\"\x1b[31m\u{202e}\u{9b}\n\0x";
    for f in &mut assessment.findings {
        f.package = name.into();
        f.fixed_in = Some(name.into());
        f.evidence[0].detail = name.into();
        f.evidence[1].detail = name.into();
    }
    inventory.origin.location = name.into();
    let html = render(Format::Html, &assessment, &inventory)?;
    assert!(html.contains("&lt;script&gt;alert('1')&lt;/script&gt;&quot;"));
    assert!(!html.contains("<script>alert") && html.matches("<script>").count() == 1, "only the page's own");
    assert!(html.chars().all(|c| c == '\n' || !is_unsafe(c)));
    for format in [Format::Json, Format::Sarif, Format::Cyclonedx] {
        serde_json::from_str::<Value>(&render(format, &assessment, &inventory)?)?;
    }
    assert_eq!(render(Format::Jsonl, &assessment, &inventory)?.lines().count(), 6);
    Ok(())
}

#[test]
fn a_filter_lists_what_it_names_and_counts_what_it_hides() -> Outcome {
    let (assessment, inventory) = sample()?;
    let statuses = [Status::Undecided];
    let lines = render_only(&statuses, Format::Jsonl, &assessment, &inventory)?;
    assert!(lines.lines().count() == 1 && lines.contains("CVE-2024-0006"), "{lines}");
    let json: Value = serde_json::from_str(&render_only(&statuses, Format::Json, &assessment, &inventory)?)?;
    assert_eq!((json["findings"].as_array().map(Vec::len), &json["counts"]["status"]["affected"]), (Some(1), &Value::from(2)));
    let html = render_only(&statuses, Format::Html, &assessment, &inventory)?;
    assert!(html.contains("Not listed here: 2 affected, 1 suspected, 1 fixed, 1 not affected."), "{html}");
    assert!(html.contains("CVE-2024-0006") && !html.contains("CVE-2024-0001") && !html.contains("No known vulnerability"), "{html}");
    let cyclonedx: Value = serde_json::from_str(&render_only(&statuses, Format::Cyclonedx, &assessment, &inventory)?)?;
    assert_eq!(cyclonedx["vulnerabilities"].as_array().map(Vec::len), Some(1));
    let sarif: Value = serde_json::from_str(&render_only(&[Status::Suspected], Format::Sarif, &assessment, &inventory)?)?;
    assert_eq!(sarif["runs"][0]["results"].as_array().map(Vec::len), Some(1));
    Ok(())
}

#[test]
fn the_page_leaves_out_a_column_without_a_value() -> Outcome {
    let (mut assessment, inventory) = sample()?;
    assert!(render(Format::Html, &assessment, &inventory)?.contains(">EPSS<"));
    assessment.findings.iter_mut().for_each(|finding| finding.epss = None);
    assert!(!render(Format::Html, &assessment, &inventory)?.contains(">EPSS<"));
    Ok(())
}

#[test]
fn the_page_needs_nothing_else() -> Outcome {
    let (assessment, inventory) = sample()?;
    let html = render(Format::Html, &assessment, &inventory)?;
    assert!(!html.contains("src=") && !html.contains("<link") && !html.contains("@import") && !html.contains("url("));
    assert_eq!(html.matches("<details").count(), html.matches("</details>").count());
    assert_eq!(html.matches("<tr").count(), html.matches("</tr>").count());
    Ok(())
}

#[test]
fn the_same_report_gives_the_same_bytes() -> Outcome {
    let (assessment, inventory) = sample()?;
    for format in FORMATS {
        assert_eq!(render(format, &assessment, &inventory)?, render(format, &assessment, &inventory)?);
    }
    Ok(())
}

fn remark(by: Speaker, source: &str, says: Says) -> Remark {
    Remark { by, source: source.into(), says, statement: "looked at".into() }
}

#[test]
fn remarks_are_in_every_format() -> Outcome {
    let (mut assessment, inventory) = sample()?;
    let until = "2026-12-31T00:00:00Z".parse().unwrap();
    let says = [
        (Status::Affected, Speaker::Case, "3.0", Says::Fixed { version: "8.8.0-2".parse()? }),
        (Status::NotAffected, Speaker::Statement, "a.json", Says::NotAffected { justification: Some(Justification::ComponentNotPresent) }),
        (Status::Affected, Speaker::Case, "3.0", Says::WillNotFix { until: Some(until) }),
    ];
    // Two of curl, and the one of vim.
    for (at, (status, by, source, says)) in [0, 1, 4].into_iter().zip(says) {
        assessment.findings[at].add_remark(status, remark(by, source, says));
    }
    let left_out = LeftOut::of(&assessment.findings);
    let sentence = "Left out: 1 not affected by a.json, 1 will not fix by decision on the line 3.0 until 2026-12-31.";
    assert_eq!(LeftOut::sentence(&left_out), sentence);
    assert_eq!(assessment.findings.iter().filter(|f| f.is_accepted()).count(), 1);

    let json: Value = serde_json::from_str(&render(Format::Json, &assessment, &inventory)?)?;
    assert_eq!(json["left_out"][0], serde_json::to_value(&left_out[0])?);
    assert_eq!(json["findings"][0]["remark"]["version"], "8.8.0-2");
    let lines = render(Format::Jsonl, &assessment, &inventory)?;
    let line: Value = serde_json::from_str(lines.lines().nth(1).unwrap_or_default())?;
    assert_eq!((&line["remark"]["says"], &line["status"]), (&"not_affected".into(), &"not_affected".into()));

    let sarif: Value = serde_json::from_str(&render(Format::Sarif, &assessment, &inventory)?)?;
    let run = &sarif["runs"][0];
    assert_eq!(run["properties"]["leftOut"].as_array().map(Vec::len), Some(2));
    let [curl, vim] = &run["results"].as_array().unwrap()[..] else { panic!("{run}") };
    assert!(
        curl["message"]["text"].as_str().unwrap().contains("fixed in 8.8.0-2 (case of 3.0): looked at; contains 1.2, affects from 1.0"),
        "{curl}"
    );
    assert_eq!(curl.get("suppressions"), None);
    assert_eq!(vim["suppressions"][0]["justification"], "not to be fixed until 2026-12-31 (case of 3.0): looked at");

    let bom: Value = serde_json::from_str(&render(Format::Cyclonedx, &assessment, &inventory)?)?;
    let of = |cve: &str| bom["vulnerabilities"].as_array().unwrap().iter().find(|v| v["id"] == cve).unwrap().clone();
    assert_eq!(of("CVE-2024-0001")["recommendation"], "Update to curl 8.8.0-2 or newer.");
    assert_eq!(of("CVE-2024-0003")["analysis"]["justification"], "requires_dependency");
    assert_eq!(of("CVE-2024-0002")["analysis"]["response"][0], "will_not_fix");
    assert!(of("CVE-2024-0005")["analysis"].get("response").is_none());

    let page = render(Format::Html, &assessment, &inventory)?;
    assert!(page.contains(sentence) && page.contains("case: not to be fixed until 2026-12-31 (case of 3.0): looked at"), "{page}");
    Ok(())
}
