use std::collections::HashMap;
use std::path::Path;

use seaworthy_model::{Content, CveId, DigestWriter, Evr, PackageName};
use serde::{Deserialize, Serialize};

use crate::fixes::takes_back;
use crate::load::{day, read_unpacked, without_mark};
use crate::{ChangelogEntry, Inventory, InventoryError, Problem, ProblemKind};

/// A history of the fixes of a spec tree.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct History {
    /// The rows, sorted by package, CVE, date, kind and version.
    pub rows: Vec<FixRow>,
    /// The rows that could not be read, or not fully.
    pub problems: Vec<Problem>,
}

/// A row of the history: one event of a package and a CVE.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FixRow {
    /// The source package.
    pub package: PackageName,
    /// The CVE.
    pub cve: CveId,
    /// The version of the changelog entry; `None` where it has none that can be read.
    pub evr: Option<Evr>,
    /// The day, `YYYY-MM-DD`.
    pub date: String,
    /// The effect of the event on the fix of the CVE.
    pub kind: FixKind,
}

impl Content for FixRow {
    fn encode(&self, out: &mut DigestWriter) {
        let Self { package, cve, evr, date, kind } = self;
        package.as_str().encode(out);
        cve.encode(out);
        evr.encode(out);
        date.encode(out);
        kind.encode(out);
    }
}

impl Content for FixKind {
    /// The encoding: the word in the column `kind`.
    fn encode(&self, out: &mut DigestWriter) {
        let word = match self {
            Self::Patch => "patch",
            Self::Upgrade => "upgrade",
            Self::Mention => "mention",
            Self::Remove => "remove",
        };
        word.encode(out);
    }
}

/// The effect of an event on the fix of a CVE.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FixKind {
    /// A patch for the CVE was added.
    Patch,
    /// The package was upgraded to a version with the fix.
    Upgrade,
    /// The changelog names the CVE and says no more.
    Mention,
    /// A patch for the CVE was removed.
    Remove,
}

const COLUMNS: [&str; 5] = ["package", "cve", "evr", "date", "kind"];

impl History {
    /// The history that the changelogs of one or more releases tell: a row for each CVE that an entry names, as a mention, since a changelog
    /// does not say how it was fixed, or as a removal where it takes the fix back. Entries of a day that cannot be read are left out.
    #[must_use]
    pub fn of_changelogs<'a>(releases: impl IntoIterator<Item = &'a Inventory>) -> Self {
        let mut rows = Vec::new();
        for package in releases.into_iter().flat_map(|release| &release.packages) {
            // An inventory has left out, and reported, every package of another name.
            let Ok(name) = package.name.parse::<PackageName>() else { continue };
            for entry in package.changelog.iter().filter(|entry| day(&entry.date).is_some()) {
                let row =
                    |cve: &CveId, kind| FixRow { package: name.clone(), cve: *cve, evr: entry.evr.clone(), date: entry.date.clone(), kind };
                rows.extend(entry.cves.iter().map(|cve| row(cve, FixKind::Mention)));
                rows.extend(entry.taken_back.iter().map(|cve| row(cve, FixKind::Remove)));
            }
        }
        let mut history = Self { rows, problems: Vec::new() };
        history.sort();
        history.rows.dedup();
        history
    }

    fn sort(&mut self) {
        self.rows.sort_by(|a, b| {
            let key = |r: &FixRow| r.evr.as_ref().map(Evr::sort_key);
            (&a.package, a.cve, &a.date, a.kind).cmp(&(&b.package, b.cve, &b.date, b.kind)).then_with(|| key(a).cmp(&key(b)))
        });
        self.problems.sort();
    }

    /// The rows that are fixes and stand: no later row of the same upstream version removes the patch. Rows of a later day than `until` are
    /// left out. `newest` gives the version of a package, where it is known.
    pub fn fixes<'a>(&'a self, until: Option<&'a str>, newest: impl Fn(&str) -> Option<&'a Evr> + 'a) -> impl Iterator<Item = &'a FixRow> {
        let rows = || self.rows.iter().filter(move |row| until.is_none_or(|day| &*row.date <= day));
        let mut removed: HashMap<(&str, CveId), Vec<&FixRow>> = HashMap::new();
        for row in rows().filter(|row| row.kind == FixKind::Remove) {
            removed.entry((&row.package, row.cve)).or_default().push(row);
        }
        rows().filter(|row| row.kind != FixKind::Remove).filter(move |fix| {
            let takes =
                |row: &&FixRow| takes_back((row.evr.as_ref(), &row.date), (fix.evr.as_ref(), &fix.date), newest(fix.package.as_str()));
            !removed.get(&(fix.package.as_str(), fix.cve)).is_some_and(|removals| removals.iter().any(takes))
        })
    }

    /// Adds the rows to the changelogs of their packages. Rows of a later day than `as_of` are left out.
    pub fn apply(&self, inventory: &mut Inventory, as_of: Option<&str>) {
        let mut by_package: HashMap<&str, Vec<&FixRow>> = HashMap::new();
        for row in &self.rows {
            if as_of.is_none_or(|day| &*row.date <= day) {
                by_package.entry(&row.package).or_default().push(row);
            }
        }
        for package in &mut inventory.packages {
            for row in by_package.get(&*package.name).into_iter().flatten() {
                let mut entry = ChangelogEntry { date: row.date.clone(), evr: row.evr.clone(), ..ChangelogEntry::default() };
                match row.kind {
                    FixKind::Remove => entry.taken_back.push(row.cve),
                    FixKind::Patch | FixKind::Upgrade | FixKind::Mention => entry.cves.push(row.cve),
                }
                package.changelog.push(entry);
            }
            // The newest first, as every changelog.
            package.changelog.sort_by(|a, b| b.date.cmp(&a.date));
        }
        inventory.problems.extend(self.problems.iter().cloned());
    }
}

