//! What a lock file names, and what its parser gathers.

use crate::{Component, ComponentSource, Problem};

/// What lock files name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LockFile {
    /// The components.
    pub components: Vec<Component>,
    /// Lines and entries that could not be read.
    pub problems: Vec<Problem>,
}

/// One parser's state: what it finds, and the file it is in.
pub(crate) struct Finder<'a> {
    file: &'a str,
    ecosystem: &'static str,
    pub(crate) out: LockFile,
}

impl<'a> Finder<'a> {
    pub(crate) fn new(file: &'a str, ecosystem: &'static str) -> Self {
        Self { file, ecosystem, out: LockFile::default() }
    }

    pub(crate) fn add(&mut self, name: &str, version: Option<&str>) {
        self.out.components.push(Component {
            ecosystem: self.ecosystem.to_owned(),
            name: name.to_owned(),
            version: version.filter(|v| !v.is_empty()).map(str::to_owned),
            cpe: None,
            source: ComponentSource::LockFile,
            found_in: self.file.to_owned(),
        });
    }

    pub(crate) fn problem(&mut self, line: Option<usize>, message: impl Into<String>) {
        self.out.problems.push(Problem { file: self.file.to_owned(), line, message: message.into() });
    }
}
