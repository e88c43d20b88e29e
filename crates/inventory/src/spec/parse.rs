//! The parser of one spec, line by line.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::changelog;
use super::lines::{self, Conditions, Section};
use super::macros::{Definition, Macros};
use super::prep::Prep;
use crate::changelog::Written;
use crate::{Problem, ProblemKind};

/// The greatest depth of files that include each other.
const MAX_INCLUDES: usize = 8;
/// The greatest number of problems that one spec adds to the report.
const MAX_PROBLEMS: usize = 50;

/// The content of a spec, macros expanded.
#[derive(Default)]
pub(super) struct Reading {
    pub(super) tags: BTreeMap<&'static str, String>,
    pub(super) sources: BTreeMap<u32, String>,
    pub(super) patches: BTreeMap<u32, String>,
    pub(super) build_requires: BTreeSet<String>,
    /// The subpackages, with what they state themselves.
    pub(super) subpackages: Vec<Subpackage>,
    pub(super) bundled: Vec<(String, Option<String>)>,
    pub(super) changelog: Vec<Written>,
    pub(super) prep: Prep,
    /// The names of the packages with a `%files` section.
    pub(super) with_files: BTreeSet<String>,
    pub(super) noarch: bool,
    pub(super) problems: Vec<Problem>,
}

#[derive(Clone, Default)]
pub(super) struct Subpackage {
    pub(super) name: String,
    pub(super) version: Option<String>,
    pub(super) release: Option<String>,
    pub(super) noarch: bool,
}

/// The content of a spec and its macros; `beside` has the texts of files in its folder that it may include.
pub(super) fn parse(
    path: &str,
    text: &str,
    beside: &BTreeMap<String, String>,
    shared: Arc<std::collections::HashMap<String, Definition>>,
) -> (Reading, Macros) {
    let mut parser = Parser {
        path,
        beside,
        macros: Macros::over(shared),
        conditions: Conditions::default(),
        section: Section::Preamble,
        reading: Reading::default(),
        changelog: Vec::new(),
        next_source: 0,
        next_patch: 0,
        line: 0,
    };
    parser.read(text, 0);
    if parser.conditions.unclosed() > 0 {
        parser.problem(ProblemKind::Condition, format!("{} %if without %endif", parser.conditions.unclosed()));
    }
    if parser.macros.exhausted {
        parser.problem(ProblemKind::Macro, "macros expand without end or too far; their text stands as it was");
    }
    let Parser { mut reading, changelog, mut macros, .. } = parser;
    reading.changelog = changelog::read(changelog.iter().map(String::as_str), |word| macros.expand(word));
    (reading, macros)
}

struct Parser<'a> {
    path: &'a str,
    beside: &'a BTreeMap<String, String>,
    macros: Macros,
    conditions: Conditions,
    section: Section,
    reading: Reading,
    changelog: Vec<String>,
    next_source: u32,
    next_patch: u32,
    line: usize,
}

