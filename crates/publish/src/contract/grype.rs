//! The model of Grype as a reader of OVAL, as its provider was in November 2026: one statement for each definition, about the first package
//! only; of several definitions with one id the last counts.

use std::collections::BTreeMap;

use super::reading::{Bound, Entry, Order, Reading};
use super::xml::{self, Definition};

/// The statements that Grype reads in an OVAL file, without those that it skips or overwrites.
///
/// # Errors
/// When its provider would stop: the root does not declare the namespaces that it needs, or an `advisory_date` is no date with a time.
pub fn grype(oval: &[u8]) -> Result<Reading, String> {
    let file = xml::read(oval).map_err(|e| format!("the OVAL file {e}"))?;
    if !file.default_namespace || !file.linux_prefix {
        return Err("the OVAL file does not declare a default namespace and the prefix `linux-def`; nothing of it is read".into());
    }
    let (tests, objects, states) = (file.tests_by_id(), file.objects_by_id(), file.states_by_id());
    let mut stored: BTreeMap<&str, (&str, Entry)> = BTreeMap::new();
    for definition in &file.definitions {
        if definition.first("severity").is_none() || definition.first("patchable") == Some("Not Applicable") {
            continue;
        }
        let Some(id) = definition.references.first().filter(|id| !id.is_empty()) else { continue };
        let direct: Vec<_> = definition.direct.iter().filter_map(|t| tests.get(t.as_str())).collect();
        let mut names = direct.iter().filter_map(|t| t.objects.first()).filter_map(|o| objects.get(o.as_str()));
        let Some(package) = names.next().filter(|name| !name.is_empty()) else { continue };
        let (mut range, mut fix) = (Vec::new(), false);
        for state in direct.iter().filter_map(|t| t.states.first()).filter_map(|s| states.get(s.as_str())) {
            let Some(evr) = state.evr.clone().filter(|evr| !evr.is_empty()) else { continue };
            match state.operation.as_str() {
                "less than" => {
                    fix = true;
                    range.push(Bound::Less(evr));
                }
                "less than or equal" => range.push(Bound::LessOrEqual(evr)),
                "greater than" => range.push(Bound::Greater(evr)),
                _ => {}
            }
        }
        if range.is_empty() {
            continue;
        }
        dated(definition, fix)?;
        stored.insert(id, (package, Entry { ranges: vec![range], fix }));
    }
    let mut reading = Reading::new(Order::Grype);
    for (id, (package, entry)) in stored {
        reading.put(package, id, entry);
    }
    Ok(reading)
}

/// Refuses a date at which the provider would stop. The provider reads it only where there is a fix.
fn dated(definition: &Definition, fix: bool) -> Result<(), String> {
    let Some(date) = definition.first("advisory_date").map(str::trim).filter(|date| fix && !date.is_empty()) else { return Ok(()) };
    let zoned = date.parse::<jiff::Timestamp>().is_ok();
    if date.contains('T') && (zoned || date.parse::<jiff::civil::DateTime>().is_ok()) {
        return Ok(());
    }
    Err(format!("definition {}: advisory_date {date:?} is no date with a time; the provider stops there", definition.id))
}
