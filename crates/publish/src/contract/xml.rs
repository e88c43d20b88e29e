//! A reader of OVAL files as far as scanners read them: the parts of the file, neither resolved nor judged, for the models.

use std::collections::BTreeMap;

use quick_xml::XmlVersion;
use quick_xml::events::{BytesStart, Event};
use quick_xml::name::{Namespace, ResolveResult};
use quick_xml::reader::NsReader;

const DEFINITIONS: &str = "http://oval.mitre.org/XMLSchema/oval-definitions-5";
const LINUX: &str = "http://oval.mitre.org/XMLSchema/oval-definitions-5#linux";
/// The greatest depth of elements: more than any definition has.
const MAX_DEPTH: usize = 64;
/// The greatest size of the text of an element, in bytes.
const MAX_TEXT: usize = 1 << 20;

/// The parts of an OVAL file.
#[derive(Debug, Default)]
pub(crate) struct File {
    /// The encoding that the file declares; empty where it declares none.
    pub(crate) encoding: String,
    /// Whether the root declares a default namespace.
    pub(crate) default_namespace: bool,
    /// Whether the root declares the prefix `linux-def`.
    pub(crate) linux_prefix: bool,
    pub(crate) definitions: Vec<Definition>,
    pub(crate) tests: Vec<Test>,
    /// The ids and the names.
    pub(crate) objects: Vec<(String, String)>,
    pub(crate) states: Vec<State>,
}

#[derive(Debug, Default)]
pub(crate) struct Definition {
    pub(crate) id: String,
    pub(crate) version: String,
    /// The elements of the metadata that have only text, in order: the name, whether it is in OVAL's namespace, and the text.
    texts: Vec<(String, bool, String)>,
    /// The ids of the references, in order.
    pub(crate) references: Vec<String>,
    /// The tests in the top criteria of the definition, without those in nested criteria.
    pub(crate) direct: Vec<String>,
}

#[derive(Debug, Default)]
pub(crate) struct Test {
    pub(crate) id: String,
    pub(crate) check: String,
    pub(crate) objects: Vec<String>,
    pub(crate) states: Vec<String>,
}

#[derive(Debug, Default)]
pub(crate) struct State {
    pub(crate) id: String,
    pub(crate) datatype: String,
    pub(crate) operation: String,
    /// The text with its blanks; `None` where there is no `evr`.
    pub(crate) evr: Option<String>,
}

impl Definition {
    /// The text of the last element with this name in any namespace, which is the one that Go's decoder takes.
    pub(crate) fn last(&self, name: &str) -> Option<&str> {
        self.texts.iter().rev().find(|t| t.0 == name).map(|t| t.2.as_str())
    }

    /// The text of the first element with this name in OVAL's own namespace.
    pub(crate) fn first(&self, name: &str) -> Option<&str> {
        self.texts.iter().find(|t| t.0 == name && t.1).map(|t| t.2.as_str())
    }
}

struct Open {
    name: String,
    own: bool,
    text: String,
}

/// The parts of an OVAL file.
///
/// # Errors
/// When the bytes are no UTF-8 or no well-formed XML, or exceed the limits of depth and text.
pub(crate) fn read(bytes: &[u8]) -> Result<File, String> {
    let text = std::str::from_utf8(bytes).map_err(|e| format!("is no UTF-8 after byte {}", e.valid_up_to()))?;
    let mut reader = NsReader::from_str(text);
    reader.config_mut().check_end_names = true;
    let mut file = File::default();
    let mut open: Vec<Open> = Vec::new();
    let mut seen_root = false;
    loop {
        let (namespace, event) = match reader.read_resolved_event() {
            Ok((namespace, event)) => (kind(&namespace), event),
            Err(e) => return Err(format!("is no well-formed XML at byte {}: {e}", reader.error_position())),
        };
        let (own, linux) = namespace;
        match event {
            Event::Start(start) => {
                if open.len() >= MAX_DEPTH {
                    return Err(format!("has elements nested deeper than {MAX_DEPTH}"));
                }
                open.push(Open { name: start.local_name().into_inner().to_owned(), own: own || linux, text: String::new() });
                seen_root = true;
                file.enter(&open, &start);
            }
            Event::Empty(start) => {
                open.push(Open { name: start.local_name().into_inner().to_owned(), own: own || linux, text: String::new() });
                seen_root = true;
                file.enter(&open, &start);
                file.leave(&mut open);
            }
            Event::End(_) => file.leave(&mut open),
            Event::Text(piece) => add(&mut open, &piece.xml10_content())?,
            Event::CData(piece) => add(&mut open, &piece.xml10_content())?,
            Event::GeneralRef(reference) => {
                let found = match reference.resolve_char_ref() {
                    Ok(Some(c)) => c.to_string(),
                    Ok(None) => {
                        let name = reference.xml10_content();
                        let known = quick_xml::escape::resolve_predefined_entity(&name);
                        known.ok_or_else(|| format!("has an unknown entity &{name}; before byte {}", reader.buffer_position()))?.to_owned()
                    }
                    Err(e) => return Err(format!("has a broken reference before byte {}: {e}", reader.buffer_position())),
                };
                add(&mut open, &found)?;
            }
            Event::Eof if open.is_empty() && seen_root => return Ok(file),
            Event::Eof => return Err("is cut short: the document ends inside an element".into()),
            Event::Decl(declaration) => {
                if let Some(Ok(encoding)) = declaration.encoding() {
                    file.encoding = encoding.into_owned();
                }
            }
            Event::Comment(_) | Event::PI(_) | Event::DocType(_) => {}
        }
    }
}

