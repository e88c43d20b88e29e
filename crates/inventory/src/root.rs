//! A root filesystem: its installed packages, its os-release, and its programs.

use std::collections::HashMap;
use std::fs::File;
use std::path::Path;

use seaworthy_host::root::inside;
use seaworthy_model::compare_evr;
use seaworthy_packages::rpm::Header;
use seaworthy_packages::rpm::database::{Database, InstalledError};

use crate::built::{Built, group};
use crate::executables::each_executable;
use crate::from_header::FromHeader;
use crate::go_buildinfo::read_build_info;
use crate::load::{MAX_BYTES, read_limited};
use crate::manifest::{MANIFEST, parse_manifest};
use crate::{Image, Inventory, InventoryError, Problem, ProblemKind};

/// The least size of a Go program in bytes; a smaller one has no Go runtime in it.
const LEAST_PROGRAM: u64 = 4096;

/// The packages so far, and the package that owns each file.
#[derive(Default)]
struct Collected {
    built: Vec<Built>,
    owners: HashMap<String, usize>,
    problems: Vec<Problem>,
}

impl Collected {
    fn add(&mut self, header: Result<Header<'_>, InstalledError>, file: &str, number: i64) {
        let read = header.and_then(|header| Ok((FromHeader::read(&header)?, header)));
        let problem = |message: String| Problem { kind: ProblemKind::Part, file: file.to_owned(), line: None, message };
        match read {
            // The signing keys are kept as packages.
            Ok((found, _)) if found.built.name == "gpg-pubkey" => {}
            Ok((mut found, header)) => {
                file.clone_into(&mut found.built.found_in);
                let at = self.built.len();
                self.owners.extend(found.paths(&header).iter().map(|path| (usr_merged(path), at)));
                let FromHeader { built, faults } = found;
                self.problems.extend(faults.iter().map(|fault| problem(format!("package {number}, {}: {fault}", built.name))));
                self.built.push(built);
            }
            Err(e) => self.problems.push(problem(format!("package {number} left out: {e}"))),
        }
    }
}

/// Reads a root filesystem: its RPM database, its os-release, and the Go build information of its programs.
///
/// The database is the first of those in `usr/lib/sysimage/rpm`, `var/lib/rpm` and `usr/share/rpm` that has a package: `rpmdb.sqlite`, or
/// `Packages.db` (ndb). It is opened for reading only; one with a write-ahead log is copied to a temporary folder first, so that nothing in
/// the root changes. Where none has a package, the list of a distroless image (`var/lib/rpmmanifest/container-manifest-2`) is read. Links
/// are followed inside the root only. Binaries are grouped by their source RPM. Components of Go programs go to the package that owns the
/// file; programs that no package owns are [`Problem`]s.
///
/// # Errors
/// When there is neither database nor list, it is a Berkeley DB (the message says how to convert it), or it cannot be read at all. A header
/// that cannot be read is a [`Problem`].
pub fn read_root(dir: impl AsRef<Path>) -> Result<Inventory, InventoryError> {
    let dir = dir.as_ref();
    let root = dir.canonicalize().map_err(|e| InventoryError::read(dir, e))?;
    let mut out = Inventory::new("root filesystem", dir.display().to_string());
    let mut all = Collected::default();
    read_database(&root, &mut all)?;
    scan_programs(&root, &mut all);
    out.problems.append(&mut all.problems);
    let kernels = all.built.iter().filter(|b| b.name == "kernel" || b.name == "kernel-core");
    let kernel = kernels.map(|b| seaworthy_model::Evr::new(b.epoch, &*b.version, &*b.release)).max_by(compare_evr).map(|e| e.to_string());
    group(all.built, &mut out);
    for name in ["etc/os-release", "usr/lib/os-release"] {
        let found = inside(&root, name).map_err(|e| InventoryError::read(root.join(name), e));
        let text = found.and_then(|p| p.filter(|p| p.is_file()).map(|p| read_limited(&p, 1 << 20)).transpose());
        match text {
            Ok(None) => continue,
            Ok(Some(text)) => {
                let image = Image { kernel, ..os_release(&String::from_utf8_lossy(&text)) };
                out.origin.revision.clone_from(&image.os_version);
                out.image = Some(image);
                break;
            }
            Err(e) => {
                out.problems.push(Problem { kind: ProblemKind::Part, file: name.to_owned(), line: None, message: format!("left out: {e}") })
            }
        }
    }
    out.sort();
    Ok(out)
}

fn read_database(root: &Path, all: &mut Collected) -> Result<(), InventoryError> {
    let found = Database::find_all(root);
    for database in found.as_deref().unwrap_or_default() {
        database.each(|number, header| all.add(header, database.name(), number))?;
        if !all.built.is_empty() {
            return Ok(());
        }
    }
    let manifest = inside(root, MANIFEST).map_err(|e| InventoryError::read(root.join(MANIFEST), e))?;
    if let Some(path) = manifest.filter(|path| path.is_file()) {
        all.built = parse_manifest(&read_limited(&path, MAX_BYTES)?, MANIFEST, &mut all.problems)?;
        return Ok(());
    }
    found.map(drop).map_err(InventoryError::from)
}

fn scan_programs(root: &Path, all: &mut Collected) {
    let mut unowned = Vec::new();
    let Collected { built, owners, problems } = all;
    let failed = each_executable(root, |path, place, meta| {
        if meta.len() < LEAST_PROGRAM {
            return;
        }
        let Some(info) = File::open(place).ok().and_then(|file| read_build_info(&file)) else { return };
        let owner = owners.get(&usr_merged(&format!("/{path}"))).and_then(|&at| built.get_mut(at));
        match owner {
            Some(package) => package.components.extend(info.components(&format!("/{path}"))),
            None => {
                let main = info.modules.first().map_or("no module list", |m| m.0.as_str());
                unowned.push((
                    path.to_owned(),
                    format!("a Go program ({main}, {}) that no package owns; its modules are not judged", info.go_version),
                ));
            }
        }
    });
    problems.extend(unowned.into_iter().map(|(file, message)| Problem { kind: ProblemKind::Part, file, line: None, message }));
    problems.extend(failed.into_iter().map(|message| Problem {
        kind: ProblemKind::Part,
        file: String::new(),
        line: None,
        message: format!("not looked into: {message}"),
    }));
}

/// A path after the merge of /bin, /sbin and /lib into /usr, since packages may still list the old one.
fn usr_merged(path: &str) -> String {
    let old = ["/bin/", "/sbin/", "/lib/", "/lib64/"];
    if old.iter().any(|o| path.starts_with(o)) { format!("/usr{path}") } else { path.to_owned() }
}

/// The image that an os-release file describes; `IMAGE_ID` and `IMAGE_VERSION` win over `ID` and `VERSION`.
pub(crate) fn os_release(text: &str) -> Image {
    let value = |wanted: &str| {
        text.lines().find_map(|line| {
            let (key, value) = line.trim().split_once('=')?;
            let value = value.trim();
            let bare = ['"', '\''].iter().find_map(|&q| value.strip_prefix(q)?.strip_suffix(q)).unwrap_or(value);
            (key == wanted && !bare.is_empty()).then(|| bare.to_owned())
        })
    };
    let os_version = value("VERSION");
    Image {
        sku: value("IMAGE_ID").or_else(|| value("ID")).unwrap_or_default(),
        version: value("IMAGE_VERSION").or_else(|| value("VERSION_ID")).or_else(|| os_version.clone()).unwrap_or_default(),
        os_version,
        ..Image::default()
    }
}
