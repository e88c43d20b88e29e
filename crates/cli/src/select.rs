//! From the command line's selector to an inventory.

use anyhow::{Context, bail};
use seaworthy_intelligence::fetch::{Client, Location, Options};
use seaworthy_inventory::{
    Inventory, InventoryError, SpecOptions, add_sources, attribute, read_history, read_image_notes, read_nevra_list, read_packages_file,
    read_repository, read_repository_with, read_root, read_rpm_files, read_sbom, read_spec_tree,
};

use crate::args::Selector;

impl Selector {
    /// The selector in words, which name it in the ledger.
    pub(crate) fn text(&self) -> String {
        let mut parts = Vec::new();
        let mut part = |name: &str, value: Option<String>| parts.extend(value.map(|v| format!("{name} {v}")));
        let path = |p: &Option<std::path::PathBuf>| p.as_ref().map(|p| p.display().to_string());
        part("image-notes", path(&self.image_notes));
        part("image", self.image.clone());
        part("packages", path(&self.packages));
        part("spec-tree", self.spec_tree.clone());
        part("sources", path(&self.sources));
        part("repository", self.repository.clone());
        part("root", path(&self.root));
        part("rpm", (!self.rpm.is_empty()).then(|| self.rpm.iter().map(|p| p.display().to_string()).collect::<Vec<_>>().join(" ")));
        part("nevras", path(&self.nevras));
        part("sbom", path(&self.sbom));
        part("history", path(&self.history));
        parts.join(", ")
    }

    /// Reads what was selected. `as_of` hides history of a later day.
    pub(crate) fn read(&self, as_of: Option<&str>) -> anyhow::Result<Inventory> {
        let chosen = [
            self.image_notes.is_some(),
            self.packages.is_some() && self.image_notes.is_none(),
            self.spec_tree.is_some(),
            self.repository.is_some(),
            self.root.is_some(),
            !self.rpm.is_empty(),
            self.nevras.is_some(),
            self.sbom.is_some(),
        ];
        match chosen.iter().filter(|c| **c).count() {
            0 => bail!(
                "nothing to look at: give one of --packages, --spec-tree, --image-notes, --repository, --root, --rpm, --nevras or --sbom"
            ),
            1 => {}
            _ => bail!(
                "more than one thing to look at: --packages, --spec-tree, --image-notes, --repository, --root, --rpm, --nevras and --sbom exclude each other (only --image-notes takes --packages beside it)"
            ),
        }
        let mut inventory = self.read_source()?;
        if let Some(path) = &self.sources {
            add_sources(&mut inventory, path).context("while reading unpacked sources")?;
        }
        if let Some(path) = &self.history {
            let history = read_history(path).context("while reading the history of fixes")?;
            history.apply(&mut inventory, as_of);
        }
        Ok(inventory)
    }

    fn read_source(&self) -> anyhow::Result<Inventory> {
        if let Some(notes) = &self.image_notes {
            let mut image = read_image_notes(notes, self.image.as_deref()).context("while reading the image notes")?;
            if let Some(packages) = &self.packages {
                let packages = read_packages_file(packages).context("while reading the packages file")?;
                attribute(&mut image, &packages);
            }
            return Ok(image);
        }
        let read = if let Some(path) = &self.packages {
            read_packages_file(path)
        } else if let Some(at) = &self.spec_tree {
            read_spec_tree(at, &SpecOptions { rpmspec: self.rpmspec, dist: self.dist.clone(), ..SpecOptions::default() })
        } else if let Some(at) = &self.repository {
            match Location::of(at) {
                Location::Path(path) => read_repository(path),
                Location::Url(url) => {
                    let client = Client::new(Options::default())?;
                    read_repository_with(&url, &|file| client.get_below(&url, file).map_err(|e| InventoryError::Fetch(e.into())))
                }
            }
        } else if let Some(path) = &self.root {
            read_root(path)
        } else if !self.rpm.is_empty() {
            read_rpm_files(&self.rpm)
        } else if let Some(path) = &self.nevras {
            read_nevra_list(path)
        } else if let Some(path) = &self.sbom {
            read_sbom(path)
        } else {
            bail!("nothing to look at")
        };
        read.context("while reading what is shipped")
    }
}
