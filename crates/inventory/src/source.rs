//! The sources of an inventory, and one function that reads any of them.

use std::fmt;
use std::path::{Path, PathBuf};

use seaworthy_host::http;
use seaworthy_model::text::masked;

use crate::git::repository_of;
use crate::load::MAX_BYTES;
use crate::{
    Inventory, InventoryError, SpecOptions, add_sources, attribute, read_image_notes, read_nevra_list, read_packages_file, read_repository,
    read_repository_with, read_root, read_rpm_files, read_sbom, read_spec_tree,
};

/// The thing to be read into an inventory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// A packages file.
    Packages(PathBuf),
    /// The notes of node images, of which one image is read.
    ImageNotes {
        /// The file of notes.
        notes: PathBuf,
        /// The version of the image; `None` for the newest.
        image: Option<String>,
        /// A packages file that names the source packages of the image's binaries.
        packages: Option<PathBuf>,
    },
    /// A tree of spec files.
    SpecTree {
        /// A folder, or `GIT_DIR@REVISION`.
        at: String,
        /// The value of `%{dist}`; `None` to take that of the tree.
        dist: Option<String>,
        /// Whether `rpmspec` is asked for specs with macros that the reader cannot know. A spec can run commands then.
        rpmspec: bool,
    },
    /// An RPM repository in a folder.
    Repository(PathBuf),
    /// An RPM repository at an http or https address.
    RepositoryAt(String),
    /// A root filesystem with an RPM database.
    Root(PathBuf),
    /// RPM files.
    Rpms(Vec<PathBuf>),
    /// A list of NEVRAs.
    Nevras(PathBuf),
    /// A CycloneDX or SPDX document.
    Sbom(PathBuf),
    /// Any of these, with the sources of its packages.
    WithSources {
        /// The packages.
        of: Box<Self>,
        /// The folder of sources, one for each package, whose lock files name components.
        sources: PathBuf,
    },
}

impl Source {
    /// The repository in a folder, or at an address that starts with `http://` or `https://`.
    #[must_use]
    pub fn repository(at: &str) -> Self {
        let begins = |scheme: &str| at.get(..scheme.len()).is_some_and(|start| start.eq_ignore_ascii_case(scheme));
        if begins("http://") || begins("https://") { Self::RepositoryAt(at.to_owned()) } else { Self::Repository(at.into()) }
    }

    /// A release: a packages file, an RPM repository (a folder with `repodata`, or an http or https address), a folder of specs, or
    /// `GIT_DIR@REVISION`.
    #[must_use]
    pub fn release(at: &str) -> Self {
        let repository = Self::repository(at);
        if matches!(repository, Self::RepositoryAt(_)) || Path::new(at).join("repodata").is_dir() {
            return repository;
        }
        if Path::new(at).is_file() {
            return Self::Packages(at.into());
        }
        Self::SpecTree { at: at.to_owned(), dist: None, rpmspec: false }
    }
}

impl Source {
    /// What names the packages, without the sources beside it.
    #[must_use]
    pub fn of_packages(&self) -> &Self {
        match self {
            Self::WithSources { of, .. } => of.of_packages(),
            source => source,
        }
    }

    /// The folder of the checkout in which the files of the source's packages lie, with `/` at its end; empty where it is the root of the
    /// checkout, or outside of every one. The checkout is the git repository that the current folder is in, else the one that the source is
    /// in, else the current folder itself.
    #[must_use]
    pub fn folder_in_checkout(&self) -> String {
        let Some(folder) = self.folder().and_then(|folder| folder.canonicalize().ok()) else { return String::new() };
        let current = std::env::current_dir().and_then(|at| at.canonicalize()).ok();
        let of_current = current.as_deref().and_then(repository_of).or(current);
        let mut roots = of_current.into_iter().chain(repository_of(&folder));
        let below = roots.find_map(|root| Some(folder.strip_prefix(root).ok()?.to_owned()));
        let parts = below.iter().flat_map(|path| path.components());
        parts.map(|part| format!("{}/", part.as_os_str().to_string_lossy())).collect()
    }

    /// The folder to which the files of its packages are relative; `None` where they are in a revision, at an address, or named by a file.
    fn folder(&self) -> Option<PathBuf> {
        let above = |file: &Path| Some(file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new(".")).to_owned());
        match self {
            Self::SpecTree { at, .. } => Some(PathBuf::from(at)),
            Self::Repository(folder) | Self::Root(folder) => Some(folder.clone()),
            Self::ImageNotes { notes: file, .. } | Self::Nevras(file) | Self::Sbom(file) => above(file),
            Self::Rpms(files) => {
                let first = above(files.first()?);
                first.filter(|first| files.iter().all(|file| above(file).as_ref() == Some(first)))
            }
            Self::WithSources { of, .. } => of.folder(),
            Self::Packages(_) | Self::RepositoryAt(_) => None,
        }
    }
}

/// Reads a source.
///
/// # Errors
/// When the source cannot be read at all; a package that cannot be read is a problem of the inventory only.
pub fn read(source: &Source) -> Result<Inventory, InventoryError> {
    let mut inventory = read_all(source)?;
    inventory.leave_out_unfit();
    Ok(inventory)
}

