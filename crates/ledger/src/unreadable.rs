//! The place of the error in an event that cannot be read.

use serde_json::Value;

/// The reason why a text is no event that this version can read.
#[derive(Debug, thiserror::Error)]
pub enum EventError {
    /// The text is no event of any version: no JSON object with a kind.
    #[error("it is an event of no version: {0}")]
    NoEvent(#[from] serde_json::Error),
    /// The content of a known kind has another form.
    #[error("its kind is {kind}, and {}{message}", if field.is_empty() { String::new() } else { format!("its {field} cannot be read: ") })]
    Content {
        /// The word of the kind.
        kind: String,
        /// The innermost field with the error, as `step.facts.status`; empty where the error is in the event as a whole.
        field: String,
        /// The error.
        message: String,
    },
}

/// The size in bytes up to which an event is searched for the field.
const LONGEST: usize = 256 << 10;

/// The greatest number of parts of an event that are tried.
const TRIES: usize = 2000;

/// The text that replaces an object while the text around it is written.
const MARK: &str = "seaworthy: an object";

/// The message of an error without line and column, which mean nothing for a text that nobody sees.
pub(crate) fn message(error: &serde_json::Error) -> String {
    let text = error.to_string();
    match text.rsplit_once(" at line ") {
        Some((message, _)) if error.line() > 0 => message.to_owned(),
        _ => text,
    }
}

/// The innermost field of an event with the error, as `step.facts.status`; empty where it cannot be found.
///
/// Serde names the place only up to the first type that it reads twice, with which nearly all events begin. So the place is found by
/// trials: the part with the error is one without which the error is another, and with which it is the same, whatever follows.
pub(crate) fn field(text: &str, trouble: &dyn Fn(&str) -> Option<String>) -> String {
    let Some(root) = Some(text).filter(|t| t.len() <= LONGEST).and_then(|t| serde_json::from_str::<Value>(t).ok()) else {
        return String::new();
    };
    let same = trouble(&root.to_string());
    let (mut place, mut shown, mut tries) = (String::new(), Vec::new(), 0);
    loop {
        let parts: Vec<String> = match root.pointer(&place) {
            Some(Value::Object(members)) => members.keys().cloned().collect(),
            Some(Value::Array(elements)) => (0..elements.len()).map(|n| n.to_string()).collect(),
            _ => break,
        };
        tries += parts.len();
        if tries > TRIES {
            break;
        }
        let mut bad = parts.into_iter().filter(|part| {
            let differs = without(&root, &place, part).is_none_or(|text| trouble(&text) != same);
            differs && twice(&root, &place, part).is_none_or(|text| trouble(&text) == same)
        });
        let (Some(part), None) = (bad.next(), bad.next()) else { break };
        place = format!("{place}/{}", part.replace('~', "~0").replace('/', "~1"));
        shown.push(part);
    }
    shown.join(".")
}

/// The text of the event without a part; `None` where there is no such part.
fn without(root: &Value, place: &str, part: &str) -> Option<String> {
    let mut rest = root.clone();
    match rest.pointer_mut(place)? {
        Value::Object(members) => drop(members.remove(part)?),
        Value::Array(elements) => drop(elements.remove(part.parse::<usize>().ok().filter(|n| *n < elements.len())?)),
        _ => return None,
    }
    Some(rest.to_string())
}

/// The text of the event with a part twice in a row: the second member of an object is refused, where all of the object can be read.
fn twice(root: &Value, place: &str, part: &str) -> Option<String> {
    let mut frame = root.clone();
    let object = frame.pointer_mut(place)?;
    if let Value::Array(elements) = object {
        let at = part.parse::<usize>().ok()?;
        elements.insert(at, elements.get(at)?.clone());
        return Some(frame.to_string());
    }
    let member = object.get(part)?;
    let again = format!("{},{}:{member}}}", object.to_string().strip_suffix('}')?, Value::from(part));
    *object = Value::from(MARK);
    Some(frame.to_string().replacen(&Value::from(MARK).to_string(), &again, 1))
}
