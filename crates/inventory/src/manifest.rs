//! The list of packages that Azure Linux's distroless images have instead of an RPM database.

use std::path::Path;

use crate::built::Built;
use crate::types::unfit_package;
use crate::{InventoryError, Problem, ProblemKind};

/// The folder of the list below the root, and its file.
pub(crate) const MANIFEST: &str = "var/lib/rpmmanifest/container-manifest-2";

/// The number of columns up to that of the source package.
const COLUMNS: usize = 10;

/// Parses a list of installed packages: one a line, with the columns name, version and release, time of installation, time of building,
/// vendor, epoch, size, architecture, number of the epoch and source RPM, separated by tabs. It is what `rpm --query` prints for
/// `%{NAME}\t%{VERSION}-%{RELEASE}\t%{INSTALLTIME}\t%{BUILDTIME}\t%{VENDOR}\t%{EPOCH}\t%{SIZE}\t%{ARCH}\t%{EPOCHNUM}\t%{SOURCERPM}`.
///
/// A line that cannot be read is one of the `problems`. `path` is the place below the root.
///
/// # Errors
/// When there are lines and none of them can be read.
pub(crate) fn parse_manifest(bytes: &[u8], path: &str, problems: &mut Vec<Problem>) -> Result<Vec<Built>, InventoryError> {
    let mut out = Vec::new();
    let text = String::from_utf8_lossy(bytes);
    let mut first = None;
    for (at, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
        match package(line, path) {
            Ok(built) if built.name == "gpg-pubkey" => {}
            Ok(built) => out.push(built),
            Err(why) => {
                first.get_or_insert((at + 1, why.clone()));
                problems.push(Problem {
                    kind: ProblemKind::Part,
                    file: path.to_owned(),
                    line: Some(at + 1),
                    message: format!("line left out: {why}"),
                });
            }
        }
    }
    match first {
        Some((line, why)) if out.is_empty() => Err(InventoryError::Format {
            path: Path::new(path).to_owned(),
            line: Some(line),
            message: format!("not a list of packages: {why}"),
        }),
        _ => Ok(out),
    }
}

fn package(line: &str, path: &str) -> Result<Built, String> {
    let columns: Vec<&str> = line.split('\t').map(str::trim).collect();
    if columns.len() < COLUMNS {
        return Err(format!("{} columns instead of {COLUMNS}", columns.len()));
    }
    let stated = |at: usize| columns.get(at).copied().filter(|value| !value.is_empty() && *value != "(none)");
    let name = stated(0).ok_or("it names no package")?;
    let mut evr: seaworthy_model::Evr = stated(1).ok_or("it has no version")?.parse().map_err(|e| format!("{e}"))?;
    if let Some(epoch) = stated(8) {
        evr.epoch = epoch.parse().map_err(|_| format!("the epoch {epoch:?} is no number"))?;
    }
    if let Some(unfit) = unfit_package(name, &evr) {
        return Err(unfit);
    }
    Ok(Built {
        name: name.to_owned(),
        arch: stated(7).unwrap_or_default().to_owned(),
        epoch: evr.epoch,
        version: evr.version,
        release: evr.release,
        source_rpm: stated(9).map(str::to_owned),
        found_in: path.to_owned(),
        ..Built::default()
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const LINE: &str =
        "openssl-libs\t3.3.0-1.azl3\t1700000000\t1700000000\tHarbor\t(none)\t6000000\tx86_64\t0\topenssl-3.3.0-1.azl3.src.rpm\n";

    #[test]
    fn a_list_has_packages_with_their_sources() {
        let rows = [
            ("a package", LINE.to_owned(), "openssl-libs 0:3.3.0-1.azl3 x86_64 openssl-3.3.0-1.azl3.src.rpm|0"),
            ("an epoch", LINE.replace("\t0\t", "\t4\t"), "openssl-libs 4:3.3.0-1.azl3 x86_64 openssl-3.3.0-1.azl3.src.rpm|0"),
            ("no epoch", LINE.replace("\t0\t", "\t(none)\t"), "openssl-libs 0:3.3.0-1.azl3 x86_64 openssl-3.3.0-1.azl3.src.rpm|0"),
            ("no source", LINE.replace("openssl-3.3.0-1.azl3.src.rpm", "(none)"), "openssl-libs 0:3.3.0-1.azl3 x86_64 -|0"),
            (
                "a line that is none, beside one that is",
                format!("{LINE}what\n"),
                "openssl-libs 0:3.3.0-1.azl3 x86_64 openssl-3.3.0-1.azl3.src.rpm|1",
            ),
            ("nothing", "\n".to_owned(), "|0"),
            ("a key of the database", LINE.replace("openssl-libs", "gpg-pubkey"), "|0"),
            ("no list", "what\n".to_owned(), "container-manifest-2:1: not a list of packages: 1 columns instead of 10"),
            (
                "an epoch that is no number",
                LINE.replace("\t0\t", "\tx\t"),
                "container-manifest-2:1: not a list of packages: the epoch \"x\" is no number",
            ),
        ];
        seaworthy_testing::hold(rows.iter().map(|(why, text, expected)| {
            let mut problems = Vec::new();
            let shown = |b: &Built| {
                format!("{} {}:{}-{} {} {}", b.name, b.epoch, b.version, b.release, b.arch, b.source_rpm.as_deref().unwrap_or("-"))
            };
            let found = match parse_manifest(text.as_bytes(), "container-manifest-2", &mut problems) {
                Ok(all) => format!("{}|{}", all.iter().map(shown).collect::<Vec<_>>().join(", "), problems.len()),
                Err(e) => e.to_string(),
            };
            (*why, (*expected).to_owned(), found)
        }));
    }

    proptest! {
        #[test]
        fn no_panic_on_any_bytes(edits in prop::collection::vec((0usize..200, any::<u8>()), 0..8)) {
            let mut bytes = LINE.repeat(2).into_bytes();
            for (at, byte) in edits {
                if let Some(slot) = bytes.get_mut(at) {
                    *slot = byte;
                }
            }
            let _ = parse_manifest(&bytes, "m", &mut Vec::new());
        }
    }
}