/// Reads a history of fixes: a CSV file (plain or packed with gzip, zstd or xz) with the columns `package`, `cve`, `evr`,
/// `date` and `kind` (`patch`, `upgrade`, `mention` or `remove`), in any order, others ignored.
///
/// A row with a bad field is a [`Problem`] with its line, and left out; a row whose only fault is its version stays, without it.
///
/// # Errors
/// When the file cannot be read or unpacked, or its first line lacks a column.
pub fn read_history(path: impl AsRef<Path>) -> Result<History, InventoryError> {
    let path = path.as_ref();
    parse_history(&read_unpacked(path)?, path)
}

/// Reads as [`read_history`] does, from unpacked bytes; `path` is only for messages.
///
/// # Errors
/// When the first line lacks a column.
pub fn parse_history(bytes: &[u8], path: &Path) -> Result<History, InventoryError> {
    let file = path.file_name().map_or_else(String::new, |n| n.to_string_lossy().into_owned());
    let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(without_mark(bytes));
    let first = |message: String| InventoryError::Format { path: path.to_owned(), line: Some(1), message };
    let header = reader.byte_headers().map_err(|e| first(format!("no CSV: {e}")))?;
    let mut at = [0usize; 5];
    for (slot, name) in at.iter_mut().zip(COLUMNS) {
        *slot = header
            .iter()
            .position(|h| h == name.as_bytes())
            .ok_or_else(|| first(format!("the column {name:?} is missing; the first line should read {}", COLUMNS.join(","))))?;
    }
    let mut out = History::default();
    let mut record = csv::ByteRecord::new();
    loop {
        let line = usize::try_from(reader.position().line()).ok();
        match reader.read_byte_record(&mut record) {
            Ok(false) => break,
            Ok(true) => {
                // Blank lines before the record are counted by its own position.
                let line = record.position().and_then(|p| usize::try_from(p.line()).ok()).or(line);
                let mut problem =
                    |message: String| out.problems.push(Problem { kind: ProblemKind::Part, file: file.clone(), line, message });
                match row(&record, at) {
                    Ok((row, note)) => {
                        note.into_iter().for_each(&mut problem);
                        out.rows.push(row);
                    }
                    Err(message) => problem(format!("row left out: {message}")),
                }
            }
            Err(e) => {
                out.problems.push(Problem {
                    kind: ProblemKind::Part,
                    file: file.clone(),
                    line,
                    message: format!("the rest is not read: {e}"),
                });
                break;
            }
        }
    }
    out.sort();
    Ok(out)
}

fn row(record: &csv::ByteRecord, at: [usize; 5]) -> Result<(FixRow, Option<String>), String> {
    let field = |column: usize| -> Result<&str, String> {
        let name = COLUMNS[column];
        let bytes = record.get(at[column]).ok_or_else(|| format!("no field {name}"))?;
        std::str::from_utf8(bytes).map(str::trim).map_err(|_| format!("{name} is not UTF-8"))
    };
    let [package, cve, evr, date, kind] = [field(0)?, field(1)?, field(2)?, field(3)?, field(4)?];
    if package.is_empty() {
        return Err("package is empty".to_owned());
    }
    let package: PackageName = package.parse().map_err(|e| format!("{e}"))?;
    let cve: CveId = cve.parse().map_err(|e| format!("{e}"))?;
    let kind = match kind {
        "patch" => FixKind::Patch,
        "upgrade" => FixKind::Upgrade,
        "mention" => FixKind::Mention,
        "remove" => FixKind::Remove,
        other => return Err(format!("the kind {other:?} is none of patch, upgrade, mention, remove")),
    };
    if date.len() != 10 || day(date).is_none() {
        return Err(format!("the date {date:?} is not YYYY-MM-DD"));
    }
    let (evr, note) = match evr {
        "" => (None, None),
        text => match text.parse::<Evr>() {
            Ok(evr) => (Some(evr), None),
            Err(e) => (None, Some(format!("row kept without its version: {e}"))),
        },
    };
    Ok((FixRow { package, cve, evr, date: date.to_owned(), kind }, note))
}
