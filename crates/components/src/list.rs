//! The content of a lock file, and what its readers share.

use crate::component::{Component, ComponentList};
use crate::problem::{Problem, ProblemKind};
use crate::purpose::Purpose;

/// The types of the package URLs of the ecosystems.
pub(crate) const CARGO: &str = "cargo";
pub(crate) const GOLANG: &str = "golang";
pub(crate) const MAVEN: &str = "maven";
pub(crate) const NPM: &str = "npm";
pub(crate) const PYPI: &str = "pypi";

/// The content of the lock files of a source.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LockFile {
    /// The components, each once, sorted.
    pub components: Vec<Component>,
    /// The lists that are complete.
    pub lists: Vec<ComponentList>,
    /// The files, lines and entries that could not be read.
    pub problems: Vec<Problem>,
}

/// The content of one lock file.
#[derive(Debug)]
pub(crate) struct List {
    pub(crate) ecosystem: &'static str,
    pub(crate) file: String,
    /// The purpose of what the file is of.
    pub(crate) purpose: Purpose,
    /// The names and versions of the components.
    pub(crate) components: Vec<(String, Option<String>)>,
    /// Those that only development, tests or examples take, as far as that is told. They are not shipped.
    pub(crate) aside: Vec<(String, Option<String>)>,
    /// What the sources are themselves: the file that says so, the name, and the version where it is that of the package.
    pub(crate) own: Vec<(String, String, Option<String>)>,
    /// Whether the file lists all that the build takes from the ecosystem. A problem means that it does not.
    pub(crate) complete: bool,
    /// The packages that are taken, as those of a [`ComponentList`].
    pub(crate) packages: Option<Vec<String>>,
    pub(crate) problems: Vec<Problem>,
}

impl List {
    pub(crate) fn new(ecosystem: &'static str, file: &str, complete: bool) -> Self {
        Self {
            ecosystem,
            file: file.to_owned(),
            purpose: Purpose::of(file),
            components: Vec::new(),
            aside: Vec::new(),
            own: Vec::new(),
            complete,
            packages: None,
            problems: Vec::new(),
        }
    }

    /// Whether it says anything of what the build takes.
    pub(crate) fn has_content(&self) -> bool {
        self.complete || !self.components.is_empty()
    }

    pub(crate) fn add(&mut self, name: &str, version: Option<&str>) {
        self.put(name, version, true);
    }

    /// Adds a component that is shipped, or one that lies aside.
    pub(crate) fn put(&mut self, name: &str, version: Option<&str>, shipped: bool) {
        let place = if shipped { &mut self.components } else { &mut self.aside };
        place.push((name.to_owned(), version.filter(|v| !v.is_empty()).map(str::to_owned)));
    }

    pub(crate) fn problem(&mut self, line: Option<usize>, message: impl Into<String>) {
        self.complete = false;
        self.problems.push(Problem { kind: ProblemKind::Part, file: self.file.clone(), line, message: message.into() });
    }

    /// The text of a file in UTF-8, without the byte order mark; a file that is none is a problem.
    pub(crate) fn text<'a>(&mut self, bytes: &'a [u8]) -> Option<&'a str> {
        match std::str::from_utf8(bytes) {
            Ok(text) => Some(text.strip_prefix('\u{feff}').unwrap_or(text)),
            Err(e) => {
                self.problem(Some(line_of(bytes, e.valid_up_to())), "left out: not UTF-8");
                None
            }
        }
    }
}

/// The line of a byte position, counted from 1.
pub(crate) fn line_of(text: &[u8], at: usize) -> usize {
    text.iter().take(at).filter(|&&b| b == b'\n').count() + 1
}
