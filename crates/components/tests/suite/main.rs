//! The tests of the readers of lock files, as one program.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod archives;
mod folder;
mod hostile;
mod lock_files;
mod meaning;

use seaworthy_components::{LockFile, Sources};

/// What files say together.
fn read(files: &[(&str, &str)]) -> LockFile {
    let mut sources = Sources::default();
    for (path, text) in files {
        assert!(Sources::wants(path), "{path} would not be read");
        sources.add((*path).to_owned(), text.as_bytes().to_vec());
    }
    sources.read("2.0.0")
}

/// The components, those that are not shipped in parentheses; behind a bar the complete lists with their packages; behind another the
/// places of the problems.
fn shown(found: &LockFile) -> String {
    let components = found.components.iter().map(|c| {
        let text = format!("{} {}", c.name, c.version.as_deref().unwrap_or("?"));
        if c.shipped { text } else { format!("({text})") }
    });
    let lists = found.lists.iter().map(|list| match &list.packages {
        Some(packages) => format!("{} [{}]", list.found_in, packages.join(" ")),
        None => list.found_in.clone(),
    });
    let problems = found.problems.iter().map(|p| format!("{}:{}", p.file, p.line.map_or_else(|| "-".to_owned(), |line| line.to_string())));
    let mut out = components.collect::<Vec<_>>().join(", ");
    for (bar, part) in [(" | ", lists.collect::<Vec<_>>().join(", ")), (" ! ", problems.collect::<Vec<_>>().join(", "))] {
        if !part.is_empty() {
            out.push_str(bar);
            out.push_str(&part);
        }
    }
    out
}

/// A row of a table: the point that it makes, the files, and what they say, as [`shown`].
type Row<'a> = (&'a str, &'a [(&'a str, &'a str)], &'a str);

fn hold(rows: &[Row<'_>]) {
    seaworthy_testing::hold(rows.iter().map(|(why, files, expected)| (*why, (*expected).to_owned(), shown(&read(files)))));
}