fn read_all(source: &Source) -> Result<Inventory, InventoryError> {
    match source {
        Source::Packages(path) => read_packages_file(path),
        Source::ImageNotes { notes, image, packages } => {
            let mut inventory = read_image_notes(notes, image.as_deref())?;
            if let Some(packages) = packages {
                attribute(&mut inventory, &read_packages_file(packages)?);
            }
            Ok(inventory)
        }
        Source::SpecTree { at, dist, rpmspec } => {
            read_spec_tree(at, &SpecOptions { rpmspec: *rpmspec, dist: dist.clone(), ..SpecOptions::default() })
        }
        Source::Repository(path) => read_repository(path),
        Source::RepositoryAt(url) => {
            let base = http::parse(url)?;
            let client = http::Client::new(http::Options::default())?;
            read_repository_with(&masked(url), &|file| Ok(client.get(&http::below(&base, file), MAX_BYTES)?))
        }
        Source::Root(path) => read_root(path),
        Source::Rpms(paths) => read_rpm_files(paths),
        Source::Nevras(path) => read_nevra_list(path),
        Source::Sbom(path) => read_sbom(path),
        Source::WithSources { of, sources } => {
            let mut inventory = read_all(of)?;
            add_sources(&mut inventory, sources)?;
            Ok(inventory)
        }
    }
}

/// The words for the source in the log: equal sources have equal words.
impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path = |f: &mut fmt::Formatter<'_>, name: &str, path: &Path| write!(f, "{name} {}", path.display());
        match self {
            Self::Packages(at) => path(f, "packages", at),
            Self::ImageNotes { notes, image, packages } => {
                path(f, "image-notes", notes)?;
                image.iter().try_for_each(|image| write!(f, ", image {image}"))?;
                packages.iter().try_for_each(|at| path(f, ", packages", at))
            }
            Self::SpecTree { at, .. } => write!(f, "spec-tree {at}"),
            Self::Repository(at) => path(f, "repository", at),
            Self::RepositoryAt(url) => write!(f, "repository {}", masked(url)),
            Self::Root(at) => path(f, "root", at),
            Self::Rpms(paths) => {
                f.write_str("rpm")?;
                paths.iter().try_for_each(|at| write!(f, " {}", at.display()))
            }
            Self::Nevras(at) => path(f, "nevras", at),
            Self::Sbom(at) => path(f, "sbom", at),
            Self::WithSources { of, sources } => {
                of.fmt(f)?;
                path(f, ", sources", sources)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_files_of_a_source_lie_below_a_folder_of_the_checkout() {
        let checkout = tempfile::tempdir().unwrap();
        let at = |path: &str| checkout.path().join(path);
        for folder in [".git", "specs/curl", "images"] {
            std::fs::create_dir_all(at(folder)).unwrap();
        }
        let tree = |at: PathBuf| Source::SpecTree { at: at.display().to_string(), dist: None, rpmspec: false };
        let rows = [
            ("a spec tree", tree(at("specs")), "specs/"),
            ("the checkout itself", tree(checkout.path().to_owned()), ""),
            ("a file in a folder", Source::Nevras(at("images/list.txt")), "images/"),
            ("RPM files of one folder", Source::Rpms(vec![at("images/a.rpm"), at("images/b.rpm")]), "images/"),
            ("of several", Source::Rpms(vec![at("images/a.rpm"), at("specs/b.rpm")]), ""),
            ("a packages file, which names the files itself", Source::Packages(at("images/p.json")), ""),
            ("a revision, whose files are those of the repository", tree(at("specs@HEAD")), ""),
            ("outside of every checkout", Source::Root(std::env::temp_dir()), ""),
        ];
        seaworthy_testing::hold(rows.into_iter().map(|(why, source, expected)| (why, expected.to_owned(), source.folder_in_checkout())));
    }

    #[test]
    fn a_source_has_words_that_name_it() {
        let spec_tree = || Source::SpecTree { at: "specs@main".into(), dist: None, rpmspec: false };
        let with_sources = |of: Source| Source::WithSources { of: Box::new(of), sources: "src".into() };
        for (source, words) in [
            (Source::Packages("p.json".into()), "packages p.json"),
            (
                Source::ImageNotes { notes: "n.jsonl".into(), image: Some("1.2".into()), packages: Some("p.json".into()) },
                "image-notes n.jsonl, image 1.2, packages p.json",
            ),
            (spec_tree(), "spec-tree specs@main"),
            (with_sources(spec_tree()), "spec-tree specs@main, sources src"),
            (with_sources(Source::Packages("p.json".into())), "packages p.json, sources src"),
            (Source::RepositoryAt("https://a.example/".into()), "repository https://a.example/"),
            (Source::Rpms(vec!["a.rpm".into(), "b.rpm".into()]), "rpm a.rpm b.rpm"),
        ] {
            assert_eq!(source.to_string(), words);
        }
    }
}
