use std::path::Path;

use seaworthy_packages::PackageError;
use seaworthy_packages::rpm::{Headers, Limits};

use crate::built::group;
use crate::fix_name::fixed_by_name;
use crate::from_header::{FromHeader, SourceParts};
use crate::{Inventory, InventoryError, Patch, Problem, ProblemKind};

/// Reads single RPM files: the header of each, not its payload. Binaries are grouped by their source RPM; a source RPM also
/// gives its sources, patches and build requirements.
///
/// Format: lead of 96 bytes, signature header padded to 8 bytes, header. Signatures are not checked here. A file that cannot
/// be read is a [`Problem`].
///
/// # Errors
/// When none of the files can be read: the error of the first.
pub fn read_rpm_files<P: AsRef<Path>>(paths: &[P]) -> Result<Inventory, InventoryError> {
    let location = paths.first().map_or_else(String::new, |p| p.as_ref().display().to_string());
    let more = if paths.len() > 1 { format!(" and {} more", paths.len() - 1) } else { String::new() };
    let mut out = Inventory::new("RPM files", location + &more);
    let mut built = Vec::new();
    let mut sources: Vec<(String, SourceParts)> = Vec::new();
    let mut first = None;
    for path in paths.iter().map(AsRef::as_ref) {
        match read_one(path) {
            Ok((FromHeader { built: package, faults }, parts)) => {
                out.problems.extend(faults.into_iter().map(|message| Problem {
                    kind: ProblemKind::Part,
                    file: path.display().to_string(),
                    line: None,
                    message,
                }));
                sources.extend(parts.map(|parts| (format!("{}-{}-{}", package.name, package.version, package.release), parts)));
                built.push(package);
            }
            Err(e) => {
                out.problems.push(Problem {
                    kind: ProblemKind::Part,
                    file: path.display().to_string(),
                    line: None,
                    message: format!("left out: {e}"),
                });
                first.get_or_insert(e);
            }
        }
    }
    if let (true, Some(error)) = (built.is_empty(), first) {
        return Err(error);
    }
    group(built, &mut out);
    for (key, parts) in sources {
        let found = out.packages.iter_mut().find(|p| format!("{}-{}-{}", p.name, p.evr.version, p.evr.release) == key);
        let Some(package) = found else { continue };
        package.sources = parts.sources;
        // A header lists the patches; only %prep would tell whether each is applied.
        package.patches = parts.patches.into_iter().map(|file| Patch { cves: fixed_by_name(&file), file, applied: None }).collect();
        package.build_requires = parts.build_requires;
    }
    out.sort();
    Ok(out)
}

fn read_one(path: &Path) -> Result<(FromHeader, Option<SourceParts>), InventoryError> {
    let headers = Headers::open(path, &Limits::default())?;
    let fail = |e| PackageError::Format { path: path.to_owned(), found: headers.misread(e).to_string() };
    let mut found = FromHeader::read(&headers.header).map_err(fail)?;
    found.built.found_in = path.file_name().map_or_else(String::new, |n| n.to_string_lossy().into_owned());
    let parts = (found.built.arch == "src").then(|| found.source_parts(&headers.header));
    Ok((found, parts))
}
