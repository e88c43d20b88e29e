//! The language of records. A record is a line `SOURCE WORDS: STATEMENTS -> URL -> URL "DESCRIPTION"`.
//!
//! - `SOURCE` is `nvd`, `overrides`, `cvelist`, `osv`, `kev` or `epss`.
//! - `WORDS`: a number (`1001` is CVE-2009-1001; 1000 without one) or a whole id, `@2020-01-01` for the day of publication,
//!   `rejected`, `disputed`, `rated=SPECIFICATION/RATER/SCORE` (`rated=31/nvd/7.5`; raters are `nvd`, `cna`, `cisa`).
//! - a version is `=1.3`, or bounds as in `>=1.0 <1.4`; `*` is every version, `-` is no version.
//! - `nvd` and `overrides`: matches `part:vendor:product VERSION sw:TARGET hw:TARGET`, joined by ` , ` (any of a node), ` + ` (all of a
//!   node), ` & ` (all nodes of a configuration) and ` ; ` (any configuration); `on ` begins a match that is a platform, `not ` a node
//!   that is negated, `unless ` a configuration. `=1.3/p1` is a version with an update, `*/p1` the update of a bound.
//! - `cvelist`: products `VENDOR:PRODUCT` or `cpe/a:vendor:product` or `ECOSYSTEM/PACKAGE`, then `default=affected`, then versions joined
//!   by ` , `, each of which may begin with `not ` or `git `; ` ; ` before the next product; `cisa ` begins one of CISA's container.
//! - `osv`: packages `ECOSYSTEM/NAME` with versions joined by ` , `: ranges, and `=1.3` for the list of single versions; `in:PATH` at the
//!   end is an import path of Go that has the flaw.
//! - `kev`: the day it was added; `epss`: probability and percentile.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use seaworthy_host::archive::TarGz;
use seaworthy_intelligence::records::SourceKind;
use serde_json::{Value, json};

/// A record in the parts that all sources share.
struct Record<'a> {
    id: String,
    published: &'a str,
    rejected: bool,
    disputed: bool,
    ratings: Vec<(&'a str, &'a str, f64)>,
    says: &'a str,
    references: Vec<Value>,
    description: &'a str,
}

/// The artefacts with these records, as their sources publish them: source, name, bytes.
pub(super) fn artefacts(records: &[&str]) -> Vec<(SourceKind, String, Vec<u8>)> {
    let mut by_source: BTreeMap<SourceKind, Vec<Record<'_>>> = BTreeMap::new();
    for text in records {
        let (kind, record) = read(text);
        by_source.entry(kind).or_default().push(record);
    }
    by_source
        .into_iter()
        .map(|(kind, records)| match kind {
            SourceKind::Nvd => {
                let records: Vec<Value> = records.iter().map(|r| json!({"cve": nvd(r)})).collect();
                let feed = json!({"format": "NVD_CVE", "version": "2.0", "totalResults": records.len(), "vulnerabilities": records});
                (kind, "nvdcve-2.0-2024.json".to_owned(), feed.to_string().into_bytes())
            }
            SourceKind::Kev => {
                let entries: Vec<Value> = records.iter().map(|r| json!({"cveID": r.id, "dateAdded": r.says})).collect();
                (kind, "kev.json".to_owned(), json!({"vulnerabilities": entries}).to_string().into_bytes())
            }
            SourceKind::Epss => {
                let mut text = "cve,epss,percentile\n".to_owned();
                records.iter().for_each(|r| writeln!(text, "{},{}", r.id, r.says.replace(' ', ",")).unwrap());
                (kind, "epss.csv".to_owned(), text.into_bytes())
            }
            _ => {
                let mut pack = TarGz::default();
                for (place, record) in records.iter().enumerate() {
                    let json = match kind {
                        SourceKind::CveList => cve5(record),
                        SourceKind::Osv => osv(record, place),
                        _ => {
                            let cve = json!({"id": record.id, "configurations": configurations(record.says)});
                            json!({"_annotation": {"cve_id": record.id}, "cve": cve})
                        }
                    };
                    pack.add(&format!("{place}/{}.json", record.id), json.to_string().as_bytes()).unwrap();
                }
                (kind, "records.tar.gz".to_owned(), pack.finish().unwrap())
            }
        })
        .collect()
}

