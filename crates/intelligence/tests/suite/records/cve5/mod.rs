//! The CVE List, record format 5.

mod about;
mod affected;
mod applicability;
mod cna_adp;
mod default_status;
mod expressions;
mod hostile;
mod kernel;
mod metadata;
mod versions;

use seaworthy_intelligence::records::parse_cve5;

use super::{Lens, Reading, Row, hold, object, objects};

/// The views and refusals that the text of a record gives.
fn read(lens: Lens, record: &str) -> String {
    let mut reading = Reading::new(lens);
    let whole = parse_cve5(record.as_bytes(), "CVE-2024-1000.json", &mut reading);
    reading.line(whole)
}

/// A record with this container of the CNA, and other containers behind it.
fn record(cna: &str, adp: &str) -> String {
    let metadata = r#"{"cveId":"CVE-2024-1000","state":"PUBLISHED","datePublished":"2024-01-10T00:00:00.000Z"}"#;
    format!(r#"{{"dataVersion":"5.1","cveMetadata":{metadata},"containers":{{"cna":{cna},"adp":[{adp}]}}}}"#)
}

/// The list of products of words that ` ; ` joins: those of a product, `:`, and those of its versions, joined by ` | `.
fn products(text: &str) -> String {
    let product = |text: &str| match text.split_once(" : ") {
        Some((words, versions)) => format!("{},\"versions\":{}}}", object(words).trim_end_matches('}'), objects(versions)),
        None => object(text),
    };
    format!("[{}]", text.split(" ; ").map(product).collect::<Vec<_>>().join(","))
}

/// Rows of the products that the CNA names.
fn hold_products(lens: Lens, rows: &[Row<'_>]) {
    hold(rows, |text| read(lens, &record(&format!("{{\"affected\":{}}}", products(text)), "")));
}

/// Rows of the versions of one product, without its name.
fn hold_versions(rows: &[Row<'_>]) {
    const NAME: &str = "a:acme:ferry default=unknown";
    hold(rows, |text| {
        let product = products(&format!("vendor=acme product=ferry : {text}"));
        let line = read(super::show::affected, &record(&format!("{{\"affected\":{product}}}"), ""));
        let behind =
            line.strip_prefix(NAME).map_or(line.clone(), |rest| rest.trim_start_matches(": ").trim_start_matches(" / ").to_owned());
        if behind.is_empty() { "none".to_owned() } else { behind }
    });
}
