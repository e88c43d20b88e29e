//! XML of repository metadata, with file and line in its errors.

use std::path::Path;

use seaworthy_host::xml::{Faults, Start, Xml, XmlError};

use seaworthy_model::text::cut;

use crate::load::{line_of, without_mark};
use crate::{InventoryError, Problem, ProblemKind};

/// The name of a file for a [`Problem`].
pub(crate) fn file_of(path: &Path) -> String {
    path.file_name().map_or_else(String::new, |n| n.to_string_lossy().into_owned())
}

/// The bytes as UTF-8 text, or an error with the line at which they are none.
pub(crate) fn utf8<'a>(bytes: &'a [u8], path: &Path) -> Result<&'a str, InventoryError> {
    std::str::from_utf8(without_mark(bytes)).map_err(|e| InventoryError::Format {
        path: path.to_owned(),
        line: Some(line_of(bytes, e.valid_up_to())),
        message: "not UTF-8".to_owned(),
    })
}

/// The epoch that an element states; 0 where it states none. One that is no number makes another version, and is a fault.
pub(crate) fn epoch(xml: &mut Xml<'_>, start: &Start<'_>, faults: &mut Faults) -> u32 {
    let text = faults.keep(xml.attribute(start, "epoch")).unwrap_or_default();
    if text.is_empty() {
        return 0;
    }
    let number = text.parse().map_err(|_| {
        let message = format!("the epoch {:?} is no number up to {}", cut(&text, 40), u32::MAX);
        XmlError { at: xml.at(), line: xml.line(), message }
    });
    faults.keep(number)
}

/// An XML error with its file and line.
pub(crate) fn broken(path: &Path, e: XmlError) -> InventoryError {
    InventoryError::Format { path: path.to_owned(), line: Some(e.line), message: format!("broken XML: {}", e.message) }
}

/// The problem for a record that is left out because a part of it cannot be read.
pub(crate) fn left_out(what: &str, name: &str, file: &str, fault: &XmlError) -> Problem {
    let named = if name.is_empty() { String::new() } else { format!(" ({name})") };
    Problem {
        kind: ProblemKind::Part,
        file: file.to_owned(),
        line: Some(fault.line),
        message: format!("{what}{named} left out: byte {}: {}", fault.at, fault.message),
    }
}