fn read(text: &str) -> (SourceKind, Record<'_>) {
    let (head, tail) = text.split_once(": ").unwrap_or_else(|| panic!("a record needs `: `: {text}"));
    let (tail, description) = match tail.split_once(" \"") {
        Some((tail, description)) => (tail, description.strip_suffix('"').expect("a description ends with a quote")),
        None => (tail, "made up"),
    };
    let mut parts = tail.split("-> ");
    let says = parts.next().unwrap_or("").trim();
    let references = parts.map(|url| json!({"url": url.trim()})).collect();
    let mut words = head.split(' ');
    let source = words.next().unwrap();
    let kind = SourceKind::ALL.into_iter().find(|k| k.as_str() == source).unwrap_or_else(|| panic!("no source: {text}"));
    let mut record = Record {
        id: "CVE-2009-1000".into(),
        published: "2024-01-10",
        rejected: false,
        disputed: false,
        ratings: Vec::new(),
        says,
        references,
        description,
    };
    for word in words {
        if let Some(day) = word.strip_prefix('@') {
            record.published = day;
        } else if let Some(rating) = word.strip_prefix("rated=") {
            let fields: Vec<&str> = rating.split('/').collect();
            record.ratings.push((fields[0], fields[1], fields[2].parse().unwrap()));
        } else if word == "rejected" {
            record.rejected = true;
        } else if word == "disputed" {
            record.disputed = true;
        } else if word.starts_with("CVE-") {
            record.id = word.to_owned();
        } else {
            record.id = format!("CVE-2009-{}", word.parse::<u32>().unwrap_or_else(|_| panic!("no word of a record: {word} in {text}")));
        }
    }
    (kind, record)
}

const RATERS: [(&str, &str); 3] =
    [("nvd", "nvd@nist.gov"), ("cisa", "134c704f-9b21-4f2e-91b3-4a467353bcc0"), ("cna", "security@ferry.example.org")];

fn nvd(record: &Record<'_>) -> Value {
    let mut metrics = serde_json::Map::new();
    for (specification, rater, score) in &record.ratings {
        let source = RATERS.iter().find(|(word, _)| word == rater).unwrap().1;
        let list = metrics.entry(format!("cvssMetricV{specification}")).or_insert_with(|| json!([]));
        list.as_array_mut().unwrap().push(json!({"source": source, "cvssData": {"baseScore": score, "vectorString": ""}}));
    }
    json!({
        "id": record.id,
        "published": format!("{}T00:00:00.000", record.published),
        "lastModified": format!("{}T00:00:00.000", record.published),
        "vulnStatus": if record.rejected { "Rejected" } else { "Analyzed" },
        "cveTags": if record.disputed { json!([{"sourceIdentifier": "x", "tags": ["disputed"]}]) } else { json!([]) },
        "descriptions": [{"lang": "en", "value": record.description}],
        "metrics": metrics,
        "configurations": configurations(record.says),
        "references": record.references,
    })
}

fn configurations(says: &str) -> Vec<Value> {
    says.split(" ; ").filter(|c| !c.is_empty()).map(configuration).collect()
}

fn configuration(text: &str) -> Value {
    let (negate, text) = begins(text, "unless ");
    let nodes: Vec<Value> = text
        .split(" & ")
        .map(|node| {
            let (negate, node) = begins(node, "not ");
            let (operator, sign) = if node.contains(" + ") { ("AND", " + ") } else { ("OR", " , ") };
            let matches: Vec<Value> = node.split(sign).map(cpe_match).collect();
            json!({"operator": operator, "negate": negate, "cpeMatch": matches})
        })
        .collect();
    json!({"operator": if nodes.len() > 1 { "AND" } else { "OR" }, "negate": negate, "nodes": nodes})
}

fn begins<'a>(text: &'a str, word: &str) -> (bool, &'a str) {
    text.strip_prefix(word).map_or((false, text), |rest| (true, rest))
}

fn cpe_match(text: &str) -> Value {
    let (platform, text) = begins(text, "on ");
    let mut words = text.split(' ');
    let product = words.next().unwrap();
    let (mut version, mut update, mut software, mut hardware) = ("*", "*", "*", "*");
    let mut found = json!({"vulnerable": !platform});
    for word in words {
        if let Some(target) = word.strip_prefix("sw:") {
            software = target;
        } else if let Some(target) = word.strip_prefix("hw:") {
            hardware = target;
        } else if let Some(exact) = word.strip_prefix('=') {
            (version, update) = exact.split_once('/').unwrap_or((exact, "*"));
        } else if let Some(of_bound) = word.strip_prefix("*/") {
            update = of_bound;
        } else if word == "-" {
            version = "-";
        } else if let Some((key, bound)) = bound(word, NVD_BOUNDS) {
            found[key] = bound.into();
        } else {
            assert_eq!(word, "*", "no version: {word} in {text}");
        }
    }
    found["criteria"] = format!("cpe:2.3:{product}:{version}:{update}:*:*:*:{software}:{hardware}:*").into();
    found
}

