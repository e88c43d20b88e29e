//! The reading of VEX statements in CycloneDX: the analysis of each vulnerability, for the components that it affects.

use std::collections::HashMap;

use percent_encoding::percent_decode_str;
use seaworthy_model::CveId;
use seaworthy_model::case::Justification;
use serde_json::Value;

use super::document::{Document, items, short, words};
use super::product::named;
use super::{Statement, Status};

/// The greatest depth of components inside components.
const MOST_DEPTH: usize = 30;

pub(super) fn cyclonedx(value: &Value) -> Document {
    let author =
        [&value["metadata"]["authors"][0]["name"], &value["metadata"]["supplier"]["name"], &value["metadata"]["manufacturer"]["name"]];
    let author = author.into_iter().find(|name| name.is_string()).unwrap_or(&Value::Null);
    let mut out = Document::begin(&value["serialNumber"], author);
    let mut purls: HashMap<&str, &str> = HashMap::new();
    collect(std::slice::from_ref(&value["metadata"]["component"]), 0, &mut purls);
    collect(items(&value["components"]), 0, &mut purls);
    for (nth, vulnerability) in items(&value["vulnerabilities"]).iter().enumerate() {
        let at = format!("/vulnerabilities/{nth}");
        let analysis = &vulnerability["analysis"];
        // A vulnerability without an analysis is what a scanner found, and no statement.
        let Some(state) = analysis["state"].as_str() else { continue };
        let name = vulnerability["id"].as_str().unwrap_or_default();
        let Ok(cve) = name.parse::<CveId>() else {
            out.problem(format!("{at}/id"), format!("{:?} is no CVE id", short(name)));
            continue;
        };
        let Some(status) = status_of(state) else {
            let expected = "resolved, resolved_with_pedigree, exploitable, in_triage, false_positive or not_affected";
            out.problem(format!("{at}/analysis/state"), format!("unknown state {:?}: expected {expected}", short(state)));
            continue;
        };
        let justification = analysis["justification"].as_str().and_then(justification_of).filter(|_| status == Status::NotAffected);
        for (n, affected) in items(&vulnerability["affects"]).iter().enumerate() {
            let reference = affected["ref"].as_str().unwrap_or_default();
            // A link into another document ends in the reference there.
            let reference =
                reference.strip_prefix("urn:cdx:").and_then(|link| link.split_once('#')).map_or(reference, |(_, inside)| inside);
            let decoded = percent_decode_str(reference).decode_utf8_lossy();
            let purl = purls.get(reference).or_else(|| purls.get(&*decoded)).copied().unwrap_or(reference);
            let Some((namespace, package, version)) = named(purl) else {
                let message = format!("{:?} names no RPM package: it leads to no component with a purl pkg:rpm/...", short(reference));
                out.problem(format!("{at}/affects/{n}/ref"), message);
                continue;
            };
            let version = if status == Status::Fixed { version.or_else(|| first_unaffected(affected)) } else { version };
            out.statements.push(Statement { cve, package, namespace, version, status, justification, words: words(&analysis["detail"]) });
        }
    }
    out
}

fn status_of(state: &str) -> Option<Status> {
    Some(match state {
        "resolved" | "resolved_with_pedigree" => Status::Fixed,
        "exploitable" => Status::Affected,
        "in_triage" => Status::UnderInvestigation,
        "false_positive" | "not_affected" => Status::NotAffected,
        _ => return None,
    })
}

/// The nearest of our justifications.
fn justification_of(word: &str) -> Option<Justification> {
    Some(match word {
        "code_not_present" => Justification::VulnerableCodeNotPresent,
        "code_not_reachable" => Justification::VulnerableCodeNotInExecutePath,
        "requires_dependency" => Justification::ComponentNotPresent,
        "requires_configuration" | "requires_environment" => Justification::VulnerableCodeCannotBeControlledByAdversary,
        "protected_by_compiler" | "protected_at_runtime" | "protected_at_perimeter" | "protected_by_mitigating_control" => {
            Justification::InlineMitigationsAlreadyExist
        }
        _ => return None,
    })
}

