//! The parts of an RPM header that an inventory has.

use seaworthy_model::Evr;
use seaworthy_packages::rpm::{Change, DependencyTags, Header, HeaderError, Limits, Tag, text};

use crate::built::Built;
use crate::changelog::{Written, entries, items};
use crate::entry_words::versions;
use crate::load::day_of_seconds;

/// The values of a header, with its faults.
pub(crate) struct FromHeader {
    pub(crate) built: Built,
    /// The parts beside name and version that could not be read, each with what is unknown because of it.
    pub(crate) faults: Vec<String>,
}

/// The values that only the header of a source package has, beyond [`Built`].
#[derive(Default)]
pub(crate) struct SourceParts {
    /// The file names of the sources.
    pub(crate) sources: Vec<String>,
    /// The file names of the patches.
    pub(crate) patches: Vec<String>,
    /// The names of the build requirements.
    pub(crate) build_requires: Vec<String>,
}

/// The value, or an empty one with a fault in `faults`: a package of which a part is broken is still shipped.
fn keep<T: Default>(value: Result<T, HeaderError>, unknown: &str, faults: &mut Vec<String>) -> T {
    value.unwrap_or_else(|e| {
        faults.push(format!("the header {e}; {unknown}"));
        T::default()
    })
}

impl FromHeader {
    /// The values of a header.
    ///
    /// # Errors
    /// When name, version, release, epoch, architecture or source package is missing or cannot be read, so that nobody knows which package
    /// it is.
    pub(crate) fn read(header: &Header<'_>) -> Result<Self, HeaderError> {
        let mut faults = Vec::new();
        let some = |found: Option<String>| found.filter(|s| !s.is_empty());
        let limit = Limits::default().entries;
        let source_rpm = some(header.string(Tag::SOURCERPM)?);
        let is_source = source_rpm.is_none() && header.has(Tag::SOURCEPACKAGE);
        let changes = header.changelog(limit).map(|changes| entries(changes.map(written).collect()));
        let built = Built {
            name: header.required(Tag::NAME, "name")?,
            version: header.required(Tag::VERSION, "version")?,
            release: header.required(Tag::RELEASE, "release")?,
            epoch: header.epoch()?,
            arch: if is_source { "src".to_owned() } else { header.string(Tag::ARCH)?.unwrap_or_default() },
            url: some(keep(header.string(Tag::URL), "its page is not known", &mut faults)),
            source_rpm,
            source_epoch: None,
            bundled: keep(bundled(header, limit), "the libraries that it bundles are not known", &mut faults),
            components: Vec::new(),
            changelog: keep(changes, "its changelog is not known", &mut faults),
            found_in: String::new(),
        };
        Ok(Self { built, faults })
    }

    /// The paths of the package's files.
    pub(crate) fn paths(&mut self, header: &Header<'_>) -> Vec<String> {
        keep(header.paths(&Limits::default()), "programs among its files count as those of no package", &mut self.faults)
    }

    /// The sources, patches and build requirements of a source package.
    pub(crate) fn source_parts(&mut self, header: &Header<'_>) -> SourceParts {
        let list = |tag| header.strings(tag, Limits::default().entries).map(|all| all.into_iter().map(text).collect::<Vec<String>>());
        let mut build_requires = keep(list(Tag::REQUIRENAME), "its build requirements are not known", &mut self.faults);
        build_requires.retain(|r| !r.starts_with("rpmlib("));
        build_requires.sort();
        build_requires.dedup();
        SourceParts {
            sources: keep(list(Tag::SOURCE), "its sources are not known", &mut self.faults),
            patches: keep(list(Tag::PATCH), "its patches are not known", &mut self.faults),
            build_requires,
        }
    }
}

/// The bundled libraries that a package states, with their versions.
fn bundled(header: &Header<'_>, limit: usize) -> Result<Vec<(String, Option<String>)>, HeaderError> {
    let provides = header.dependencies(DependencyTags::PROVIDES, limit)?;
    let bundled = provides.into_iter().filter(|found| found.name.starts_with(b"bundled("));
    let named = bundled.filter_map(|found| Some((crate::packages_file::parse_bundled(&text(found.name))?.0, found.version)));
    Ok(named.map(|(name, version)| (name, Some(text(version)).filter(|v| !v.is_empty()))).collect())
}

fn written(change: Change) -> Written {
    let date = i64::try_from(change.time).ok().and_then(day_of_seconds).unwrap_or_default();
    Written { date, evr: changelog_evr(&change.author), items: items(change.text.lines()) }
}

