//! The reading of VEX documents. All input is hostile: a statement that cannot be read costs that statement.

use std::collections::HashMap;

use seaworthy_model::CveId;
use seaworthy_model::case::Justification;
use serde_json::Value;

use super::cyclonedx::cyclonedx;
use super::document::{Document, items, short, words};
use super::product::named;
use super::{Statement, Status};

/// The greatest size of a document in bytes.
pub const MOST_BYTES: usize = 64 << 20;

/// The reason why a document cannot be read at all.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum VexError {
    /// The document is too large.
    #[error("it has {0} bytes; a VEX document has at most {MOST_BYTES}")]
    TooLarge(usize),
    /// The document is no JSON.
    #[error("line {line}, column {column}: {message}")]
    Json {
        /// The line, counted from 1.
        line: usize,
        /// The column, counted from 1.
        column: usize,
        /// The message of the parser.
        message: String,
    },
    /// The document is JSON of another format.
    #[error("it is neither OpenVEX (a @context of openvex.dev) nor CSAF (a document with csaf_version) nor CycloneDX (bomFormat): {0}")]
    Unknown(String),
}

/// Reads a document of any of the formats.
///
/// # Errors
/// When the document is too large, no JSON, or of another format.
pub fn parse(bytes: &[u8]) -> Result<Document, VexError> {
    if bytes.len() > MOST_BYTES {
        return Err(VexError::TooLarge(bytes.len()));
    }
    let value: Value = serde_json::from_slice(bytes).map_err(|e| VexError::Json {
        line: e.line(),
        column: e.column(),
        message: e.to_string().split(" at line ").next().unwrap_or_default().to_owned(),
    })?;
    let context = value["@context"].as_str().unwrap_or_default();
    if context.contains("openvex.dev/ns") {
        return Ok(openvex(&value));
    }
    if value["bomFormat"] == "CycloneDX" {
        return Ok(cyclonedx(&value));
    }
    match value["document"]["csaf_version"].as_str() {
        Some("2.0" | "2.1") => Ok(csaf(&value)),
        Some(other) => Err(VexError::Unknown(format!("csaf_version {:?} is not 2.0", short(other)))),
        None => Err(VexError::Unknown("it has none of them".into())),
    }
}

fn openvex(value: &Value) -> Document {
    let mut out = Document::begin(&value["@id"], &value["author"]);
    for (nth, statement) in items(&value["statements"]).iter().enumerate() {
        let at = format!("/statements/{nth}");
        // Before 0.2.0 the vulnerability was a text.
        let vulnerability = &statement["vulnerability"];
        let name = vulnerability["name"].as_str().or(vulnerability.as_str()).unwrap_or_default();
        let Ok(cve) = name.parse::<CveId>() else {
            out.problem(format!("{at}/vulnerability"), format!("{:?} is no CVE id", short(name)));
            continue;
        };
        let status = match statement["status"].as_str().unwrap_or_default() {
            "not_affected" => Status::NotAffected,
            "affected" => Status::Affected,
            "fixed" => Status::Fixed,
            "under_investigation" => Status::UnderInvestigation,
            other => {
                let expected = "not_affected, affected, fixed or under_investigation";
                out.problem(format!("{at}/status"), format!("unknown status {:?}: expected {expected}", short(other)));
                continue;
            }
        };
        let justification = out.justification(&format!("{at}/justification"), &statement["justification"]);
        let text = if status == Status::Affected { "action_statement" } else { "impact_statement" };
        for (n, product) in items(&statement["products"]).iter().enumerate() {
            let id = product["@id"].as_str().or(product["identifiers"]["purl"].as_str()).or(product.as_str()).unwrap_or_default();
            let Some((namespace, package, version)) = named(id) else {
                out.problem(format!("{at}/products/{n}"), format!("{:?} names no RPM package: expected pkg:rpm/...", short(id)));
                continue;
            };
            let words = words(&statement[text]);
            out.state(&at, Statement { cve, package, namespace, version, status, justification, words });
        }
    }
    out
}