impl Parser<'_> {
    fn problem(&mut self, kind: ProblemKind, message: impl Into<String>) {
        if self.reading.problems.len() < MAX_PROBLEMS {
            self.reading.problems.push(Problem { kind, file: self.path.to_owned(), line: Some(self.line.max(1)), message: message.into() });
        }
    }

    fn read(&mut self, text: &str, includes: usize) {
        let mut rest = text;
        let (outer_line, mut at) = (self.line, 0);
        while !rest.is_empty() {
            let (raw, count) = lines::next_logical(&mut rest, self.section != Section::Changelog);
            self.line = if includes == 0 { at + 1 } else { outer_line };
            at += count;
            let trimmed = raw.trim_start();
            if !self.conditions.reading() {
                if trimmed.starts_with('%') {
                    self.condition(raw);
                }
                continue;
            }
            if trimmed.starts_with('#') {
                if self.section == Section::Preamble && raw.contains("%{") {
                    // rpm expands comments too, and a definition in one counts.
                    self.macros.expand(raw);
                }
                continue;
            }
            if !self.wants(trimmed) {
                if self.section == Section::Changelog {
                    self.changelog.push(raw.to_owned());
                }
                continue;
            }
            if self.section == Section::Changelog && !trimmed.starts_with("%") {
                self.changelog.push(raw.to_owned());
                continue;
            }
            let expanded = self.macros.expand(raw);
            let joined = expanded.replace("\\\n", " ");
            for line in joined.split('\n') {
                self.expanded(line, includes);
            }
        }
    }

    /// Whether a line of this section can have a meaning for the reader: in scripts, only directives and patches have.
    fn wants(&self, line: &str) -> bool {
        match self.section {
            Section::Preamble | Section::Prep | Section::PatchList | Section::SourceList => true,
            Section::Script => line.starts_with('%') || line.contains("PATCH") || line.contains("%{patches}") || line.contains("%patch"),
            Section::Files | Section::Text | Section::Changelog => line.starts_with('%'),
        }
    }

    fn condition(&mut self, line: &str) -> bool {
        match self.conditions.line(line, &self.macros) {
            Ok(was) => was,
            Err(why) => {
                self.problem(ProblemKind::Condition, why);
                true
            }
        }
    }

    fn expanded(&mut self, line: &str, includes: usize) {
        let trimmed = line.trim_start();
        if trimmed.starts_with('%') {
            if self.condition(trimmed) {
                return;
            }
            if !self.conditions.reading() {
                return;
            }
            if let Some((section, word, arguments)) = lines::section(trimmed) {
                self.open(section, word, arguments);
                return;
            }
            if let Some(file) = trimmed.strip_prefix("%include").filter(|r| r.starts_with(char::is_whitespace)) {
                self.include(file.trim(), includes);
                return;
            }
        }
        if !self.conditions.reading() {
            return;
        }
        match self.section {
            Section::Preamble => self.tag(trimmed),
            Section::Prep | Section::Script => self.reading.prep.line(trimmed),
            Section::PatchList if !trimmed.is_empty() && !trimmed.starts_with('#') => self.patch(None, trimmed),
            Section::SourceList if !trimmed.is_empty() && !trimmed.starts_with('#') => self.source(None, trimmed),
            Section::Changelog => self.changelog.push(line.to_owned()),
            _ => {}
        }
    }

    fn include(&mut self, file: &str, includes: usize) {
        let name = file.rsplit('/').next().unwrap_or(file);
        match self.beside.get(name) {
            Some(text) if includes < MAX_INCLUDES => self.read(text, includes + 1),
            Some(_) => self.problem(ProblemKind::Part, format!("{name} is included too deeply; left out")),
            None => self.problem(ProblemKind::Part, format!("%include {file}: no such file beside the spec; left out")),
        }
    }

    fn package_name(&self, arguments: &str) -> String {
        let main = self.reading.tags.get("name").cloned().unwrap_or_default();
        let mut words = arguments.split_whitespace();
        let mut plain = None;
        while let Some(word) = words.next() {
            match word {
                "-n" => return words.next().unwrap_or_default().to_owned(),
                // The file list of %files and the language of %description.
                "-f" | "-l" | "-p" => drop(words.next()),
                _ if word.starts_with('-') => {}
                _ => plain = plain.or(Some(word)),
            }
        }
        plain.map_or(main.clone(), |p| format!("{main}-{p}"))
    }

    fn open(&mut self, section: Section, word: &str, arguments: &str) {
        self.section = section;
        match word {
            "package" => {
                let name = self.package_name(arguments);
                self.reading.subpackages.push(Subpackage { name, ..Subpackage::default() });
            }
            "files" => {
                let name = self.package_name(arguments);
                self.reading.with_files.insert(name);
            }
            _ => {}
        }
    }

    fn tag(&mut self, line: &str) {
        let Some((tag, value)) = line.split_once(':') else { return };
        let tag = tag.trim().to_ascii_lowercase();
        let tag = tag.split('(').next().unwrap_or_default();
        let value = value.trim();
        let numbered = |prefix: &str| {
            tag.strip_prefix(prefix).filter(|n| n.len() < 9 && n.bytes().all(|b| b.is_ascii_digit())).map(|n| n.parse::<u32>().ok())
        };
        if value.is_empty() {
            return;
        }
        if let Some(number) = numbered("source") {
            return self.source(number, value);
        }
        if let Some(number) = numbered("patch") {
            return self.patch(number, value);
        }
        let single: Option<(&'static str, &[&str])> = match tag {
            "name" => Some(("name", &["name", "NAME"])),
            "epoch" => Some(("epoch", &["epoch", "EPOCH"])),
            "version" => Some(("version", &["version", "VERSION", "PACKAGE_VERSION"])),
            "release" => Some(("release", &["release", "RELEASE", "PACKAGE_RELEASE"])),
            "url" => Some(("url", &["url", "URL"])),
            _ => None,
        };
        if let Some((key, names)) = single {
            let value = if key == "url" { value } else { value.split_whitespace().next().unwrap_or_default() };
            // In rpm, too, the tag of a subpackage redefines the macro for what follows.
            for name in names {
                self.macros.set(name, value);
            }
            match (self.reading.subpackages.last_mut(), key) {
                (Some(sub), "version") => sub.version = Some(value.to_owned()),
                (Some(sub), "release") => sub.release = Some(value.to_owned()),
                (Some(_), _) => {}
                (None, _) => drop(self.reading.tags.insert(key, value.to_owned())),
            }
            return;
        }
        match tag {
            "buildarch" | "buildarchitectures" if value == "noarch" => match self.reading.subpackages.last_mut() {
                Some(sub) => sub.noarch = true,
                None => self.reading.noarch = true,
            },
            "buildrequires" | "buildprereq" => self.reading.build_requires.extend(dependencies(value).into_iter().map(|(name, _)| name)),
            "provides" => {
                for (name, version) in dependencies(value) {
                    if let Some(inside) = name.strip_prefix("bundled(").and_then(|n| n.strip_suffix(')')) {
                        let entry = (inside.to_owned(), version);
                        if !self.reading.bundled.contains(&entry) {
                            self.reading.bundled.push(entry);
                        }
                    }
                }
            }
            _ => {}
        }
    }

    fn source(&mut self, number: Option<u32>, value: &str) {
        let number = number.unwrap_or(self.next_source);
        self.next_source = number.saturating_add(1);
        self.file_macros("SOURCE", number, value);
        self.reading.sources.insert(number, value.to_owned());
    }

    fn patch(&mut self, number: Option<u32>, value: &str) {
        let number = number.unwrap_or(self.next_patch);
        self.next_patch = number.saturating_add(1);
        self.file_macros("PATCH", number, value);
        self.reading.patches.insert(number, value.to_owned());
    }

    fn file_macros(&mut self, kind: &str, number: u32, value: &str) {
        let path = format!("/SOURCES/{}", file_name(value));
        self.macros.set(&format!("{kind}{number}"), path.as_str());
        if number == 0 && kind == "SOURCE" {
            self.macros.set("SOURCE", path);
        }
        self.macros.set(&format!("{kind}URL{number}"), value);
    }
}

/// The file name that rpm gives to a source: the part after the last slash, also of a `#/file` suffix.
pub(super) fn file_name(value: &str) -> &str {
    value.rsplit('/').next().unwrap_or(value)
}

/// The dependencies in a list, each with the version that it is compared with. Rich dependencies give the names inside.
fn dependencies(value: &str) -> Vec<(String, Option<String>)> {
    let mut out: Vec<(String, Option<String>)> = Vec::new();
    let mut compared = false;
    for word in value.split([' ', '\t', ',']).filter(|w| !w.is_empty()) {
        if matches!(word, "=" | "==" | "<" | ">" | "<=" | ">=" | "=<" | "=>") {
            compared = true;
        } else if compared {
            compared = false;
            if let Some(last) = out.last_mut() {
                last.1 = Some(word.trim_end_matches(')').to_owned());
            }
        } else if !matches!(word, "if" | "or" | "and" | "else" | "with" | "without" | "unless") {
            let name = word.trim_start_matches('(');
            let surplus = name.matches(')').count().saturating_sub(name.matches('(').count());
            let name = name.get(..name.len() - surplus).unwrap_or(name);
            if !name.is_empty() {
                out.push((name.to_owned(), None));
            }
        }
    }
    out
}
