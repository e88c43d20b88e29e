//! The requirements files of pip.

use crate::files::{Files, split};
use crate::list::{List, PYPI};
use crate::purpose::Purpose;

/// Whether a file is one of requirements, by its name.
pub(crate) fn is_requirements(name: &str) -> bool {
    name.starts_with("requirements") && name.ends_with(".txt")
}

pub(crate) fn lists(files: &Files) -> Vec<List> {
    files.iter().filter(|(path, _)| is_requirements(split(path).1)).map(|(path, bytes)| requirements(bytes, path)).collect()
}

/// The purpose that the name of a file says: `requirements-dev.txt`, `requirements_test.txt`.
fn purpose_of_name(file: &str) -> Purpose {
    let words = split(file).1.trim_end_matches(".txt").split(['-', '_', '.']).skip(1);
    words.map(Purpose::of_name).max().unwrap_or(Purpose::Product)
}

/// The packages of a requirements file, with a version only where `==` or `===` pins one. Names are normalized as PyPI does. It is no
/// complete list, since it may name nothing of what its packages need.
///
/// Format: <https://pip.pypa.io/en/stable/reference/requirements-file-format/>.
fn requirements(bytes: &[u8], file: &str) -> List {
    let text = String::from_utf8_lossy(bytes);
    let mut found = List::new(PYPI, file, false);
    found.purpose = found.purpose.max(purpose_of_name(file));
    let mut continued = false;
    for (at, line) in text.lines().enumerate() {
        let rest_of_last = std::mem::replace(&mut continued, line.trim_end().ends_with('\\'));
        // A # in a URL is not a comment; before it stands a space then.
        let line = line.split(" #").next().unwrap_or(line).trim().trim_end_matches('\\').trim();
        if line.is_empty() || line.starts_with(['#', '-']) || rest_of_last {
            continue;
        }
        let end = line.find(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.'))).unwrap_or(line.len());
        let (name, rest) = line.split_at(end);
        // After a name comes an extra, an operator, a marker or nothing; `git+https://` is none of them.
        let known = rest.is_empty() || rest.starts_with([' ', '\t', '[', '(', '=', '<', '>', '!', '~', ';', '@', ',']);
        if name.is_empty() || !known {
            found.problem(Some(at + 1), format!("not a requirement by name: {:?}; left out", line.chars().take(80).collect::<String>()));
            continue;
        }
        let rest = rest.split([';', '#']).next().unwrap_or_default().split(" --").next().unwrap_or_default().trim_start();
        let rest = if rest.starts_with('[') { rest.split_once(']').map_or("", |(_, r)| r) } else { rest }.trim();
        let pinned = rest.strip_prefix("===").or_else(|| rest.strip_prefix("==")).map(str::trim).filter(|v| !v.contains([',', '*', ' ']));
        let mut plain = name.to_ascii_lowercase().replace(['_', '.'], "-");
        while plain.contains("--") {
            plain = plain.replace("--", "-");
        }
        found.add(&plain, pinned);
    }
    found
}