fn csaf(value: &Value) -> Document {
    let mut out = Document::begin(&value["document"]["tracking"]["id"], &value["document"]["publisher"]["name"]);
    let mut products: HashMap<&str, &str> = HashMap::new();
    collect(&value["product_tree"], 0, &mut products);
    const GROUPS: [(&str, Status); 6] = [
        ("known_not_affected", Status::NotAffected),
        ("known_affected", Status::Affected),
        ("first_affected", Status::Affected),
        ("last_affected", Status::Affected),
        ("fixed", Status::Fixed),
        ("under_investigation", Status::UnderInvestigation),
    ];
    for (nth, vulnerability) in items(&value["vulnerabilities"]).iter().enumerate() {
        let at = format!("/vulnerabilities/{nth}");
        let name = vulnerability["cve"].as_str().unwrap_or_default();
        let Ok(cve) = name.parse::<CveId>() else {
            out.problem(format!("{at}/cve"), format!("{:?} is no CVE id", short(name)));
            continue;
        };
        let mut justifications: HashMap<&str, Justification> = HashMap::new();
        for (n, flag) in items(&vulnerability["flags"]).iter().enumerate() {
            if let Some(justification) = out.justification(&format!("{at}/flags/{n}/label"), &flag["label"]) {
                justifications.extend(items(&flag["product_ids"]).iter().filter_map(Value::as_str).map(|p| (p, justification)));
            }
        }
        let impacts = details_by_product(vulnerability, "threats", |threat| threat["category"] == "impact");
        let actions = details_by_product(vulnerability, "remediations", |_| true);
        for (group, status) in GROUPS {
            for (n, product) in items(&vulnerability["product_status"][group]).iter().enumerate() {
                let id = product.as_str().unwrap_or_default();
                let purl = products.get(id).copied().unwrap_or(id);
                let Some((namespace, package, version)) = named(purl) else {
                    let place = format!("{at}/product_status/{group}/{n}");
                    out.problem(place, format!("{:?} names no RPM package: no purl pkg:rpm/... in the product tree", short(id)));
                    continue;
                };
                let justification = justifications.get(id).copied().filter(|_| status == Status::NotAffected);
                let said = if status == Status::Affected { actions.get(id) } else { impacts.get(id) };
                let words = said.map(|text| words(text)).unwrap_or_default();
                out.state(&at, Statement { cve, package, namespace, version, status, justification, words });
            }
        }
    }
    out
}

/// The details of the elements of a list that `is` accepts, by product id.
fn details_by_product<'v>(vulnerability: &'v Value, list: &str, is: impl Fn(&Value) -> bool) -> HashMap<&'v str, &'v Value> {
    let entries = items(&vulnerability[list]).iter().filter(|entry| is(entry));
    entries.flat_map(|entry| items(&entry["product_ids"]).iter().filter_map(Value::as_str).map(move |p| (p, &entry["details"]))).collect()
}

/// The purl of each product id in the tree, in `out`. A relationship has the purl of the component that it refers to.
fn collect<'v>(tree: &'v Value, depth: usize, out: &mut HashMap<&'v str, &'v str>) {
    if depth > 30 {
        return;
    }
    let mut add = |product: &'v Value| {
        let purl = product["product_identification_helper"]["purl"].as_str();
        if let (Some(id), Some(purl)) = (product["product_id"].as_str(), purl) {
            out.insert(id, purl);
        }
    };
    items(&tree["full_product_names"]).iter().for_each(&mut add);
    items(&tree["branches"]).iter().for_each(|branch| add(&branch["product"]));
    for branch in items(&tree["branches"]) {
        collect(branch, depth + 1, out);
    }
    for relationship in items(&tree["relationships"]) {
        let purl = relationship["product_reference"].as_str().and_then(|component| out.get(component).copied());
        if let (Some(id), Some(purl)) = (relationship["full_product_name"]["product_id"].as_str(), purl) {
            out.insert(id, purl);
        }
    }
}
