//! The reading of VEX statements in CycloneDX (<https://cyclonedx.org/docs/1.6/json/>): the analysis of each vulnerability
//! (`/vulnerabilities/analysis`), for the components that it affects.

use std::collections::HashMap;

use jiff::Timestamp;
use percent_encoding::percent_decode_str;
use seaworthy_model::case::Justification;
use seaworthy_model::{Evr, compare_evr};
use serde_json::Value;

use super::csaf_tree::cpe_place;
use super::document::Document;
use super::json::{items, short, words};
use super::ours::Place;
use super::product::{Product, beside, component, named};
use super::versions::{Versions, with_epoch};
use super::{Statement, Status};

/// The greatest depth of components inside components.
const MOST_DEPTH: usize = 30;

/// The number of entries up to which the versions of a component are read: each is compared with the others.
const MOST_LISTED: usize = 200;

/// What a document says of all of its statements.
struct Bom<'v> {
    serial: &'v str,
    /// The components, in the order of the document.
    components: Vec<Component<'v>>,
    /// Their places in that order, by their references.
    places: HashMap<&'v str, usize>,
    /// The subject: what the document is about, whose vulnerabilities are analysed.
    subject: &'v Value,
    time: Option<Timestamp>,
}

/// A component of a document.
struct Component<'v> {
    purl: Option<&'v str>,
    version: Option<&'v str>,
    /// The component as the document has it.
    value: &'v Value,
    /// The place of the component that it is inside of; `None` where it is inside of none but the subject.
    inside: Option<usize>,
}

pub(super) fn cyclonedx(value: &Value) -> Document {
    let metadata = &value["metadata"];
    let author = [&metadata["authors"][0]["name"], &metadata["supplier"]["name"], &metadata["manufacturer"]["name"]];
    let author = author.into_iter().find(|name| name.is_string()).unwrap_or(&Value::Null);
    let mut out = Document::begin(&value["serialNumber"], &value["version"], author);
    let subject = &metadata["component"];
    let (mut components, mut places) = (Vec::new(), HashMap::new());
    collect(std::slice::from_ref(subject), None, 0, &mut components, &mut places);
    collect(items(&value["components"]), None, 0, &mut components, &mut places);
    let time = out.time(&[("/metadata/timestamp".to_owned(), &metadata["timestamp"])]);
    let serial = value["serialNumber"].as_str().unwrap_or_default();
    let bom = Bom { serial, components, places, subject, time };
    for (nth, vulnerability) in items(&value["vulnerabilities"]).iter().enumerate() {
        read(&mut out, &bom, vulnerability, &format!("/vulnerabilities/{nth}"));
    }
    out
}

fn read(out: &mut Document, bom: &Bom<'_>, vulnerability: &Value, at: &str) {
    let analysis = &vulnerability["analysis"];
    // A vulnerability without an analysis is what a scanner found, and no statement.
    let Some(state) = analysis["state"].as_str() else { return };
    let name = vulnerability["id"].as_str().unwrap_or_default();
    let aliases = items(&vulnerability["references"]).iter().filter_map(|reference| reference["id"].as_str());
    let Some(cve) = out.cve(&format!("{at}/id"), name, aliases) else { return };
    let Some(status) = status_of(state) else {
        let expected = "resolved, resolved_with_pedigree, exploitable, in_triage, false_positive or not_affected";
        out.problem(format!("{at}/analysis/state"), format!("unknown state {:?}: expected {expected}", short(state)));
        return;
    };
    let justification = analysis["justification"].as_str().filter(|_| status == Status::NotAffected);
    let justification = justification.and_then(|word| {
        let known = justification_of(word);
        if known.is_none() {
            out.problem(format!("{at}/analysis/justification"), format!("unknown justification {:?}", short(word)));
        }
        known
    });
    let own = ["lastUpdated", "firstIssued"].map(|name| (format!("{at}/analysis/{name}"), &analysis[name]));
    let is_dated = own.iter().any(|(_, value)| !value.is_null());
    let time = if is_dated { out.time(&own) } else { bom.time };
    let affects = items(&vulnerability["affects"]);
    if affects.is_empty() {
        out.problem(format!("{at}/affects"), "it names no component");
    }
    let words = words(&analysis["detail"]);
    for (n, affected) in affects.iter().enumerate() {
        if out.is_cut {
            return;
        }
        let at = format!("{at}/affects/{n}");
        let product = match bom.product(affected["ref"].as_str().unwrap_or_default()) {
            Ok(product) => product,
            Err(message) => {
                out.problem(format!("{at}/ref"), message);
                continue;
            }
        };
        for versions in versions(affected, status, &product, &format!("{at}/versions"), out) {
            let Product { namespace, package, places, narrowed, .. } = product.clone();
            out.state(Statement {
                at: at.clone(),
                cve,
                package,
                namespace,
                places,
                versions,
                narrowed,
                parts: Vec::new(),
                time,
                is_final: true,
                status,
                justification,
                words: words.clone(),
            });
        }
    }
}

