//! The content of a lock file, and what its parsers share.

use crate::component::{Component, ComponentSource};
use crate::problem::{Problem, ProblemKind};

/// The content of lock files.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LockFile {
    /// The components.
    pub components: Vec<Component>,
    /// The lines and entries that could not be read.
    pub problems: Vec<Problem>,
}

/// A parser at work: its file, and the content so far.
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
        self.out.problems.push(Problem { kind: ProblemKind::Part, file: self.file.to_owned(), line, message: message.into() });
    }
}

/// The line of a byte position, counted from 1.
pub(crate) fn line_of(text: &[u8], at: usize) -> usize {
    text.iter().take(at).filter(|&&b| b == b'\n').count() + 1
}