/// The names of the bounds `>=`, `>`, `<=` and `<` in a format, in this order; empty where it has none.
type Words = [&'static str; 4];
const NVD_BOUNDS: Words = ["versionStartIncluding", "versionStartExcluding", "versionEndIncluding", "versionEndExcluding"];
const CVE5_BOUNDS: Words = ["version", "", "lessThanOrEqual", "lessThan"];
const OSV_BOUNDS: Words = ["introduced", "", "last_affected", "fixed"];

fn bound(word: &str, words: Words) -> Option<(&'static str, &str)> {
    [">=", ">", "<=", "<"].iter().zip(words).find_map(|(sign, key)| Some((key, word.strip_prefix(sign)?)))
}

fn cve5(record: &Record<'_>) -> Value {
    let mut cna = json!({
        "descriptions": [{"lang": "en", "value": record.description}],
        "affected": [],
        "references": record.references,
        "tags": if record.disputed { json!(["disputed"]) } else { json!([]) },
    });
    let mut cisa = json!({"providerMetadata": {"shortName": "CISA-ADP"}, "affected": []});
    for product in record.says.split(" ; ").filter(|p| !p.is_empty()) {
        let (by_cisa, product) = begins(product, "cisa ");
        let container = if by_cisa { &mut cisa } else { &mut cna };
        container["affected"].as_array_mut().unwrap().push(affected(product));
    }
    json!({
        "dataType": "CVE_RECORD",
        "dataVersion": "5.1",
        "cveMetadata": {
            "cveId": record.id,
            "state": if record.rejected { "REJECTED" } else { "PUBLISHED" },
            "datePublished": format!("{}T00:00:00.000Z", record.published),
        },
        "containers": {"cna": cna, "adp": [cisa]},
    })
}

fn affected(text: &str) -> Value {
    let (product, rest) = text.split_once(' ').unwrap_or((text, ""));
    let mut found = if let Some(cpe) = product.strip_prefix("cpe/") {
        json!({"vendor": "n/a", "product": "n/a", "cpes": [format!("cpe:2.3:{cpe}:*:*:*:*:*:*:*:*")]})
    } else if let Some((ecosystem, package)) = product.split_once('/') {
        json!({"vendor": "n/a", "product": "n/a", "packageName": package, "collectionURL": format!("https://{ecosystem}.example.org")})
    } else {
        let (vendor, product) = product.split_once(':').unwrap_or_else(|| panic!("no product: {text}"));
        json!({"vendor": vendor, "product": product})
    };
    let rest = match rest.strip_prefix("default=") {
        Some(rest) => {
            let (default, rest) = rest.split_once(' ').unwrap_or((rest, ""));
            found["defaultStatus"] = default.into();
            rest
        }
        None => rest,
    };
    let versions: Vec<Value> = rest
        .split(" , ")
        .filter(|v| !v.is_empty())
        .map(|version| {
            let (unaffected, version) = begins(version, "not ");
            let (git, version) = begins(version, "git ");
            let mut found = json!({
                "version": "0",
                "status": if unaffected { "unaffected" } else { "affected" },
                "versionType": if git { "git" } else { "custom" },
            });
            for word in version.split(' ') {
                let (key, text) =
                    word.strip_prefix('=').map(|v| ("version", v)).or_else(|| bound(word, CVE5_BOUNDS)).unwrap_or(("version", word));
                found[key] = text.into();
            }
            found
        })
        .collect();
    found["versions"] = versions.into();
    found
}

fn osv(record: &Record<'_>, place: usize) -> Value {
    let packages: Vec<Value> = record
        .says
        .split(" ; ")
        .filter(|p| !p.is_empty())
        .map(|text| {
            let (package, rest) = text.split_once(' ').unwrap_or((text, ""));
            let (ecosystem, name) = package.split_once('/').unwrap_or_else(|| panic!("no package: {text}"));
            let (rest, imports) = rest.split_once(" in:").map_or((rest, Vec::new()), |(rest, paths)| (rest, paths.split(" in:").collect()));
            let (mut ranges, mut versions) = (Vec::new(), Vec::new());
            for version in rest.split(" , ").filter(|v| !v.is_empty()) {
                if let Some(single) = version.strip_prefix('=') {
                    versions.push(single);
                    continue;
                }
                let (git, version) = begins(version, "git ");
                let event = |word| {
                    let (key, text) = bound(word, OSV_BOUNDS).unwrap_or_else(|| panic!("no event: {word} in {text}"));
                    json!({key: text})
                };
                let events: Vec<Value> = version.split(' ').map(event).collect();
                ranges.push(json!({"type": if git { "GIT" } else { "SEMVER" }, "events": events}));
            }
            let imports: Vec<Value> = imports.into_iter().map(|path| json!({"path": path})).collect();
            let (package, specific) = (json!({"ecosystem": ecosystem, "name": name}), json!({"imports": imports}));
            json!({"package": package, "ranges": ranges, "versions": versions, "ecosystem_specific": specific})
        })
        .collect();
    let day = format!("{}T00:00:00Z", record.published);
    let mut found = json!({
        "schema_version": "1.6.0", "id": format!("HARBOR-2024-{place}"), "aliases": [record.id], "published": day, "modified": day,
        "summary": record.description, "affected": packages, "references": record.references,
    });
    if record.rejected {
        found["withdrawn"] = day.into();
    }
    found
}
