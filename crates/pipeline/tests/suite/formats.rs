//! One case at one moment in all documents: the same status, the same reason, and the same name of the package.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use seaworthy_matching::formats::{Format, Report, write};
use seaworthy_model::VexStatus::{self, Affected, Fixed, NotAffected, UnderInvestigation};
use seaworthy_model::case::{CaseEvent, CaseState, Decision, Justification, Origin, Reason};
use seaworthy_pipeline::{PublicationRequest, ScanRequest, VexExport, VexFormat};
use seaworthy_publish::formats::{atom, csaf, cyclonedx, json, openvex, osv};
use seaworthy_publish::updateinfo::{self, UpdatePackage};
use seaworthy_publish::{Advisory, Edition, oval, pages};
use serde_json::Value;

use crate::chronicle::{Log, at, facts, fixed, left, opened, published};
use crate::home::{Office, scan_of_specs};

fn decided(state: CaseState, justification: Option<Justification>) -> CaseEvent {
    CaseEvent::Decided(Decision {
        state,
        justification,
        reason: Reason::Reviewed,
        statement: "Somebody looked at it.".into(),
        until: (state != CaseState::NotAffected).then(|| at("2025-01-01T00:00:00Z")),
        // A person gives a justification; what was recorded elsewhere may lack it.
        origin: if state == CaseState::NotAffected { Origin::Document("theirs.json".into()) } else { Origin::Person },
    })
}

/// A state of a case: its name, the events that lead to it, the status, and the justification where it is not affected.
type Row = (String, Vec<CaseEvent>, Option<VexStatus>, Option<Justification>);

fn states() -> Vec<Row> {
    let recalled = || CaseEvent::Recalled { version: "8.8.0-2".parse().unwrap(), because: "it breaks".into() };
    let shipped = || CaseEvent::Shipped { version: "8.8.0-2".parse().unwrap(), image: "202408.10.0".into() };
    let reopened = || CaseEvent::Reopened { facts: facts(), because: Vec::new(), state: CaseState::UnderInvestigation };
    let withdrawn = || CaseEvent::Withdrawn { because: "rejected".into() };
    let mut rows: Vec<Row> = [
        ("affected", vec![], Some(Affected)),
        ("deferred", vec![decided(CaseState::Deferred, None)], Some(Affected)),
        ("will not be fixed", vec![decided(CaseState::WillNotFix, None)], Some(Affected)),
        ("no longer shipped", vec![left()], Some(Affected)),
        ("no longer shipped, put off before", vec![decided(CaseState::Deferred, None), left()], Some(Affected)),
        ("under investigation, no longer shipped", vec![fixed(), published(), reopened(), left()], Some(UnderInvestigation)),
        ("not affected", vec![decided(CaseState::NotAffected, None)], Some(NotAffected)),
        ("fixed, not delivered", vec![fixed()], Some(Affected)),
        ("fixed and published", vec![fixed(), published()], Some(Fixed)),
        ("fixed and on an image", vec![fixed(), shipped()], Some(Fixed)),
        ("recalled", vec![fixed(), published(), recalled()], Some(Affected)),
        ("withdrawn", vec![withdrawn()], None),
        ("reopened", vec![fixed(), published(), reopened()], Some(UnderInvestigation)),
    ]
    .into_iter()
    .map(|(name, events, status)| (name.to_owned(), events, status, None))
    .collect();
    for why in Justification::ALL {
        rows.push((format!("not affected: {why}"), vec![decided(CaseState::NotAffected, Some(why))], Some(NotAffected), Some(why)));
    }
    rows
}

/// The content of a document on a case.
#[derive(Debug, Default, PartialEq)]
struct Said {
    /// The status; `None` where the document states none.
    status: Option<VexStatus>,
    /// The reason why it is not affected.
    why: Option<Justification>,
    /// The purl of the source package.
    purl: Option<String>,
}

/// The statuses that a format can express.
#[derive(Clone, Copy)]
enum Words {
    /// All statuses.
    All,
    /// Vulnerable, in every version or before a fix. A reader takes a case that is left out for any other status.
    Vulnerable,
    /// A fix.
    Fix,
}