impl Bom<'_> {
    /// The package that a reference leads to.
    ///
    /// # Errors
    /// When it leads to none: what was found and what was expected.
    fn product(&self, reference: &str) -> Result<Product, String> {
        // A link into another document (BOM-Link, urn:cdx:SERIAL/VERSION#REFERENCE) ends in the reference there, which may be a purl.
        let link = reference.strip_prefix("urn:cdx:").and_then(|link| link.split_once('#'));
        let is_elsewhere = link.is_some_and(|(document, _)| {
            let serial = document.split_once('/').map_or(document, |(serial, _)| serial);
            !self.serial.is_empty() && self.serial.strip_prefix("urn:uuid:") != Some(serial)
        });
        let reference = link.map_or(reference, |(_, inside)| inside);
        let decoded = percent_decode_str(reference).decode_utf8_lossy();
        let own = self.places.get(reference).or_else(|| self.places.get(&*decoded)).filter(|_| !is_elsewhere);
        let own = own.and_then(|place| self.components.get(*place)).filter(|component| component.purl.is_some());
        let by_itself = [reference, &*decoded].into_iter().find(|text| text.starts_with("pkg:"));
        let Some(purl) = own.and_then(|component| component.purl).or(by_itself) else {
            return Err(format!("{:?} names no RPM package: it leads to no component with a purl pkg:rpm/...", short(reference)));
        };
        let mut product = named(purl)?;
        if let (Versions::All, Some(version)) = (&product.versions, own.and_then(|component| component.version)) {
            product.versions = beside(version, &product);
        }
        let mut inside = own.and_then(|component| component.inside);
        while let Some(outer) = inside.and_then(|place| self.components.get(place)) {
            add_outer(outer.value, &mut product);
            inside = outer.inside;
        }
        add_outer(self.subject, &mut product);
        Ok(product)
    }
}

