//! Primary metadata of a repository: the list of its packages.

use std::path::Path;

use seaworthy_host::xml::{Faults, Step, Xml};
use seaworthy_model::Evr;

use crate::built::{Built, group};
use crate::metadata_xml::{broken, epoch, file_of, left_out, utf8};
use crate::types::unfit_package;
use crate::{Inventory, InventoryError, Problem, ProblemKind};

/// Parses primary metadata into `out`; `path` is only for messages.
///
/// # Errors
/// When it is no such XML. A package without name or version, with an epoch that is no number, with a name that nothing can carry, or with
/// an unknown entity in what is read of it, is a [`Problem`].
pub fn parse_primary(bytes: &[u8], path: &Path, out: &mut Inventory) -> Result<(), InventoryError> {
    let file = file_of(path);
    let mut xml = Xml::new(utf8(bytes, path)?);
    let mut built: Vec<Built> = Vec::new();
    let mut now = Built::default();
    let mut faults = Faults::default();
    let mut root = false;
    while let Some(step) = xml.next().map_err(|e| broken(path, e))? {
        match step {
            Step::Open(start) => {
                root |= xml.depth() == 1 && xml.inside(&["metadata"]);
                if xml.inside(&["metadata", "package"]) {
                    faults = Faults::default();
                    now = Built { found_in: file.clone(), ..Built::default() };
                } else if xml.inside(&["package", "version"]) {
                    now.epoch = epoch(&mut xml, &start, &mut faults);
                    let mut get = |name| faults.keep(xml.attribute(&start, name)).unwrap_or_default();
                    now.version = get("ver");
                    now.release = get("rel");
                } else if xml.inside(&["package", "location"]) {
                    now.found_in = faults.keep(xml.attribute(&start, "href")).unwrap_or_else(|| file.clone());
                } else if xml.inside(&["format", "provides", "entry"])
                    && let Some(name) = faults.keep(xml.attribute(&start, "name"))
                    && let Some((name, _)) = crate::packages_file::parse_bundled(&name)
                {
                    let version = faults.keep(xml.attribute(&start, "ver")).filter(|v| !v.is_empty());
                    now.bundled.push((name, version));
                }
            }
            Step::Close { name, text } if xml.inside(&["metadata", "package"]) => match name.as_str() {
                "name" => now.name = faults.keep(text),
                "arch" => now.arch = faults.keep(text),
                "url" => now.url = Some(faults.keep(text)).filter(|url| !url.is_empty()),
                _ => {}
            },
            Step::Close { name, text } if name == "sourcerpm" && xml.inside(&["package", "format"]) => {
                now.source_rpm = Some(faults.keep(text)).filter(|file| !file.is_empty());
            }
            Step::Close { name, .. } if name == "package" && xml.inside(&["metadata"]) => {
                let done = std::mem::take(&mut now);
                if let Some(fault) = faults.take() {
                    out.problems.push(left_out("a package", if done.name.is_empty() { &done.found_in } else { &done.name }, &file, &fault));
                } else if done.name.is_empty() || done.version.is_empty() {
                    let message = format!("a package without name or version before byte {} left out", xml.at());
                    out.problems.push(Problem { kind: ProblemKind::Part, file: file.clone(), line: Some(xml.line()), message });
                } else if let Some(unfit) = unfit_package(&done.name, &Evr::new(done.epoch, &*done.version, &*done.release)) {
                    let message = format!("a package before byte {} left out: {unfit}", xml.at());
                    out.problems.push(Problem { kind: ProblemKind::Part, file: file.clone(), line: Some(xml.line()), message });
                } else {
                    built.push(done);
                }
            }
            Step::Close { .. } => {}
        }
    }
    if !root {
        return Err(InventoryError::format(path, "not primary metadata of an RPM repository: expected <metadata>"));
    }
    group(built, out);
    Ok(())
}
