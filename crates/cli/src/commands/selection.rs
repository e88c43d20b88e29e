//! The inventory that several commands read, and how it is judged.

use std::path::PathBuf;

use clap::Args;
use jiff::civil::Date;
use seaworthy_pipeline::{Judging, Selection, Source};

use crate::error::CommandError;

const ONE_OF: &str = "--packages, --spec-tree, --image-notes, --repository, --root, --rpm, --nevras";

/// The inventory: exactly one source, with additions.
#[derive(Clone, Debug, Default, Args)]
pub(crate) struct Selector {
    /// A packages file (JSON, may be gzipped). With --image-notes it names the source packages of the image's binaries.
    #[arg(long, value_name = "FILE")]
    packages: Option<PathBuf>,
    /// A history of fixes (CSV, may be gzipped: package,cve,evr,date,kind).
    #[arg(long, value_name = "FILE")]
    history: Option<PathBuf>,
    /// The notes of node images (JSON lines, may be gzipped).
    #[arg(long, value_name = "FILE")]
    image_notes: Option<PathBuf>,
    /// The version of the image in the notes; the newest without it.
    #[arg(long, value_name = "VERSION", requires = "image_notes")]
    image: Option<String>,
    /// A tree of spec files: a folder, or GIT_DIR@REVISION.
    #[arg(long, value_name = "DIR[@REVISION]")]
    spec_tree: Option<String>,
    /// With --spec-tree: the value of %{dist}.
    #[arg(long, value_name = "DIST", requires = "spec_tree")]
    dist: Option<String>,
    /// With --spec-tree: run `rpmspec` for specs with macros that cannot be read without running them.
    #[arg(long, requires = "spec_tree")]
    rpmspec: bool,
    /// A folder of sources beside what is named: for each source package a folder or an archive called NAME or NAME-VERSION, or its
    /// .src.rpm, whose lock files name components.
    #[arg(long, value_name = "DIR")]
    sources: Option<PathBuf>,
    /// An RPM repository: the folder that has repodata, or its http or https address.
    #[arg(long, value_name = "DIR|URL")]
    repository: Option<String>,
    /// A root filesystem with an RPM database.
    #[arg(long, value_name = "DIR")]
    root: Option<PathBuf>,
    /// RPM files.
    #[arg(long, value_name = "FILE", num_args = 1..)]
    rpm: Vec<PathBuf>,
    /// A file with a list of packages, one NAME-VERSION-RELEASE.ARCH a line.
    #[arg(long, value_name = "FILE")]
    nevras: Option<PathBuf>,
    /// A CycloneDX or SPDX document (JSON).
    #[arg(long, value_name = "FILE")]
    sbom: Option<PathBuf>,
}

impl Selector {
    /// The only source that was named, with its additions.
    pub(super) fn selection(&self) -> Result<Selection, CommandError> {
        let none = || CommandError::usage(format_args!("nothing to look at: give one of {ONE_OF} or --sbom"));
        self.named()?.ok_or_else(none)
    }

    /// The same; `None` where no source was named.
    pub(super) fn named(&self) -> Result<Option<Selection>, CommandError> {
        let notes =
            self.image_notes.clone().map(|notes| Source::ImageNotes { notes, image: self.image.clone(), packages: self.packages.clone() });
        let packages = self.packages.clone().filter(|_| notes.is_none()).map(Source::Packages);
        let spec_tree = self.spec_tree.clone().map(|at| Source::SpecTree { at, dist: self.dist.clone(), rpmspec: self.rpmspec });
        let named = [
            notes,
            packages,
            spec_tree,
            self.repository.as_deref().map(Source::repository),
            self.root.clone().map(Source::Root),
            (!self.rpm.is_empty()).then(|| Source::Rpms(self.rpm.clone())),
            self.nevras.clone().map(Source::Nevras),
            self.sbom.clone().map(Source::Sbom),
        ];
        let mut named = named.into_iter().flatten();
        match (named.next(), named.next()) {
            (Some(source), None) => {
                let source = match self.sources.clone() {
                    Some(sources) => Source::WithSources { of: Box::new(source), sources },
                    None => source,
                };
                Ok(Some(Selection { source, history: self.history.clone() }))
            }
            (None, _) if self.sources.is_some() => {
                Err(CommandError::usage(format_args!("--sources names the sources of packages: give one of {ONE_OF} or --sbom beside it")))
            }
            (None, _) => Ok(None),
            (Some(_), Some(_)) => Err(CommandError::usage(format_args!(
                "more than one thing to look at: {ONE_OF} and --sbom exclude each other (only --image-notes takes --packages beside it)"
            ))),
        }
    }
}

#[derive(Clone, Debug, Args)]
pub(crate) struct JudgingArgs {
    /// Leave out records and changelog entries of a later day.
    #[arg(long, value_name = "YYYY-MM-DD", value_parser = parse_day)]
    as_of: Option<Date>,
    /// A table of names and products, whose lines replace those of the built-in one.
    #[arg(long, value_name = "FILE")]
    products: Option<PathBuf>,
}

impl JudgingArgs {
    pub(super) fn judging(&self) -> Judging {
        Judging { as_of: self.as_of, products: self.products.clone() }
    }
}

fn parse_day(text: &str) -> Result<Date, String> {
    text.parse().map_err(|_| "write a day, YYYY-MM-DD".to_owned())
}