/// Adds what a package is inside of, be it the subject of the document or another component: the distribution that the package is a part
/// of, or a product inside of which alone the analysis holds.
fn add_outer(outer: &Value, product: &mut Product) {
    let text = |member: &str| outer[member].as_str();
    let name = text("name").unwrap_or_default();
    match text("type") {
        None | Some("file" | "data") => {}
        Some("operating-system" | "platform") => match (text("cpe"), text("version")) {
            (Some(cpe), _) => {
                let (place, edition) = cpe_place(cpe);
                product.places.push(place);
                edition.into_iter().for_each(|edition| product.narrow(&edition));
            }
            (None, Some(version)) => product.places.push(Place::System { name: name.to_owned(), version: version.to_owned() }),
            (None, None) => {}
        },
        Some(_) => {
            let is_itself = text("purl").is_some_and(|purl| component(purl, product).is_none());
            if !is_itself {
                product.places.push(Place::Other(name.to_owned()));
            }
        }
    }
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

/// The versions of a component that an analysis is about: those that its `versions` name, where it has any, else that of its purl. For a
/// fix they are those from which on it is there. What is not understood is a problem, and never stands for all.
///
/// Ranges are those of the scheme `rpm` (<https://github.com/package-url/vers-spec>).
fn versions(affected: &Value, status: Status, product: &Product, at: &str, out: &mut Document) -> Vec<Versions> {
    let named = || vec![product.versions.clone()];
    let listed = match &affected["versions"] {
        Value::Null => return named(),
        Value::Array(listed) if listed.is_empty() => return named(),
        Value::Array(listed) if listed.len() > MOST_LISTED => {
            out.problem(at.to_owned(), format!("it has {} entries; up to {MOST_LISTED} are read", listed.len()));
            return Vec::new();
        }
        Value::Array(listed) => listed,
        _ => {
            out.problem(at.to_owned(), "it is no list of versions");
            return Vec::new();
        }
    };
    let about = if status == Status::Fixed { firsts(listed, product, at, out) } else { each(listed, status, product, at, out) };
    if about.is_empty() {
        out.problem(at.to_owned(), format!("none of the versions is known to be {}", status.as_str()));
    }
    about
}

/// The status of a version in the list of a component; the default is that of the schema.
fn said(entry: &Value) -> &str {
    entry["status"].as_str().unwrap_or("affected")
}

/// The versions that an analysis is about, where it tells of no fix.
///
/// Where it closes something, what the list calls affected or unknown is taken out; nothing is left where that cannot be read.
fn each(listed: &[Value], status: Status, product: &Product, at: &str, out: &mut Document) -> Vec<Versions> {
    let (mut about, mut others, mut is_read) = (Vec::new(), Vec::new(), true);
    for (nth, entry) in listed.iter().enumerate() {
        let is_meant = match status {
            Status::NotAffected | Status::Fixed => said(entry) == "unaffected",
            Status::Affected => said(entry) == "affected",
            Status::UnderInvestigation => true,
        };
        match (entry["version"].as_str(), entry["range"].as_str()) {
            (Some(_), None) | (None, Some(_)) if !is_meant && status != Status::NotAffected => {}
            (Some(version), None) if !is_meant => others.push(beside(version, product)),
            (Some(version), None) => about.push(beside(version, product)),
            (None, Some("vers:rpm/*")) if is_meant => about.push(product.versions.clone()),
            (None, Some(range)) => match Versions::of_range(range, product.epoch.as_deref()) {
                Ok(versions) if is_meant => about.push(versions),
                Ok(versions) => others.push(versions),
                Err(message) => {
                    is_read &= is_meant;
                    out.problem(format!("{at}/{nth}"), message);
                }
            },
            _ => {
                is_read = false;
                out.problem(format!("{at}/{nth}"), NEITHER);
            }
        }
    }
    if status != Status::NotAffected {
        return about;
    }
    if !is_read {
        return Vec::new();
    }
    about.into_iter().filter_map(|versions| versions.without(&others)).collect()
}

/// The versions from which on a fix is there; none where one is not understood, or a later version is affected again.
fn firsts(listed: &[Value], product: &Product, at: &str, out: &mut Document) -> Vec<Versions> {
    let whole = |version: &str| with_epoch(version, product.epoch.as_deref());
    let (mut firsts, mut affected) = (Vec::new(), Vec::new());
    for (nth, entry) in listed.iter().enumerate() {
        let has_fix = said(entry) == "unaffected";
        let bound = |range, comparator| bound(range, comparator).map(|version| whole(&version));
        match (entry["version"].as_str(), entry["range"].as_str()) {
            (Some(version), None) if has_fix => firsts.push(whole(version)),
            (Some(version), None) => affected.push((nth, whole(version), true)),
            (None, Some(range)) => match (has_fix, bound(range, ">="), bound(range, "<")) {
                (true, Some(first), _) => firsts.push(first),
                (false, _, Some(end)) => affected.push((nth, end, false)),
                _ => {
                    out.problem(format!("{at}/{nth}"), not_understood(range, "vers:rpm/>=VERSION unaffected, vers:rpm/<VERSION affected"));
                    return Vec::new();
                }
            },
            _ => {
                out.problem(format!("{at}/{nth}"), NEITHER);
                return Vec::new();
            }
        }
    }
    let is_behind = |first: &str, end: &str, is_inside: bool| match (first.parse::<Evr>(), end.parse::<Evr>()) {
        (Ok(first), Ok(end)) => compare_evr(&first, &end).is_gt() || (!is_inside && first == end),
        _ => false,
    };
    let mut again = affected.iter().filter(|(_, end, is_inside)| !firsts.iter().all(|first| is_behind(first, end, *is_inside)));
    if let Some((nth, end, _)) = again.next() {
        out.problem(format!("{at}/{nth}"), format!("{:?} is affected, and not older than the fix", short(end)));
        return Vec::new();
    }
    firsts.into_iter().map(Versions::One).collect()
}

const NEITHER: &str = "it has neither a version nor a range, or both";

fn not_understood(range: &str, expected: &str) -> String {
    format!("the range {:?} is not understood: expected {expected}", short(range))
}

/// The version in a range of the scheme `rpm` that is one bound with this comparator.
fn bound(range: &str, comparator: &str) -> Option<String> {
    let version = range.strip_prefix("vers:rpm/")?.strip_prefix(comparator)?;
    let is_one = !version.is_empty() && !version.contains(['|', '=', '<', '>', '*']);
    is_one.then(|| percent_decode_str(version).decode_utf8_lossy().into_owned())
}

/// Adds components and those inside them, with their places by their references.
fn collect<'v>(
    components: &'v [Value],
    inside: Option<usize>,
    depth: usize,
    out: &mut Vec<Component<'v>>,
    places: &mut HashMap<&'v str, usize>,
) {
    if depth > MOST_DEPTH {
        return;
    }
    for component in components {
        let text = |member: &str| component[member].as_str();
        let place = out.len();
        out.push(Component { purl: text("purl"), version: text("version"), value: component, inside });
        if let Some(reference) = text("bom-ref") {
            places.insert(reference, place);
        }
        collect(items(&component["components"]), Some(place), depth + 1, out, places);
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
        let row = |s: &Statement| format!("{} {} {} {}", s.cve, s.package, s.versions.text().unwrap_or("all"), s.status.as_str());
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

    #[test]
    fn versions_are_named_one_by_one() {
        let of = |state: &str, purl: &str, versions: &str| {
            let affects = format!(r#"[{{"ref":"pkg:rpm/harbor/curl{purl}","versions":{versions}}}]"#);
            let vulnerability = format!(r#"{{"id":"CVE-2024-6197","analysis":{{"state":"{state}"}},"affects":{affects}}}"#);
            let text = format!(r#"{{"bomFormat":"CycloneDX","specVersion":"1.6","vulnerabilities":[{vulnerability}]}}"#);
            let document = parse(text.as_bytes()).unwrap();
            let versions = document.statements.iter().map(|s| s.versions.text().unwrap_or("all").to_owned());
            let problems = document.problems.iter().map(|p| p.at.replacen("/vulnerabilities/0/affects/0", "!", 1));
            versions.chain(problems).collect::<Vec<_>>().join(" ")
        };
        let range = |range: &str, status: &str| format!(r#"{{"range":"vers:rpm/{range}","status":"{status}"}}"#);
        let only = |version: &str, status: &str| format!(r#"{{"version":"{version}","status":"{status}"}}"#);
        let list = |entries: &[String]| format!("[{}]", entries.join(","));
        let (old, new) = ("8.8.0-1", "8.8.0-2");
        let fixed = [range("<8.8.0-2", "affected"), range(">=8.8.0-2", "unaffected")];
        let epochs = [range("<8.8.0-2", "affected"), range(">=8.8.0-2", "unaffected"), only(new, "unaffected")];
        let again = [range(">=8.8.0-2", "unaffected"), range(">=8.9.0-1|<8.9.0-3", "affected")];
        let between = [range(">=8.8.0-2|<8.9.0-1", "unaffected")];
        // The state, the end of the purl, the versions, those of the statements and the places of the problems.
        let rows = [
            ("a fix behind the purl's version", "resolved", "@8.8.0-1", list(&fixed), "8.8.0-2"),
            ("a fix with the purl's epoch", "resolved", "@8.8.0-1?epoch=1", list(&epochs), "1:8.8.0-2 1:8.8.0-2"),
            ("a fix of one version", "resolved", "@8.8.0-1", list(&[only(old, "affected"), only(new, "unaffected")]), "8.8.0-2"),
            ("a fix that is lost again", "resolved", "@8.8.0-1", list(&again), "!/versions/1 !/versions"),
            ("a fix of some versions", "resolved", "@8.8.0-1", list(&between), "!/versions/0 !/versions"),
            ("a fix of all versions", "resolved", "@8.8.0-1", list(&[range("*", "unaffected")]), "!/versions/0 !/versions"),
            (
                "affected after the fix",
                "resolved",
                "@8.8.0-1",
                list(&[only(new, "affected"), only(old, "unaffected")]),
                "!/versions/0 !/versions",
            ),
            (
                "affected up to a later version",
                "resolved",
                "",
                list(&[range("<8.9.0-1", "affected"), only(new, "unaffected")]),
                "!/versions/0 !/versions",
            ),
            ("a fix in no version", "resolved", "@8.8.0-1", list(&[only(old, "affected")]), "!/versions"),
            ("no versions, and a fix", "resolved", "@8.8.0-1", list(&[]), "8.8.0-1"),
            ("one version", "not_affected", "", list(&[only(old, "unaffected")]), "8.8.0-1"),
            ("two versions", "false_positive", "", list(&[only(old, "unaffected"), only(new, "unaffected")]), "8.8.0-1 8.8.0-2"),
            ("one of two", "not_affected", "", list(&[only(old, "unaffected"), only(new, "affected")]), "8.8.0-1"),
            ("affected, where nothing else is said", "not_affected", "", r#"[{"version":"8.8.0-1"}]"#.into(), "!/versions"),
            ("all versions", "not_affected", "", list(&[range("*", "unaffected")]), "all"),
            ("all of the purl's version", "not_affected", "@8.8.0-1", list(&[range("*", "unaffected")]), "8.8.0-1"),
            ("some versions", "not_affected", "", list(&fixed), "vers:rpm/>=8.8.0-2"),
            ("a version and a range", "not_affected", "", list(&[only(old, "unaffected"), fixed[1].clone()]), "8.8.0-1 vers:rpm/>=8.8.0-2"),
            ("exploitable in a range", "exploitable", "", list(&fixed), "vers:rpm/<8.8.0-2"),
            ("no range of RPM", "not_affected", "", r#"[{"range":"vers:deb/<8","status":"unaffected"}]"#.into(), "!/versions/0 !/versions"),
            ("nothing in it", "not_affected", "", "[{}]".into(), "!/versions/0 !/versions"),
            ("no list", "not_affected", "", r#"{"version":"8.8.0-1"}"#.into(), "!/versions"),
            ("exploitable in one version", "exploitable", "", list(&[only(old, "affected"), only(new, "unaffected")]), "8.8.0-1"),
            ("looked into", "in_triage", "", list(&[only(old, "unknown")]), "8.8.0-1"),
        ];
        seaworthy_testing::hold(rows.map(|(why, state, purl, versions, expected)| (why, expected.to_owned(), of(state, purl, &versions))));
    }
}