/// Whether a name is in OVAL's namespace, and whether it is in that of its Linux tests.
fn kind(namespace: &ResolveResult<'_>) -> (bool, bool) {
    match namespace {
        ResolveResult::Bound(Namespace(name)) => (*name == DEFINITIONS, *name == LINUX),
        ResolveResult::Unbound | ResolveResult::Unknown(_) => (false, false),
    }
}

fn add(open: &mut [Open], piece: &str) -> Result<(), String> {
    let Some(last) = open.last_mut() else { return Ok(()) };
    if last.text.len() + piece.len() > MAX_TEXT {
        return Err(format!("has a text longer than {MAX_TEXT} bytes"));
    }
    last.text.push_str(piece);
    Ok(())
}

fn attribute(start: &BytesStart<'_>, name: &str) -> String {
    let value = start.try_get_attribute(name).ok().flatten();
    value.and_then(|v| v.normalized_value(XmlVersion::Implicit1_0).ok().map(|v| v.into_owned())).unwrap_or_default()
}

/// Whether the open elements are exactly `oval_definitions` and then `names`.
fn at(open: &[Open], names: &[&str]) -> bool {
    open.len() == names.len() + 1
        && open.first().is_some_and(|root| root.name == "oval_definitions")
        && open.iter().skip(1).zip(names).all(|(o, n)| o.name == *n)
}

impl File {
    fn enter(&mut self, open: &[Open], start: &BytesStart<'_>) {
        let get = |name| attribute(start, name);
        if at(open, &[]) {
            self.default_namespace = !get("xmlns").is_empty();
            self.linux_prefix = !get("xmlns:linux-def").is_empty();
        } else if at(open, &["definitions", "definition"]) {
            self.definitions.push(Definition { id: get("id"), version: get("version"), ..Definition::default() });
        } else if at(open, &["definitions", "definition", "metadata", "reference"]) {
            if let Some(definition) = self.definitions.last_mut() {
                definition.references.push(get("ref_id"));
            }
        } else if at(open, &["definitions", "definition", "criteria", "criterion"]) {
            if let Some(definition) = self.definitions.last_mut() {
                definition.direct.push(get("test_ref"));
            }
        } else if at(open, &["tests", "rpminfo_test"]) {
            self.tests.push(Test { id: get("id"), check: get("check"), ..Test::default() });
        } else if at(open, &["tests", "rpminfo_test", "object"]) {
            if let Some(test) = self.tests.last_mut() {
                test.objects.push(get("object_ref"));
            }
        } else if at(open, &["tests", "rpminfo_test", "state"]) {
            if let Some(test) = self.tests.last_mut() {
                test.states.push(get("state_ref"));
            }
        } else if at(open, &["objects", "rpminfo_object"]) {
            self.objects.push((get("id"), String::new()));
        } else if at(open, &["states", "rpminfo_state"]) {
            self.states.push(State { id: get("id"), ..State::default() });
        } else if at(open, &["states", "rpminfo_state", "evr"])
            && let Some(state) = self.states.last_mut()
        {
            state.datatype = get("datatype");
            state.operation = get("operation");
        }
    }

    fn leave(&mut self, open: &mut Vec<Open>) {
        if at(open, &["objects", "rpminfo_object", "name"]) {
            if let (Some(object), Some(name)) = (self.objects.last_mut(), open.last()) {
                object.1.clone_from(&name.text);
            }
        } else if at(open, &["states", "rpminfo_state", "evr"]) {
            if let (Some(state), Some(evr)) = (self.states.last_mut(), open.last()) {
                state.evr = Some(evr.text.clone());
            }
        } else if open.len() == 5
            && open.get(3).is_some_and(|o| o.name == "metadata")
            && let (Some(definition), Some(element)) = (self.definitions.last_mut(), open.last_mut())
        {
            definition.texts.push((element.name.clone(), element.own, std::mem::take(&mut element.text)));
        }
        open.pop();
    }

    /// The tests by id; the last of several wins.
    pub(crate) fn tests_by_id(&self) -> BTreeMap<&str, &Test> {
        self.tests.iter().map(|t| (t.id.as_str(), t)).collect()
    }

    /// The names of the objects by id.
    pub(crate) fn objects_by_id(&self) -> BTreeMap<&str, &str> {
        self.objects.iter().map(|(id, name)| (id.as_str(), name.as_str())).collect()
    }

    /// The states by id.
    pub(crate) fn states_by_id(&self) -> BTreeMap<&str, &State> {
        self.states.iter().map(|s| (s.id.as_str(), s)).collect()
    }
}
