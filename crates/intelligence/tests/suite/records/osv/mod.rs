//! OSV records.

mod about;
mod aliases;
mod dates;
mod ecosystems;
mod events;
mod hostile;
mod imports;
mod versions;
mod withdrawn;

use seaworthy_intelligence::records::parse_osv;

use super::{Lens, Reading, Row, hold, object, objects, plain};

/// The views and refusals that the text of a record gives.
fn read(lens: Lens, record: &str) -> String {
    let mut reading = Reading::new(lens);
    let whole = parse_osv(record.as_bytes(), "HARBOR-2024-1.json", &mut reading);
    reading.line(whole)
}

/// A record with these fields, and with an id, an alias and a time of change where they have none.
fn record(fields: &str) -> String {
    let mut record = plain(fields);
    for (key, value) in [("modified", "\"2024-01-10T00:00:00Z\""), ("aliases", "[\"CVE-2024-1000\"]"), ("id", "\"HARBOR-2024-1\"")] {
        if !record.contains(&format!("\"{key}\"")) {
            record = format!("\"{key}\":{value},{record}");
        }
    }
    format!("{{{}}}", record.trim_end_matches(','))
}

/// Rows of the fields of one record.
fn hold_records(lens: Lens, rows: &[Row<'_>]) {
    hold(rows, |fields| read(lens, &record(fields)));
}

/// Rows of the fields of one affected package, which is `pypi/ferry`, without its name.
fn hold_packages(rows: &[Row<'_>]) {
    const NAME: &str = "purl:pypi/ferry default=unaffected";
    hold(rows, |fields| {
        let fields = plain(fields);
        let package = format!(r#"{{"package":{{"ecosystem":"PyPI","name":"ferry"}},{fields}"#);
        let line = read(super::show::affected, &record(&format!("\"affected\":[{}}}]", package.trim_end_matches(','))));
        let behind =
            line.strip_prefix(NAME).map_or(line.clone(), |rest| rest.trim_start_matches(": ").trim_start_matches(" / ").to_owned());
        if behind.is_empty() { "none".to_owned() } else { behind }
    });
}
