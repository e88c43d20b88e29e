//! The schemas in `docs/schemas`: compiled, and checked as documents themselves.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::PathBuf;

use boon::{Compiler, SchemaIndex};
use serde_json::Value;

/// The address of the schemas while they are compiled: they refer to each other by file name.
const BASE: &str = "https://seaworthy.invalid/schemas/";

pub(crate) fn folder() -> PathBuf {
    seaworthy_testing::workspace().join("docs/schemas")
}

/// All schemas, by file name.
pub(crate) struct Schemas {
    pub(crate) files: BTreeMap<String, Value>,
    compiler: Compiler,
    compiled: boon::Schemas,
}

impl Schemas {
    pub(crate) fn read() -> Self {
        let mut files = BTreeMap::new();
        for entry in fs::read_dir(folder()).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_str().unwrap().to_owned();
            let schema: Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap_or_else(|e| panic!("{name}: {e}"));
            files.insert(name, schema);
        }
        let mut compiler = Compiler::new();
        compiler.enable_format_assertions();
        for (name, schema) in &files {
            compiler.add_resource(&format!("{BASE}{name}"), schema.clone()).unwrap();
        }
        Self { files, compiler, compiled: boon::Schemas::new() }
    }

    /// The schema, or the part of one behind a `#`.
    pub(crate) fn compile(&mut self, name: &str) -> SchemaIndex {
        self.compiler.compile(&format!("{BASE}{name}"), &mut self.compiled).unwrap_or_else(|e| panic!("{name}: {e:#}"))
    }

    /// The errors of a document by a schema.
    pub(crate) fn refusal(&self, schema: SchemaIndex, document: &Value) -> Option<String> {
        self.compiled.validate(document, schema).err().map(|e| format!("{e}"))
    }

    /// A part of a file, by `FILE#POINTER`.
    pub(crate) fn part(&self, place: &str) -> &Value {
        let (file, pointer) = place.split_once('#').unwrap();
        self.files[file].pointer(pointer).unwrap_or_else(|| panic!("there is no {place}"))
    }

    /// The description of a part, with that of the part to which it refers.
    pub(crate) fn said(&self, file: &str, part: &Value) -> String {
        let mut said = part["description"].as_str().unwrap_or_default().to_owned();
        if let Some(place) = part.get("$ref").and_then(Value::as_str).map(|to| absolute(to, file)) {
            let (file, _) = place.split_once('#').unwrap();
            said += &self.said(file, self.part(&place));
        }
        said
    }

    /// The files to which a file refers, directly or not, and the file itself.
    pub(crate) fn reached(&self, file: &str) -> BTreeSet<String> {
        let mut reached = BTreeSet::new();
        let mut next = vec![file.to_owned()];
        while let Some(file) = next.pop() {
            if !reached.insert(file.clone()) {
                continue;
            }
            let schema = self.files.get(&file).unwrap_or_else(|| panic!("there is no docs/schemas/{file}"));
            next.extend(references(schema, &file).into_iter().map(|place| place.split('#').next().unwrap().to_owned()));
        }
        reached
    }

    /// The names of members that may be absent somewhere, and those of maps whose names are words.
    pub(crate) fn optional(&self) -> BTreeSet<String> {
        let mut names = BTreeSet::new();
        for (file, schema) in &self.files {
            each(schema, "", &mut |_, part| {
                if let Some(members) = part.get("properties").and_then(Value::as_object) {
                    let required = words(part.get("required"));
                    names.extend(members.keys().filter(|name| !required.contains(*name)).cloned());
                }
                if let Some(allowed) = part.get("propertyNames") {
                    let place = allowed.get("$ref").and_then(Value::as_str).map(|to| absolute(to, file));
                    let allowed = place.as_deref().map_or(allowed, |place| self.part(place));
                    names.extend(words(allowed.get("enum")));
                }
            });
        }
        names
    }
}

/// Calls `call` for each object in a schema that may be a schema itself, with its place.
pub(crate) fn each(schema: &Value, place: &str, call: &mut impl FnMut(&str, &Value)) {
    call(place, schema);
    match schema {
        Value::Object(members) => members.iter().for_each(|(name, part)| each(part, &format!("{place}/{name}"), call)),
        Value::Array(parts) => parts.iter().enumerate().for_each(|(nth, part)| each(part, &format!("{place}/{nth}"), call)),
        _ => {}
    }
}

/// The places that a schema refers to, as `FILE#POINTER`.
pub(crate) fn references(schema: &Value, file: &str) -> BTreeSet<String> {
    let mut places = BTreeSet::new();
    each(schema, "", &mut |_, part| places.extend(part.get("$ref").and_then(Value::as_str).map(|to| absolute(to, file))));
    places
}

fn absolute(to: &str, file: &str) -> String {
    if to.starts_with('#') { format!("{file}{to}") } else { to.to_owned() }
}

/// The texts of a list.
pub(crate) fn words(list: Option<&Value>) -> BTreeSet<String> {
    list.and_then(Value::as_array).into_iter().flatten().filter_map(|word| word.as_str().map(str::to_owned)).collect()
}
