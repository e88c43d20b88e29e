//! The model of Trivy as a reader of OVAL, as its programs were in November 2026: the collector that stores each definition in a file, the
//! builder of its database, and the scanner, which looks up the source package of each package.

use std::collections::BTreeMap;

use super::reading::{Bound, Entry, Order, Reading};
use super::xml::{self, Definition};

/// The statements that Trivy reads in an OVAL file, without those that it drops or overwrites.
///
/// # Errors
/// When it would refuse the whole file: a declared encoding other than UTF-8, a definition whose last reference is no CVE, or a test of the
/// kind that it reads without an object or a state, of another data type or with an unknown operation.
pub fn trivy(oval: &[u8]) -> Result<Reading, String> {
    let file = xml::read(oval).map_err(|e| format!("the OVAL file {e}"))?;
    if !file.encoding.is_empty() && !file.encoding.eq_ignore_ascii_case("utf-8") {
        return Err(format!(
            "the OVAL file declares the encoding {}, which Go's decoder refuses; nothing of the file is read",
            file.encoding
        ));
    }
    // The collector: a file for each definition in a folder for each year of the CVE; the last of one name stays.
    let mut stored: BTreeMap<(&str, String), &Definition> = BTreeMap::new();
    for definition in &file.definitions {
        let cve = definition.references.last().map(String::as_str).unwrap_or_default();
        let parts: Vec<&str> = cve.split('-').collect();
        let ([_, year, _], true) = (parts.as_slice(), cve.starts_with("CVE")) else {
            return Err(format!("definition {}: its last reference is {cve:?}, no CVE; nothing of the file is read", definition.id));
        };
        stored.insert((year, file_name(definition)), definition);
    }
    // The builder.
    let (objects, states) = (file.objects_by_id(), file.states_by_id());
    let mut tests: BTreeMap<&str, (&str, Bound)> = BTreeMap::new();
    for test in file.tests.iter().filter(|t| t.check == "at least one") {
        let refuse = |why: &str| Err(format!("test {}: {why}; nothing of the file is read", test.id));
        let Some(name) = test.objects.last().and_then(|id| objects.get(id.as_str())) else { return refuse("its object is not there") };
        let Some(state) = test.states.last().and_then(|id| states.get(id.as_str())) else { return refuse("its state is not there") };
        if state.datatype != "evr_string" {
            return refuse("its state is no evr_string");
        }
        let evr = state.evr.clone().unwrap_or_default();
        let bound = match state.operation.as_str() {
            "less than" => Bound::Less(evr),
            "less than or equal" => Bound::LessOrEqual(evr),
            "greater than" => continue,
            other => return refuse(&format!("its operation {other:?} is unknown")),
        };
        if !name.is_empty() {
            tests.insert(&test.id, (name, bound));
        }
    }
    let mut reading = Reading::new(Order::Trivy);
    for definition in stored.values() {
        let patchable = definition.last("patchable").unwrap_or_default().to_lowercase();
        for (package, bound) in definition.direct.iter().filter_map(|id| tests.get(id.as_str())) {
            let id = definition.references.last().map(String::as_str).unwrap_or_default();
            let (Bound::Less(fixed) | Bound::LessOrEqual(fixed) | Bound::Greater(fixed) | Bound::GreaterOrEqual(fixed)) = bound;
            let entry = match patchable.as_str() {
                "not applicable" => continue,
                // Whatever the operation, the scanner takes the version for the first that is not affected.
                "true" if !fixed.is_empty() => Entry { ranges: vec![vec![Bound::Less(fixed.clone())]], fix: true },
                _ => Entry { ranges: vec![Vec::new()], fix: false },
            };
            reading.put(package, id, entry);
        }
    }
    Ok(reading)
}

/// The name of a definition's file in the collector.
fn file_name(definition: &Definition) -> String {
    let named = definition.last("advisory_id").unwrap_or_default();
    if !named.is_empty() {
        return named.to_owned();
    }
    let number = definition.id.rsplit(':').next().unwrap_or_default();
    match definition.version.chars().last() {
        None | Some('0') => number.to_owned(),
        Some(last) => format!("{number}-{last}"),
    }
}