/// The version of a package in a format's purl.
#[derive(Clone, Copy)]
enum Version {
    /// No purl.
    NoPurl,
    /// A purl without a version.
    None,
    /// The version of the fix, or else no version.
    Fix,
    /// The version of the fix, or else the one that was judged.
    Each,
}

/// A format: its name, its statuses, whether it gives a reason, its purls, and its reader.
type Reader = (&'static str, Words, bool, Version, fn(&Edition, &Edition) -> Said);

/// The formats. A reader gets the published edition and the exchanged one.
const FORMATS: [Reader; 15] = [
    ("OpenVEX", Words::All, true, Version::Fix, |e, _| {
        openvex::document(e, only(e).cve, &[only(e)]).map(|bytes| of_openvex(&value(&bytes))).unwrap_or_default()
    }),
    ("OpenVEX, exported", Words::All, true, Version::Fix, |_, e| of_openvex(&value(&openvex::export(e, "https://example.org/vex/1")))),
    ("CSAF VEX", Words::All, true, Version::Fix, |e, _| of_csaf(&value(&csaf::vex(e, only(e).cve, &[only(e)])))),
    ("CSAF VEX, exported", Words::All, true, Version::Fix, |_, e| of_csaf(&value(&csaf::export(e, "vex-1", false)))),
    ("CSAF advisory", Words::All, true, Version::Each, |e, _| of_csaf(&value(&csaf::advisory(e, only(e))))),
    ("CycloneDX", Words::All, true, Version::None, |e, _| of_cyclonedx(&value(&cyclonedx::vex(e)))),
    ("OSV", Words::Vulnerable, false, Version::None, |e, _| {
        osv::record(e, only(e)).map(|bytes| of_osv(&value(&bytes))).unwrap_or_default()
    }),
    ("OVAL", Words::Vulnerable, false, Version::NoPurl, |e, _| of_oval(&text(oval::document(e)))),
    ("updateinfo", Words::Fix, false, Version::NoPurl, |e, _| of_updateinfo(e)),
    ("JSON", Words::All, true, Version::None, |e, _| of_json(&value(&json::document(e, only(e))))),
    ("JSON list", Words::All, false, Version::None, |e, _| of_json(&value(&json::index(e))["advisories"][0])),
    ("Atom", Words::All, false, Version::NoPurl, |e, _| of_word(&text(atom::feed(e, 1)), "<category term=\"")),
    ("page of the advisory", Words::All, false, Version::NoPurl, |e, _| of_page(pages::advisory(e, only(e)))),
    ("page of the CVE", Words::All, false, Version::NoPurl, |e, _| of_page(pages::cve(e, only(e).cve, &[only(e)]))),
    ("search of the pages", Words::All, false, Version::NoPurl, |e, _| of_search(&value(&pages::search_data(e).unwrap()))),
];

fn only(edition: &Edition) -> &Advisory {
    let [advisory] = &edition.advisories[..] else { panic!("{} advisories", edition.advisories.len()) };
    advisory
}

fn value(bytes: &[u8]) -> Value {
    serde_json::from_slice(bytes).unwrap()
}

fn text(bytes: Vec<u8>) -> String {
    String::from_utf8(bytes).unwrap()
}

fn owned(value: &Value) -> Option<String> {
    value.as_str().map(str::to_owned)
}

/// The only item of a document with this status; there must be one.
fn reads<T: Copy>(all: impl IntoIterator<Item = T>, word: impl Fn(T) -> &'static str, said: &Value) -> Option<T> {
    let said = said.as_str()?;
    Some(all.into_iter().find(|one| word(*one) == said).unwrap_or_else(|| panic!("{said} is no word of the format")))
}

const STATUSES: [VexStatus; 4] = [NotAffected, Affected, Fixed, UnderInvestigation];

fn justification(said: &Value) -> Option<Justification> {
    reads(Justification::ALL, Justification::as_str, said)
}

fn of_openvex(document: &Value) -> Said {
    let statement = &document["statements"][0];
    Said {
        status: reads(STATUSES, VexStatus::as_str, &statement["status"]),
        why: justification(&statement["justification"]),
        purl: owned(&statement["products"][0]["@id"]),
    }
}

fn of_csaf(document: &Value) -> Said {
    let vulnerability = &document["vulnerabilities"][0];
    let groups = &vulnerability["product_status"];
    // What has the fix is listed beside what it replaces.
    let status = [Fixed, Affected, NotAffected, UnderInvestigation].into_iter().find(|status| !groups[status.csaf()].is_null());
    let product = status.map(|status| &groups[status.csaf()][0]);
    let parts = document["product_tree"]["relationships"].as_array().into_iter().flatten().map(|r| &r["full_product_name"]);
    let purl = product.and_then(|id| parts.into_iter().find(|part| part["product_id"] == *id));
    Said {
        status,
        why: justification(&vulnerability["flags"][0]["label"]),
        purl: purl.and_then(|part| owned(&part["product_identification_helper"]["purl"])),
    }
}

fn of_cyclonedx(document: &Value) -> Said {
    let vulnerability = &document["vulnerabilities"][0];
    let analysis = &vulnerability["analysis"];
    let withdrawn = analysis["state"] == "false_positive";
    let components = document["components"].as_array().unwrap();
    let component = components.iter().find(|component| component["bom-ref"] == vulnerability["affects"][0]["ref"]);
    Said {
        status: if withdrawn { None } else { reads(STATUSES, VexStatus::cyclonedx, &analysis["state"]) },
        why: reads(Justification::ALL, Justification::cyclonedx, &analysis["justification"]),
        purl: component.and_then(|component| owned(&component["purl"])),
    }
}

/// A listed case is affected, or was before its fix; a case that is not listed any more is withdrawn.
fn of_osv(record: &Value) -> Said {
    if !record["withdrawn"].is_null() {
        return Said::default();
    }
    let affected = &record["affected"][0];
    let events = affected["ranges"][0]["events"].as_array().unwrap();
    let status = if events.iter().any(|event| event.get("fixed").is_some()) { Fixed } else { Affected };
    Said { status: Some(status), why: None, purl: owned(&affected["package"]["purl"]) }
}

fn of_oval(document: &str) -> Said {
    let status = match document.split_once("<patchable>").map(|(_, rest)| rest.starts_with("true")) {
        Some(true) => Some(Fixed),
        Some(false) => Some(Affected),
        None => None,
    };
    Said { status, ..Said::default() }
}

/// The repository has the build with the fix for every published fix.
fn of_updateinfo(edition: &Edition) -> Said {
    let evr = || "8.8.0-2".parse().unwrap();
    let package = UpdatePackage {
        source: "curl".into(),
        source_evr: evr(),
        name: "curl".into(),
        evr: evr(),
        arch: "x86_64".into(),
        file: "curl-8.8.0-2.x86_64.rpm".into(),
    };
    let told = text(updateinfo::document(edition, &[package])).contains(&format!("<id>{}</id>", only(edition).id));
    Said { status: told.then_some(Fixed), ..Said::default() }
}

/// The status of a standing, by its word.
fn standing(word: &str) -> Option<VexStatus> {
    match word {
        "affected" | "deferred" | "will_not_fix" | "not_shipped" => Some(Affected),
        "not_affected" => Some(NotAffected),
        "fixed" => Some(Fixed),
        "under_investigation" => Some(UnderInvestigation),
        "withdrawn" => None,
        other => panic!("{other} is no standing"),
    }
}

fn of_json(document: &Value) -> Said {
    Said {
        status: standing(document["standing"].as_str().unwrap()),
        why: justification(&document["justification"]),
        purl: owned(&document["purl"]),
    }
}

/// The standing that stands behind a mark.
fn of_word(document: &str, mark: &str) -> Said {
    let (_, rest) = document.split_once(mark).unwrap_or_else(|| panic!("no {mark} in {document}"));
    Said { status: standing(rest.split('"').next().unwrap()), ..Said::default() }
}

fn of_page(page: Vec<u8>) -> Said {
    of_word(&text(page), "class=\"badge s-")
}

fn of_search(data: &Value) -> Said {
    let place = data["rows"][0][3].as_u64().unwrap() as usize;
    Said { status: standing(data["statuses"][place].as_str().unwrap()), ..Said::default() }
}

#[test]
fn every_document_says_the_same_of_a_case() {
    for (name, events, status, why) in states() {
        let mut log = Log::new();
        log.case("2024-08-01T00:00:00Z", "curl", opened());
        log.edition("2024-08-01T12:00:00Z");
        for (day, event) in (2..).zip(events) {
            log.case(&format!("2024-08-0{day}T00:00:00Z"), "curl", event);
        }
        let mut edition = log.edition("2024-08-09T00:00:00Z");
        edition.distribution.ecosystem = "Harbor Linux:1".into();
        let exchanged = log.0.exchange(&edition.distribution, false);
        assert_eq!(exchanged.advisories, edition.advisories, "{name}");
        assert_eq!(only(&edition).standing.vex(), status, "{name}");
        for (format, words, reasons, version, read) in FORMATS {
            let expected = match words {
                Words::All => status,
                Words::Vulnerable => status.filter(|status| matches!(status, Affected | Fixed)),
                Words::Fix => status.filter(|status| *status == Fixed),
            };
            let said = read(&edition, &exchanged);
            assert_eq!((said.status, said.why), (expected, why.filter(|_| reasons)), "{name} in {format}");
            let version = match version {
                Version::NoPurl => None,
                Version::None => Some(""),
                Version::Fix => Some(if status == Some(Fixed) { "@8.8.0-2" } else { "" }),
                Version::Each => Some(if status == Some(Fixed) { "@8.8.0-2" } else { "@8.8.0-1" }),
            };
            // What was withdrawn may be told without a product.
            if expected.is_some() {
                assert_eq!(said.purl, version.map(|version| format!("pkg:rpm/harbor/curl{version}")), "{name} in {format}");
            }
        }
    }
}

/// The purls in the texts of a value.
fn purls(value: &Value, out: &mut Vec<String>) {
    match value {
        Value::String(text) if text.starts_with("pkg:") => out.push(text.clone()),
        Value::Array(list) => list.iter().for_each(|v| purls(v, out)),
        Value::Object(object) => object.values().for_each(|v| purls(v, out)),
        _ => {}
    }
}

fn json_files(folder: &Path, out: &mut Vec<Value>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            json_files(&path, out);
        } else if path.extension().is_some_and(|e| e == "json") {
            out.push(value(&fs::read(&path).unwrap()));
        }
    }
}

