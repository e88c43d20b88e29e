//! NVD JSON 2.0: feeds and pages of the CVE API.

mod about;
mod configurations;
mod dates;
mod feed;
mod hostile;
mod ranges;
mod severity;
mod state;

use seaworthy_intelligence::records::parse_nvd;

use super::{Lens, Reading, Row, hold, object, plain};

/// The views and refusals that the text of a feed gives.
fn read(lens: Lens, feed: &str) -> String {
    let mut reading = Reading::new(lens);
    let whole = parse_nvd(feed.as_bytes(), "nvdcve-2.0-2024.json", &mut reading).map(drop);
    reading.line(whole)
}

/// A feed of one record with these fields, and with an id and a date of publication where they have none.
fn feed(fields: &str) -> String {
    let mut record = plain(fields);
    for (key, text) in [("published", "2024-01-10T00:00:00.000"), ("id", "CVE-2024-1000")] {
        if !record.contains(&format!("\"{key}\"")) {
            record = format!("\"{key}\":\"{text}\",{record}");
        }
    }
    format!(r#"{{"version":"2.0","vulnerabilities":[{{"cve":{{{}}}}}]}}"#, record.trim_end_matches(','))
}

/// Rows of the fields of one record.
fn hold_records(lens: Lens, rows: &[Row<'_>]) {
    hold(rows, |fields| read(lens, &feed(fields)));
}

/// `{"vulnerable":true,"criteria":"cpe:2.3:...",...}` of `a:acme:ferry WORDS`, a word being `version=`, `update=`, `target_sw=` or
/// `target_hw=` for a component of the name, or a field of the match. `vulnerable` is left out where it is true.
fn cpe_match(text: &str) -> String {
    let (product, words) = text.split_once(' ').unwrap_or((text, ""));
    let mut components = ["*"; 8];
    let mut fields = String::new();
    for word in words.split(' ') {
        let component = [("version=", 0), ("update=", 1), ("target_sw=", 5), ("target_hw=", 6)];
        match component.iter().find_map(|(key, place)| Some((*place, word.strip_prefix(key)?))) {
            Some((place, value)) => components[place] = value,
            None => fields.push_str(&format!(" {word}")),
        }
    }
    object(&format!("criteria=cpe:2.3:{product}:{}{fields}", components.join(":")))
}
