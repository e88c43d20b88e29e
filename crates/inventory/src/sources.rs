use std::collections::BTreeMap;
use std::fs::File;
use std::path::Path;

use rayon::prelude::*;
use seaworthy_components::{LockFile, Sources};
use seaworthy_host::archive::ArchiveError;
use seaworthy_host::files::FileError;

use crate::source_package::{SourcePackageError, in_source_package, without_ending};
use crate::{ComponentList, Inventory, InventoryError, Problem, ProblemKind};

/// The form of the sources of a package. Where there are several, the first in this order is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Form {
    Folder,
    Archive,
    SourcePackage,
}

/// The sources of a package in the folder of sources.
struct Found {
    /// The name of the folder or file.
    file: String,
    form: Form,
}

/// The reason why sources are not read.
#[derive(Debug, thiserror::Error)]
enum Unread {
    #[error("{}", .0.source)]
    File(#[from] FileError),
    #[error(transparent)]
    Archive(#[from] ArchiveError),
    #[error(transparent)]
    SourcePackage(#[from] SourcePackageError),
}

impl Found {
    fn read(&self, dir: &Path, version: &str) -> Result<LockFile, Unread> {
        let path = dir.join(&self.file);
        let sources = match self.form {
            Form::Folder => Sources::in_folder(path)?,
            Form::Archive => {
                let file = File::open(&path).map_err(FileError::of("read", &path))?;
                Sources::in_archive(file, &self.file)?
            }
            Form::SourcePackage => in_source_package(&path)?,
        };
        Ok(sources.read(version))
    }
}

/// Adds the components that sources name to the packages of an inventory.
///
/// `dir` has for each source package a folder or archive (a zip, or a tar with gzip, xz, bzip2 or zstd) with the name `NAME-VERSION` or
/// `NAME`, or the source package itself, `NAME-VERSION-RELEASE.src.rpm`, of which the archives are read. The name with a version comes
/// before the one without, and a folder before an archive before a source package. What is called `NAME` gives components and no lists,
/// since it may be of another version. The lock files of each are read by [`Sources`]; `found_in` is the file, relative to `dir`. Links are
/// left out, and what has the name of no package is a problem; so is what cannot be read, of which nothing is taken.
///
/// # Errors
/// When `dir` cannot be listed.
pub fn add_sources(inventory: &mut Inventory, dir: impl AsRef<Path>) -> Result<(), InventoryError> {
    let dir = dir.as_ref();
    let mut found = list(dir).map_err(|e| InventoryError::read(dir, e))?;
    let names = |package: &crate::SourcePackage| [format!("{}-{}", package.name, package.evr.version), package.name.clone()];
    let read: Vec<Option<(&Found, Result<LockFile, Unread>)>> = inventory
        .packages
        .par_iter()
        .map(|package| {
            let (place, sources) = names(package).iter().enumerate().find_map(|(place, name)| Some((place, found.get(name)?)))?;
            let mut read = sources.read(dir, &package.evr.version);
            if let (Ok(lock_file), 1..) = (&mut read, place) {
                // What has no version in its name may be of another version, of which a list tells nothing.
                lock_file.lists.clear();
            }
            Some((sources, read))
        })
        .collect();
    let mut problems = Vec::new();
    let mut problem =
        |file: &str, message: String| problems.push(Problem { kind: ProblemKind::Part, file: file.to_owned(), line: None, message });
    for (package, read) in inventory.packages.iter_mut().zip(read) {
        let Some((Found { file, .. }, read)) = read else { continue };
        let lock_file = match read {
            Ok(lock_file) => lock_file,
            Err(e) => {
                problem(file, format!("not looked into: {e}"));
                continue;
            }
        };
        for mut component in lock_file.components {
            component.found_in = format!("{file}/{}", component.found_in);
            package.components.push(component);
        }
        package.components.sort();
        package.components.dedup();
        let lists = lock_file.lists.into_iter();
        package.lists.extend(lists.map(|list| ComponentList { found_in: format!("{file}/{}", list.found_in), ..list }));
        package.lists.sort();
        inventory.problems.extend(lock_file.problems.into_iter().map(|p| Problem { file: format!("{file}/{}", p.file), ..p }));
    }
    for name in inventory.packages.iter().flat_map(names) {
        found.remove(&name);
    }
    for Found { file, .. } in found.values() {
        problem(file, "no package is called so; name it NAME or NAME-VERSION of a source package".to_owned());
    }
    inventory.problems.append(&mut problems);
    inventory.problems.sort();
    inventory.problems.dedup();
    Ok(())
}

/// The sources in a folder, by the names of packages that they go by.
fn list(dir: &Path) -> std::io::Result<BTreeMap<String, Found>> {
    let mut found: Vec<(Form, String, String)> = Vec::new();
    for entry in std::fs::read_dir(dir)?.flatten() {
        let (Ok(file), Ok(kind)) = (entry.file_name().into_string(), entry.file_type()) else { continue };
        let (form, name) = if kind.is_dir() {
            (Form::Folder, Some(file.as_str()))
        } else if let Some(package) = file.strip_suffix(".src.rpm") {
            (Form::SourcePackage, package.rsplit_once('-').map(|(name, _)| name))
        } else {
            (Form::Archive, without_ending(&file))
        };
        let name = name.filter(|name| !name.starts_with('.') && (kind.is_dir() || kind.is_file())).map(str::to_owned);
        found.extend(name.map(|name| (form, name, file)));
    }
    found.sort();
    let mut out = BTreeMap::new();
    for (form, name, file) in found {
        out.entry(name).or_insert(Found { file, form });
    }
    Ok(out)
}
