//! CSAF 2.0, profile 5 (VEX), written.

use std::collections::BTreeMap;

use seaworthy_model::CveId;
use seaworthy_model::case::{Case, CaseState};
use serde_json::{Value, json};

use crate::product::purl;
use crate::{About, Status, action, impact};

/// A document of what the cases say: the packages as its product tree, a vulnerability a CVE. Give it only cases that its readers
/// may see.
#[must_use]
pub fn csaf<'c>(cases: impl IntoIterator<Item = &'c Case>, about: &About) -> Value {
    let mut products: BTreeMap<String, String> = BTreeMap::new();
    let mut vulnerabilities: BTreeMap<CveId, Vec<(&Case, Status, String)>> = BTreeMap::new();
    for case in cases {
        let Some(status) = Status::of(case) else { continue };
        let purl = purl(case, about);
        products.insert(purl.clone(), format!("{} {} ({})", case.key.package, crate::version_of(case), case.key.line));
        let of_cve = vulnerabilities.entry(case.key.cve).or_default();
        // A part says nothing of its own where the whole, which comes first, names the same product.
        if of_cve.iter().all(|(_, _, other)| *other != purl) {
            of_cve.push((case, status, purl));
        }
    }
    let at = about.at.to_string();
    let names: Vec<Value> = products
        .iter()
        .map(|(id, name)| json!({ "name": name, "product_id": id, "product_identification_helper": { "purl": id } }))
        .collect();
    let vulnerabilities: Vec<Value> = vulnerabilities.iter().map(|(cve, cases)| vulnerability(*cve, cases)).collect();
    let revision = json!({ "date": at, "number": "1", "summary": "The state of the cases at that time." });
    let mut document = json!({
        "document": {
            "category": "csaf_vex",
            "csaf_version": "2.0",
            "publisher": { "category": "vendor", "name": about.author, "namespace": about.namespace },
            "title": format!("Vulnerabilities in the packages of {}", about.author),
            "tracking": {
                "current_release_date": at,
                "generator": { "engine": { "name": "seaworthy", "version": env!("CARGO_PKG_VERSION") } },
                "id": about.id,
                "initial_release_date": at,
                "revision_history": [revision],
                "status": "final",
                "version": "1",
            },
        },
        "product_tree": { "full_product_names": names },
        "vulnerabilities": vulnerabilities,
    });
    // Lists may not be empty; with nothing to say the profile cannot be met, and the plain document can.
    if products.is_empty() {
        document = json!({ "document": document["document"].clone() });
        document["document"]["category"] = json!("csaf_base");
    }
    document
}

fn vulnerability(cve: CveId, cases: &[(&Case, Status, String)]) -> Value {
    let mut status: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    let mut flags: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    let (mut threats, mut remediations) = (Vec::new(), Vec::new());
    for (case, of_case, product) in cases {
        status.entry(of_case.csaf()).or_default().push(product);
        match of_case {
            Status::NotAffected => {
                if let Some(justification) = case.decision.as_ref().and_then(|d| d.justification) {
                    flags.entry(justification.to_string()).or_default().push(product);
                }
                threats.push(json!({ "category": "impact", "details": impact(case), "product_ids": [product] }));
            }
            Status::Affected => {
                let category = if case.state == CaseState::WillNotFix { "no_fix_planned" } else { "none_available" };
                remediations.push(json!({ "category": category, "details": action(case), "product_ids": [product] }));
            }
            Status::Fixed => {
                let details = format!("Update to {} or newer.", crate::version_of(case));
                remediations.push(json!({ "category": "vendor_fix", "details": details, "product_ids": [product] }));
            }
            Status::UnderInvestigation => {}
        }
    }
    let flags: Vec<Value> = flags.iter().map(|(label, products)| json!({ "label": label, "product_ids": products })).collect();
    let mut out = json!({
        "cve": cve.to_string(),
        "notes": [{ "category": "summary", "text": format!("What {cve} means for the packages of this distribution.") }],
        "product_status": status,
    });
    for (name, list) in [("flags", flags), ("threats", threats), ("remediations", remediations)] {
        if !list.is_empty() {
            out[name] = Value::Array(list);
        }
    }
    out
}