/// The EVR at the end of `A Person <a@example.org> - 1.4.0-3` or `... <a@example.org> 1.4.0-3`.
pub(crate) fn changelog_evr(name: &str) -> Option<Evr> {
    let evr = |word: &str| {
        let plain = word.trim_matches(|c| matches!(c, '[' | ']' | '(' | ')'));
        // Without a digit it is the person's name or mail.
        let ok = plain.starts_with(|c: char| c.is_ascii_alphanumeric())
            && plain.contains(|c: char| c.is_ascii_digit())
            && !plain.contains(['@', '>']);
        if ok { plain.parse().ok() } else { None }
    };
    let words: Vec<&str> = name.split_whitespace().collect();
    versions(&words).find_map(evr)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use proptest::prelude::*;
    use seaworthy_testing::rpm::{Value, blob};

    use super::*;

    fn small() -> Vec<(u32, Value)> {
        let strings = |all: &[&str]| Value::Strings(all.iter().map(|s| s.as_bytes().to_vec()).collect());
        vec![
            (1000, Value::String(b"a".to_vec())),
            (1001, Value::String(b"1".to_vec())),
            (1002, Value::String(b"2".to_vec())),
            (1003, Value::Int32(vec![7])),
            (1018, strings(&["a-1.tar.gz"])),
            (1019, strings(&["CVE-2024-1111.patch"])),
            (1020, Value::String(b"https://a.example".to_vec())),
            (1047, strings(&["a", "bundled(z)"])),
            (1049, strings(&["rpmlib(X)", "make", "make"])),
            (1080, Value::Int32(vec![1_709_640_000])),
            (1081, strings(&["A Person <a@example.org> - 1-2"])),
            (1082, strings(&["- Fix CVE-2024-1111"])),
            (1112, Value::Int32(vec![8, 8])),
            (1113, strings(&["1-2", "3"])),
            (1116, Value::Int32(vec![0])),
            (1117, strings(&["f"])),
            (1118, strings(&["/usr/bin/"])),
        ]
    }

    #[test]
    fn reads_a_header() {
        let bytes = blob(&small());
        let header = Header::from_blob(&bytes).unwrap();
        let mut found = FromHeader::read(&header).unwrap();
        let built = &found.built;
        assert_eq!((built.name.as_str(), built.epoch, &built.bundled), ("a", 7, &vec![("z".to_owned(), Some("3".to_owned()))]));
        assert_eq!((built.changelog[0].date.as_str(), built.changelog[0].cves.len()), ("2024-03-05", 1));
        assert_eq!(found.paths(&header), ["/usr/bin/f"]);
        let parts = found.source_parts(&header);
        assert_eq!((parts.sources, parts.build_requires), (vec!["a-1.tar.gz".to_owned()], vec!["make".to_owned()]));
        assert_eq!(found.faults, [""; 0]);
    }

    #[test]
    fn a_part_that_is_broken_costs_that_part_and_is_told() {
        let wrong = |tag: u32| {
            let mut all = small();
            all.iter_mut().find(|(t, _)| *t == tag).unwrap().1 = Value::Bin(b"no such type".to_vec());
            blob(&all)
        };
        for (tag, unknown) in [
            (1018, "its sources"),
            (1019, "its patches"),
            (1020, "its page"),
            (1047, "bundles"),
            (1049, "build requirements"),
            (1080, "its changelog"),
            (1082, "its changelog"),
            (1113, "bundles"),
            (1116, "no package"),
            (1118, "no package"),
        ] {
            let bytes = wrong(tag);
            let header = Header::from_blob(&bytes).unwrap();
            let mut found = FromHeader::read(&header).unwrap();
            found.paths(&header);
            found.source_parts(&header);
            let [fault] = found.faults.as_slice() else { panic!("{tag}: {:?}", found.faults) };
            assert!(fault.contains(unknown) && fault.contains(&format!("tag {tag}")), "{fault}");
            assert_eq!(found.built.name, "a");
        }
        // What tells which package it is is worth more than the rest of it.
        for tag in [1000, 1001, 1002, 1003] {
            let bytes = wrong(tag);
            let error = FromHeader::read(&Header::from_blob(&bytes).unwrap()).err().unwrap().to_string();
            assert!(error.contains(&format!("tag {tag}")), "{error}");
        }
    }

    #[test]
    fn changelog_lines() {
        assert_eq!(changelog_evr("A <a@b.c> - 5:1.2-3.azl3").unwrap().to_string(), "5:1.2-3.azl3");
        assert_eq!(changelog_evr("A <a@b.c> - 7.76.0-2 (from 1.0 branch)").unwrap().to_string(), "7.76.0-2");
        assert_eq!(changelog_evr("A Person <a1@b.c>"), None);
    }

    proptest! {
        #[test]
        fn no_panic_on_altered_headers(edits in prop::collection::vec((0usize..500, any::<u8>()), 0..8)) {
            let mut bytes = blob(&small());
            for (at, byte) in edits {
                let at = at % bytes.len();
                bytes[at] = byte;
            }
            if let Ok(header) = Header::from_blob(&bytes)
                && let Ok(mut found) = FromHeader::read(&header)
            {
                found.paths(&header);
                found.source_parts(&header);
            }
        }
    }
}
