//! Documents with one error: a schema that accepts one of them checks nothing there.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

/// The change that makes a document invalid.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Change {
    /// A member was removed.
    Without(String),
    /// An unknown member was added.
    Beside,
    /// A value has another type.
    OtherType,
}

/// A document with one error.
pub(crate) struct Mutant {
    pub(crate) document: Value,
    /// The place of the object or value that was changed.
    pub(crate) place: String,
    pub(crate) change: Change,
}

/// The mutants of a document; one for all places of the same kind, such as the items of a list.
pub(crate) fn mutants(document: &Value) -> Vec<Mutant> {
    let mut places = Vec::new();
    visit(document, String::new(), "", &mut BTreeSet::new(), &mut places);
    let mut out = Vec::new();
    for place in places {
        let at = |change: Change, edit: &dyn Fn(&mut Value)| {
            let mut mutant = document.clone();
            edit(mutant.pointer_mut(&place).unwrap());
            Mutant { document: mutant, place: place.clone(), change }
        };
        if let Some(members) = document.pointer(&place).unwrap().as_object() {
            for name in members.keys() {
                out.push(at(Change::Without(name.clone()), &|value| drop(value.as_object_mut().unwrap().remove(name))));
            }
            out.push(at(Change::Beside, &|value| drop(value.as_object_mut().unwrap().insert("stowaway".into(), json!([["stowaway"]])))));
        }
        out.push(at(Change::OtherType, &|value| *value = other_type(value)));
    }
    out
}

/// A value of a type that no member has beside this one.
fn other_type(value: &Value) -> Value {
    match value {
        Value::String(_) => json!(-1.5),
        Value::Number(_) | Value::Bool(_) => json!("stowaway"),
        Value::Array(_) => json!({"stowaway": 1}),
        Value::Null | Value::Object(_) => json!([["stowaway"]]),
    }
}

fn visit(value: &Value, place: String, kind: &str, seen: &mut BTreeSet<String>, places: &mut Vec<String>) {
    let look = format!("{kind} {}", look(value));
    if seen.insert(look.clone()) {
        places.push(place.clone());
    }
    match value {
        Value::Object(members) => {
            for (name, member) in members {
                let escaped = name.replace('~', "~0").replace('/', "~1");
                visit(member, format!("{place}/{escaped}"), &format!("{look}/{name}"), seen, places);
            }
        }
        Value::Array(items) => {
            for (nth, item) in items.iter().enumerate() {
                visit(item, format!("{place}/{nth}"), &format!("{look}/*"), seen, places);
            }
        }
        _ => {}
    }
}

/// The kind of a place: the type of its value; for an object also its members, and the word that says its kind.
fn look(value: &Value) -> String {
    match value {
        Value::Null => "null".to_owned(),
        Value::Bool(_) => "bool".to_owned(),
        Value::Number(_) => "number".to_owned(),
        Value::String(_) => "text".to_owned(),
        Value::Array(_) => "list".to_owned(),
        Value::Object(members) => {
            let kind = |name: &str| tag(members, name);
            let kinds: String = ["event", "what", "change", "says"].into_iter().map(kind).collect();
            format!("{kinds}{{{}}}", members.keys().map(String::as_str).collect::<Vec<_>>().join(" "))
        }
    }
}

fn tag(members: &Map<String, Value>, name: &str) -> String {
    members.get(name).and_then(Value::as_str).map(|word| format!("{name}={word} ")).unwrap_or_default()
}