/// The version from which on a component is not affected, where a range of the scheme `rpm` says it
/// (<https://github.com/package-url/vers-spec>).
fn first_unaffected(affected: &Value) -> Option<String> {
    let ranges = items(&affected["versions"]).iter().filter(|version| version["status"] == "unaffected");
    let mut firsts = ranges.filter_map(|version| version["range"].as_str()?.strip_prefix("vers:rpm/>="));
    let first = firsts.next().filter(|first| !first.contains('|'))?;
    Some(percent_decode_str(first).decode_utf8_lossy().into_owned())
}

/// The purl of each reference of components and those inside them, in `out`.
fn collect<'v>(components: &'v [Value], depth: usize, out: &mut HashMap<&'v str, &'v str>) {
    if depth > MOST_DEPTH {
        return;
    }
    for component in components {
        if let (Some(reference), Some(purl)) = (component["bom-ref"].as_str(), component["purl"].as_str()) {
            out.insert(reference, purl);
        }
        collect(items(&component["components"]), depth + 1, out);
    }
}

#[cfg(test)]
mod tests {
    use super::super::parse;
    use super::*;

    #[test]
    fn analyses_are_statements() {
        let text = r#"{"bomFormat":"CycloneDX","specVersion":"1.6","serialNumber":"urn:uuid:1","metadata":{"authors":[{"name":"Harbor"}]},
            "components":[{"bom-ref":"a","purl":"pkg:rpm/harbor/aa@1-1?epoch=2","components":[{"bom-ref":"b","purl":"pkg:rpm/harbor/bb"}]}],
            "vulnerabilities":[
            {"id":"CVE-2024-6197","analysis":{"state":"not_affected","justification":"code_not_present","detail":"not built"},
             "affects":[{"ref":"a"},{"ref":"urn:cdx:1/1#b"},{"ref":"pkg:rpm/harbor/cc%2B%2B@3-1"},{"ref":"lost one"}]},
            {"id":"CVE-2024-6198","analysis":{"state":"resolved","justification":"code_not_present"},"affects":[{"ref":"b","versions":[
             {"range":"vers:rpm/<1%3A2.0-3","status":"affected"},{"range":"vers:rpm/>=1%3A2.0-3","status":"unaffected"}]}]},
            {"id":"CVE-2024-6199","analysis":{"state":"exploitable"},"affects":[{"ref":"b"}]},
            {"id":"CVE-2024-6200","analysis":{"state":"in_triage"},"affects":[{"ref":"b"}]},
            {"id":"CVE-2024-6201","affects":[{"ref":"b"}]},
            {"id":"GHSA-1","analysis":{"state":"resolved"}},
            {"id":"CVE-2024-6202","analysis":{"state":"fine"}}]}"#;
        let document = parse(text.as_bytes()).unwrap();
        let row = |s: &Statement| format!("{} {} {} {}", s.cve, s.package, s.version.as_deref().unwrap_or("all"), s.status.as_str());
        let rows: Vec<String> = document.statements.iter().map(row).collect();
        assert_eq!(
            rows,
            [
                "CVE-2024-6197 aa 2:1-1 not_affected",
                "CVE-2024-6197 bb all not_affected",
                "CVE-2024-6197 cc++ 3-1 not_affected",
                "CVE-2024-6198 bb 1:2.0-3 fixed",
                "CVE-2024-6199 bb all affected",
                "CVE-2024-6200 bb all under_investigation",
            ]
        );
        let first = &document.statements[0];
        assert_eq!((first.justification, &*first.words), (Some(Justification::VulnerableCodeNotPresent), "not built"));
        assert_eq!((&*document.author, document.statements[3].justification), ("Harbor", None));
        let at: Vec<&str> = document.problems.iter().map(|p| p.at.as_str()).collect();
        assert_eq!(at, ["/vulnerabilities/0/affects/3/ref", "/vulnerabilities/5/id", "/vulnerabilities/6/analysis/state"]);
    }
}
