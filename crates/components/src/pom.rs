//! The project files of Maven.

use std::collections::HashMap;

use seaworthy_host::xml::{Faults, Step, Xml, XmlError};

use crate::files::{Files, named};
use crate::list::{List, MAVEN};

/// The number of times that properties inside the values of properties are expanded.
const MAX_EXPANSIONS: usize = 8;
const MAX_VALUE: usize = 4096;

#[derive(Default)]
struct Dependency {
    group: String,
    artifact: String,
    version: Option<String>,
    scope: Option<String>,
}

pub(crate) fn lists(files: &Files) -> Vec<List> {
    named(files, "pom.xml").map(|(_, path, bytes)| pom_xml(bytes, path)).collect()
}

/// The dependencies of a pom.xml, with versions after its properties and its own `dependencyManagement`; a version from a parent POM stays
/// unknown. Those of tests do not count. It is no complete list, since it names nothing of what its dependencies need.
fn pom_xml(bytes: &[u8], file: &str) -> List {
    let mut found = List::new(MAVEN, file, false);
    let Some(text) = found.text(bytes) else { return found };
    let mut xml = Xml::new(text);
    let mut properties: HashMap<String, String> = HashMap::new();
    let (mut managed, mut used): (Vec<Dependency>, Vec<Dependency>) = (Vec::new(), Vec::new());
    let mut now = Dependency::default();
    let mut faults = Faults::default();
    loop {
        let step = match xml.next() {
            Ok(Some(step)) => step,
            Ok(None) => break,
            Err(e) => {
                found.problem(Some(e.line), format!("broken XML, the rest is left out: {}", e.message));
                break;
            }
        };
        let (name, text) = match step {
            Step::Close { name, text } => (name, text),
            Step::Open(_) => {
                if xml.inside(&["dependencies", "dependency"]) {
                    faults = Faults::default();
                }
                continue;
            }
        };
        if xml.inside(&["project", "properties"]) {
            match text {
                Ok(text) => drop(properties.insert(name, text)),
                Err(fault) => left_out(&mut found, &format!("the property {name}"), &fault),
            }
        } else if xml.inside(&["dependencies", "dependency"]) {
            match name.as_str() {
                "groupId" => now.group = faults.keep(text),
                "artifactId" => now.artifact = faults.keep(text),
                "version" => now.version = Some(faults.keep(text)),
                "scope" => now.scope = Some(faults.keep(text)),
                _ => {}
            }
        } else if name == "dependency" && xml.inside(&["dependencies"]) {
            let done = std::mem::take(&mut now);
            if let Some(fault) = faults.take() {
                left_out(&mut found, "a dependency", &fault);
                continue;
            }
            if xml.inside(&["dependencyManagement", "dependencies"]) {
                managed.push(done);
            } else if !xml.inside(&["plugin", "dependencies"]) {
                used.push(done);
            }
        } else if matches!(name.as_str(), "groupId" | "version") && (xml.depth() == 1 || xml.inside(&["project", "parent"])) {
            let text = match text {
                Ok(text) => text,
                Err(fault) => {
                    left_out(&mut found, &format!("the project's {name}"), &fault);
                    continue;
                }
            };
            if xml.depth() == 1 {
                properties.insert(format!("project.{name}"), text);
            } else if xml.depth() == 2 && xml.inside(&["project", "parent"]) {
                // The project inherits what it does not say itself; its own comes later and wins or came first and stays.
                properties.entry(format!("project.{name}")).or_insert_with(|| text.clone());
                properties.insert(format!("project.parent.{name}"), text);
            }
        }
    }
    let expand = |value: &str| expand(value, &properties);
    let managed: HashMap<(String, String), String> =
        managed.iter().filter_map(|d| Some(((expand(&d.group), expand(&d.artifact)), expand(d.version.as_deref()?)))).collect();
    for dependency in used.iter().filter(|dependency| dependency.scope.as_deref() != Some("test")) {
        let key = (expand(&dependency.group), expand(&dependency.artifact));
        let version = dependency.version.as_deref().map(expand).or_else(|| managed.get(&key).cloned());
        // A range or an open property is no version.
        let version = version.filter(|v| !v.contains("${") && !v.starts_with(['[', '(']));
        if !key.0.is_empty() && !key.1.is_empty() {
            found.add(&format!("{}/{}", key.0, key.1), version.as_deref());
        }
    }
    found
}

fn left_out(found: &mut List, what: &str, fault: &XmlError) {
    found.problem(Some(fault.line), format!("{what} left out: byte {}: {}", fault.at, fault.message));
}

fn expand(value: &str, properties: &HashMap<String, String>) -> String {
    let mut out = value.to_owned();
    for _ in 0..MAX_EXPANSIONS {
        let Some((before, rest)) = out.split_once("${") else { break };
        let Some((name, after)) = rest.split_once('}') else { break };
        let Some(found) = properties.get(name) else { break };
        if before.len() + found.len() + after.len() > MAX_VALUE {
            break;
        }
        out = format!("{before}{found}{after}");
    }
    out
}
