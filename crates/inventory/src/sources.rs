use std::collections::BTreeSet;
use std::path::Path;

use rayon::prelude::*;
use seaworthy_components::{LockFile, Sources};

use crate::{ComponentList, Inventory, InventoryError, Problem, ProblemKind};

/// Adds the components that unpacked sources name to the packages of an inventory.
///
/// `dir` has one folder for each source package, with the name `NAME-VERSION` or `NAME`; where both exist, the first is taken. The lock
/// files of each are read by [`Sources`]; `found_in` is the file, relative to `dir`. Folders that are links are left out, and a
/// folder with the name of no package is a problem.
///
/// # Errors
/// When `dir` cannot be listed.
pub fn add_sources(inventory: &mut Inventory, dir: impl AsRef<Path>) -> Result<(), InventoryError> {
    let dir = dir.as_ref();
    let entries = std::fs::read_dir(dir).map_err(|e| InventoryError::read(dir, e))?;
    let folders: BTreeSet<String> = entries
        .flatten()
        .filter(|e| e.file_type().is_ok_and(|kind| kind.is_dir()))
        .filter_map(|e| e.file_name().into_string().ok())
        .filter(|name| !name.starts_with('.'))
        .collect();
    let names = |package: &crate::SourcePackage| [format!("{}-{}", package.name, package.evr.version), package.name.clone()];
    let known: BTreeSet<String> = inventory.packages.iter().flat_map(names).collect();
    let read: Vec<Result<Option<(String, LockFile)>, Problem>> = inventory
        .packages
        .par_iter()
        .map(|package| {
            let Some(folder) = names(package).into_iter().find(|name| folders.contains(name)) else { return Ok(None) };
            match Sources::in_folder(dir.join(&folder)) {
                Ok(sources) => Ok(Some((folder, sources.read(&package.evr.version)))),
                Err(e) => {
                    Err(Problem { kind: ProblemKind::Part, file: folder, line: None, message: format!("not looked into: {}", e.source) })
                }
            }
        })
        .collect();
    for (package, read) in inventory.packages.iter_mut().zip(read) {
        let (folder, found) = match read {
            Ok(Some(read)) => read,
            Ok(None) => continue,
            Err(problem) => {
                inventory.problems.push(problem);
                continue;
            }
        };
        for mut component in found.components {
            component.found_in = format!("{folder}/{}", component.found_in);
            package.components.push(component);
        }
        package.components.sort();
        package.components.dedup();
        package.lists.extend(found.lists.into_iter().map(|list| ComponentList { found_in: format!("{folder}/{}", list.found_in), ..list }));
        package.lists.sort();
        inventory.problems.extend(found.problems.into_iter().map(|p| Problem { file: format!("{folder}/{}", p.file), ..p }));
    }
    for folder in folders.difference(&known) {
        let message = "no package is called so; name it NAME or NAME-VERSION of a source package".to_owned();
        inventory.problems.push(Problem { kind: ProblemKind::Part, file: folder.clone(), line: None, message });
    }
    inventory.problems.sort();
    inventory.problems.dedup();
    Ok(())
}