/// A package has one name in all outputs of a home: a scan, an export, and a publication.
#[test]
fn a_package_has_one_purl_in_every_document_of_a_home() {
    let office = Office::ready();
    office.publish(&PublicationRequest::default());
    let home = office.home();
    let scanned = home.scan(&ScanRequest { keep_all: true, ..scan_of_specs() }).unwrap();
    let report = Report {
        assessment: &scanned.assessment,
        inventory: &scanned.inventory,
        folder: scanned.folder.clone(),
        title: scanned.title.clone(),
        vendor: scanned.vendor.clone(),
        left_out: &scanned.left_out,
        statuses: &[],
        only_changed: false,
    };
    let mut scan = Vec::new();
    write(Format::Cyclonedx, &report, &mut scan).unwrap();
    let mut documents = vec![value(&scan)];
    for format in [VexFormat::OpenVex, VexFormat::Csaf] {
        let request = VexExport { format, line: None, author: None, namespace: None, vendor: None, embargoed: false };
        documents.push(value(&home.export_vex(&request).unwrap()));
    }
    json_files(&home.site().dir().join("www/security"), &mut documents);
    let mut names: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let mut found = 0;
    for document in &documents {
        let mut all = Vec::new();
        purls(document, &mut all);
        found += usize::from(!all.is_empty());
        for purl in all {
            let (package, rest) = purl.split_once(['@', '?']).unwrap_or((&purl, ""));
            let name = package.rsplit('/').next().unwrap().to_owned();
            assert!(
                rest.split_once('?').is_none_or(|(_, qualifiers)| qualifiers.starts_with("epoch=") && !qualifiers.contains('&')),
                "{purl}"
            );
            names.entry(name).or_default().insert(package.to_owned());
        }
    }
    assert!(found > 20 && names.len() > 5, "{found} documents, {names:?}");
    for (name, written) in names {
        assert_eq!(written.into_iter().collect::<Vec<_>>(), [format!("pkg:rpm/harbor/{name}")]);
    }
}
