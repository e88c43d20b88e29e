//! The reading of CSAF 2.0 (<https://docs.oasis-open.org/csaf/csaf/v2.0/os/csaf-v2.0-os.html>), as its VEX profile (section 4.5) has it.

use std::collections::HashMap;
use std::rc::Rc;

use jiff::Timestamp;
use seaworthy_model::Severity;
use seaworthy_model::case::Justification;
use serde_json::Value;

use super::csaf_tree::Tree;
use super::document::Document;
use super::json::{items, short, words};
use super::product::Product;
use super::{Statement, Status};

/// The groups of `product_status` (3.2.3.9) that state something; `recommended` does not.
const GROUPS: [(&str, Status); 7] = [
    ("known_not_affected", Status::NotAffected),
    ("known_affected", Status::Affected),
    ("first_affected", Status::Affected),
    ("last_affected", Status::Affected),
    ("fixed", Status::Fixed),
    ("first_fixed", Status::Fixed),
    ("under_investigation", Status::UnderInvestigation),
];

/// The number of products up to which those that flags, threats and remediations name are read, of all of them in a document: groups may
/// name the same ones again and again.
const MOST_NAMED: usize = 1_000_000;

/// The words of severities that are not ours.
const RATINGS: [&str; 3] = ["moderate", "important", "unknown"];

pub(super) fn csaf(value: &Value) -> Document {
    let document = &value["document"];
    let tracking = &document["tracking"];
    let mut out = Document::begin(&tracking["id"], &tracking["version"], &document["publisher"]["name"]);
    if let (false, Some(namespace)) = (out.id.is_empty(), document["publisher"]["namespace"].as_str()) {
        // An id is one of its publisher's (3.2.1.12.4).
        out.id = format!("{} {}", short(namespace), out.id);
    }
    let released = "current_release_date";
    let time = out.time(&[(format!("/document/tracking/{released}"), &tracking[released])]);
    // A draft and an interim document may still change (3.2.1.12.7); one of them has to be written.
    let is_final = tracking["status"].as_str().is_some_and(|status| status == "final");
    out.is_draft = !is_final;
    let tree = Tree::of(&value["product_tree"]);
    for (nth, vulnerability) in items(&value["vulnerabilities"]).iter().enumerate() {
        read(&mut out, &tree, vulnerability, &format!("/vulnerabilities/{nth}"), time, is_final);
    }
    out
}

fn read(out: &mut Document, tree: &Tree<'_>, vulnerability: &Value, at: &str, of_document: Option<Timestamp>, is_final: bool) {
    let name = vulnerability["cve"].as_str().unwrap_or_default();
    let ids = items(&vulnerability["ids"]).iter().filter_map(|id| id["text"].as_str());
    let Some(cve) = out.cve(&format!("{at}/cve"), name, ids) else { return };
    let reasons = reasons(out, tree, vulnerability, at);
    let actions = actions(out, tree, vulnerability, at);
    let all = vulnerability["product_status"].as_object();
    for group in all.into_iter().flat_map(|groups| groups.keys()).filter(|group| GROUPS.iter().all(|(name, _)| *name != group.as_str())) {
        out.remark(format!("{at}/product_status/{}", short(group)), "it says nothing that is judged here");
    }
    for (group, status) in GROUPS {
        for (n, product) in items(&vulnerability["product_status"][group]).iter().enumerate() {
            let at = format!("{at}/product_status/{group}/{n}");
            let id = product.as_str().unwrap_or_default();
            if out.is_cut {
                return;
            }
            let Product { namespace, package, versions, places, narrowed, .. } = match tree.package(id) {
                Ok(product) => product,
                Err(message) => {
                    out.problem(at, message);
                    continue;
                }
            };
            let reason = reasons.get(id).filter(|_| status == Status::NotAffected).cloned().unwrap_or_default();
            let words = match status {
                Status::Affected => actions.get(id).map(|text| words(text)).unwrap_or_default(),
                _ => reason.words.to_string(),
            };
            let time = if reason.is_dated { reason.time } else { of_document };
            let justification = reason.justification;
            out.state(Statement {
                at,
                cve,
                package,
                namespace,
                places,
                versions,
                narrowed,
                parts: Vec::new(),
                time,
                is_final,
                status,
                justification,
                words,
            });
        }
    }
}

/// The action statement for each product: the details of its last remediation.
fn actions<'v>(out: &mut Document, tree: &Tree<'v>, vulnerability: &'v Value, at: &str) -> HashMap<&'v str, &'v Value> {
    let mut actions = HashMap::new();
    for (n, action) in items(&vulnerability["remediations"]).iter().enumerate() {
        for product in named_by(out, tree, action, &format!("{at}/remediations/{n}")) {
            actions.insert(product, &action["details"]);
        }
    }
    actions
}

/// The products that an element of a list names; none, with a problem, where the document has named too many in all.
fn named_by<'v>(out: &mut Document, tree: &Tree<'v>, element: &'v Value, at: &str) -> Vec<&'v str> {
    let products = tree.named_by(element, MOST_NAMED.saturating_sub(out.named));
    match products {
        Some(products) => {
            out.named += products.len();
            products
        }
        None => {
            out.problem(at.to_owned(), format!("the flags, threats and remediations name more than {MOST_NAMED} products"));
            Vec::new()
        }
    }
}

/// The reason why a product is not affected: a flag, or a threat of the category `impact`.
#[derive(Clone, Default)]
struct Reason {
    justification: Option<Justification>,
    words: Rc<str>,
    /// The time of the assessment, the latest where there are several.
    time: Option<Timestamp>,
    is_dated: bool,
}

fn reasons<'v>(out: &mut Document, tree: &Tree<'v>, vulnerability: &'v Value, at: &str) -> HashMap<&'v str, Reason> {
    let mut reasons: HashMap<&str, Reason> = HashMap::new();
    for (n, flag) in items(&vulnerability["flags"]).iter().enumerate() {
        let at = format!("{at}/flags/{n}");
        let justification = out.justification(&format!("{at}/label"), &flag["label"]);
        let date = (format!("{at}/date"), &flag["date"]);
        for product in dated(out, tree, flag, &at, date, &mut reasons) {
            let reason = reasons.entry(product).or_default();
            reason.justification = reason.justification.or(justification);
        }
    }
    for (n, threat) in items(&vulnerability["threats"]).iter().enumerate().filter(|(_, threat)| threat["category"] == "impact") {
        let words = words(&threat["details"]);
        // Some publishers write their rating here, which is no reason.
        if words.parse::<Severity>().is_ok() || RATINGS.iter().any(|rating| words.eq_ignore_ascii_case(rating)) {
            continue;
        }
        let at = format!("{at}/threats/{n}");
        let date = (format!("{at}/date"), &threat["date"]);
        let words: Rc<str> = words.into();
        for product in dated(out, tree, threat, &at, date, &mut reasons) {
            reasons.entry(product).or_default().words = Rc::clone(&words);
        }
    }
    reasons
}

/// The products of a flag or a threat, whose date is noted for each of them.
fn dated<'v>(
    out: &mut Document,
    tree: &Tree<'v>,
    element: &'v Value,
    at: &str,
    date: (String, &Value),
    reasons: &mut HashMap<&'v str, Reason>,
) -> Vec<&'v str> {
    let products = named_by(out, tree, element, at);
    if !date.1.is_null() {
        let time = out.time(&[date]);
        for product in &products {
            let reason = reasons.entry(product).or_default();
            (reason.time, reason.is_dated) = (reason.time.max(time), true);
        }
    }
    products
}
