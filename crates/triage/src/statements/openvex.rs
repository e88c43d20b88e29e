//! The reading of OpenVEX 0.2.0 (<https://github.com/openvex/spec/blob/main/OPENVEX-SPEC.md>), and of what came before it, where
//! vulnerabilities and products were texts.

use jiff::Timestamp;
use serde_json::Value;

use super::document::Document;
use super::json::{items, short, words};
use super::product::{Product, component, named, named_or_plain};
use super::versions::Versions;
use super::{Statement, Status};

/// The number of subcomponents up to which they are read.
const MOST_PARTS: usize = 100;

pub(super) fn openvex(value: &Value) -> Document {
    let mut out = Document::begin(&value["@id"], &value["version"], &value["author"]);
    // "Inheritance Flow": a statement without a time has the `timestamp` of its document. Its `last_updated` says when any of the
    // statements was changed.
    let of_document = out.time(&[("/timestamp".to_owned(), &value["timestamp"])]);
    for (nth, statement) in items(&value["statements"]).iter().enumerate() {
        read(&mut out, statement, &format!("/statements/{nth}"), of_document);
    }
    out
}

fn read(out: &mut Document, statement: &Value, at: &str, of_document: Option<Timestamp>) {
    let vulnerability = &statement["vulnerability"];
    let name = vulnerability["name"].as_str().or(vulnerability.as_str()).unwrap_or_default();
    let others = [&vulnerability["@id"]].into_iter().chain(items(&vulnerability["aliases"]));
    let Some(cve) = out.cve(&format!("{at}/vulnerability"), name, others.filter_map(Value::as_str)) else { return };
    let status = match statement["status"].as_str().unwrap_or_default() {
        "not_affected" => Status::NotAffected,
        "affected" => Status::Affected,
        "fixed" => Status::Fixed,
        "under_investigation" => Status::UnderInvestigation,
        other => {
            let expected = "not_affected, affected, fixed or under_investigation";
            out.problem(format!("{at}/status"), format!("unknown status {:?}: expected {expected}", short(other)));
            return;
        }
    };
    let own = [(format!("{at}/last_updated"), &statement["last_updated"]), (format!("{at}/timestamp"), &statement["timestamp"])];
    let is_dated = own.iter().any(|(_, value)| !value.is_null());
    let time = if is_dated { out.time(&own) } else { of_document };
    let justification = out.justification(&format!("{at}/justification"), &statement["justification"]);
    let justification = justification.filter(|_| status == Status::NotAffected);
    let text = if status == Status::Affected { "action_statement" } else { "impact_statement" };
    let words = words(&statement[text]);
    let products = items(&statement["products"]);
    if products.is_empty() {
        out.problem(format!("{at}/products"), "it names no product");
    }
    for (n, named) in products.iter().enumerate() {
        if out.is_cut {
            return;
        }
        let at = format!("{at}/products/{n}");
        let product = match product(named) {
            Ok(product) => product,
            Err(message) => {
                out.problem(at, message);
                continue;
            }
        };
        let parts = parts(named, statement, &product);
        let Product { namespace, package, versions, places, narrowed, .. } = product;
        let is_final = true;
        out.state(Statement {
            at,
            cve,
            package,
            namespace,
            places,
            versions,
            narrowed,
            parts,
            time,
            is_final,
            status,
            justification,
            words: words.clone(),
        });
    }
}

/// The package that a product is: by its `@id`, and by the purl among its `identifiers`, which have to name the same.
fn product(product: &Value) -> Result<Product, String> {
    let id = product["@id"].as_str().or(product.as_str()).unwrap_or_default();
    let purl = product["identifiers"]["purl"].as_str();
    let mut named = match (id, purl) {
        (id, Some(purl)) if id.starts_with("pkg:") => {
            one(named(id)?, named(purl)?).ok_or_else(|| format!("it names two packages, {:?} and {:?}", short(id), short(purl)))?
        }
        (_, Some(purl)) => named(purl)?,
        (id, None) => named_or_plain(id).map_err(|message| inside(product).unwrap_or(message))?,
    };
    // A hash is that of one file among the builds.
    if product["hashes"].as_object().is_some_and(|hashes| !hashes.is_empty()) {
        named.narrow("one file, by its hash");
    }
    Ok(named)
}

/// The package that two purls name, of which one may leave the version out; `None` where they name two packages.
fn one(first: Product, second: Product) -> Option<Product> {
    let names = |product: &Product| (product.namespace.clone(), product.package.clone());
    let (mut product, other) = if first.versions == Versions::All { (second, first) } else { (first, second) };
    let is_one = names(&product) == names(&other) && (other.versions == Versions::All || other.versions == product.versions);
    if !is_one {
        return None;
    }
    product.places.extend(other.places);
    if let Some(builds) = other.narrowed.filter(|builds| product.narrowed.as_ref() != Some(builds)) {
        product.narrow(&builds);
    }
    Some(product)
}

/// The message on a product that is no RPM package; `None` where it has nothing that could have been one.
fn inside(product: &Value) -> Option<String> {
    let id = short(product["@id"].as_str().unwrap_or_default());
    let has = |member: &str| !product["identifiers"][member].is_null();
    if !items(&product["subcomponents"]).is_empty() {
        return Some(format!("{id:?} names no RPM package, and what is said of its subcomponents holds inside of it alone"));
    }
    let not_judged = [("cpe22", has("cpe22")), ("cpe23", has("cpe23")), ("hashes", !product["hashes"].is_null())];
    let not_judged: Vec<&str> = not_judged.into_iter().filter(|(_, is_there)| *is_there).map(|(name, _)| name).collect();
    (!not_judged.is_empty())
        .then(|| format!("{id:?} names no RPM package: expected pkg:rpm/...; its {} are not judged", not_judged.join(" and ")))
}

/// The subcomponents of a product, which before 0.2.0 were those of the statement; none where one of them is the package itself. Of more
/// than [`MOST_PARTS`] the first ones stand for all: they close nothing that they do not name.
fn parts(product: &Value, statement: &Value, of: &Product) -> Vec<String> {
    let parts = items(&product["subcomponents"]).iter().chain(items(&statement["subcomponents"]));
    let id = |part: &Value| {
        let id = part["identifiers"]["purl"].as_str().or(part["@id"].as_str()).or(part.as_str()).unwrap_or_default();
        component(id, of)
    };
    parts.take(MOST_PARTS).map(id).collect::<Option<Vec<_>>>().unwrap_or_default()
}
