//! The model of a reader of OSV, which evaluates a record as the specification says ("Evaluation" of OSV schema 1.7).

use serde::Deserialize;

use super::reading::{Bound, Entry, Order, Reading};

#[derive(Deserialize)]
struct Record {
    id: String,
    withdrawn: Option<String>,
    #[serde(default)]
    affected: Vec<Affected>,
}

#[derive(Deserialize)]
struct Affected {
    package: Option<Package>,
    #[serde(default)]
    ranges: Vec<Range>,
    #[serde(default)]
    versions: Vec<String>,
}

#[derive(Deserialize)]
struct Package {
    ecosystem: String,
    name: String,
}

#[derive(Deserialize)]
struct Range {
    #[serde(rename = "type")]
    kind: String,
    events: Vec<Event>,
}

#[derive(Deserialize)]
struct Event {
    introduced: Option<String>,
    fixed: Option<String>,
    last_affected: Option<String>,
}

/// The statements of OSV records on the packages of `ecosystem`, without those of withdrawn records.
///
/// # Errors
/// When a record is no OSV record. A reader would skip it, but it must not be published.
pub fn osv(records: &[Vec<u8>], ecosystem: &str) -> Result<Reading, String> {
    let mut reading = Reading::new(Order::Rpm);
    for (at, bytes) in records.iter().enumerate() {
        let record: Record = serde_json::from_slice(bytes).map_err(|e| format!("OSV record number {}: {e}", at + 1))?;
        if record.withdrawn.is_some() {
            continue;
        }
        for affected in &record.affected {
            let Some(package) = affected.package.as_ref().filter(|p| p.ecosystem == ecosystem) else { continue };
            let mut ranges: Vec<Vec<Bound>> = Vec::new();
            let mut fix = false;
            for range in affected.ranges.iter().filter(|r| r.kind == "ECOSYSTEM") {
                fix |= range.events.iter().any(|e| e.fixed.is_some());
                ranges.extend(intervals(&range.events));
            }
            for version in &affected.versions {
                ranges.push(vec![Bound::LessOrEqual(version.clone()), Bound::GreaterOrEqual(version.clone())]);
            }
            reading.put(&package.name, &record.id, Entry { ranges, fix });
        }
    }
    Ok(reading)
}

/// The intervals of a list of events; each `introduced` opens one, the next `fixed` or `last_affected` closes it.
fn intervals(events: &[Event]) -> Vec<Vec<Bound>> {
    let mut out: Vec<Vec<Bound>> = Vec::new();
    let mut open: Option<Vec<Bound>> = None;
    for event in events {
        if let Some(from) = &event.introduced {
            out.extend(open.take());
            // "0" comes before every version.
            open = Some(if from == "0" { Vec::new() } else { vec![Bound::GreaterOrEqual(from.clone())] });
        }
        let end = event.fixed.clone().map(Bound::Less).or_else(|| event.last_affected.clone().map(Bound::LessOrEqual));
        if let Some((end, mut interval)) = end.and_then(|end| open.take().map(|interval| (end, interval))) {
            interval.push(end);
            out.push(interval);
        }
    }
    out.extend(open);
    out
}
