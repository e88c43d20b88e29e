use std::collections::HashMap;
use std::fs::File;
use std::path::{Path, PathBuf};

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_encode};
use rusqlite::{Connection, OpenFlags};
use seaworthy_model::compare_evr;
use seaworthy_packages::rpm::Header;

use crate::built::{Built, group};
use crate::from_header::FromHeader;
use crate::go_buildinfo::read_build_info;
use crate::load::{MAX_BYTES, read_limited};
use crate::root::{each_executable, inside};
use crate::{Image, Inventory, InventoryError, Problem, ndb_headers};

const FOLDERS: [&str; 2] = ["usr/lib/sysimage/rpm", "var/lib/rpm"];
/// A smaller program has no Go runtime in it.
const LEAST_PROGRAM: u64 = 4096;

/// The packages being collected, and which of them owns a file.
#[derive(Default)]
struct Collected {
    built: Vec<Built>,
    owners: HashMap<String, usize>,
    problems: Vec<Problem>,
}

impl Collected {
    fn add(&mut self, blob: &[u8], file: &str, number: impl std::fmt::Display) {
        let read = Header::from_blob(blob).and_then(|header| FromHeader::read(&header).map(|found| (header, found)));
        let problem = |message: String| Problem { file: file.to_owned(), line: None, message };
        match read {
            // The signing keys are kept as packages.
            Ok((_, found)) if found.built.name == "gpg-pubkey" => {}
            Ok((header, mut found)) => {
                file.clone_into(&mut found.built.found_in);
                let at = self.built.len();
                self.owners.extend(found.paths(&header).iter().map(|path| (usr_merged(path), at)));
                let FromHeader { built, faults } = found;
                self.problems.extend(faults.iter().map(|fault| problem(format!("package {number}, {}: {fault}", built.name))));
                self.built.push(built);
            }
            Err(e) => self.problems.push(problem(format!("package {number} left out: the header {e}"))),
        }
    }
}

/// Reads a root filesystem: its RPM database, its os-release, and the Go build information of its programs.
///
/// The database is looked for under `usr/lib/sysimage/rpm` and `var/lib/rpm`: `rpmdb.sqlite`, then `Packages.db` (ndb). It is
/// opened for reading only; one with a write-ahead log is copied to a temporary folder first, so that nothing in the root
/// changes. Links are followed inside the root only. Binaries are grouped by their source RPM. Components of Go programs go
/// to the package that owns the file; programs that no package owns are [`Problem`]s.
///
/// # Errors
/// When there is no database, it is a Berkeley DB (the message says how to convert it), or it cannot be read at all. A header
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
            Err(e) => out.problems.push(Problem { file: name.to_owned(), line: None, message: format!("left out: {e}") }),
        }
    }
    out.sort();
    Ok(out)
}

fn read_database(root: &Path, all: &mut Collected) -> Result<(), InventoryError> {
    let find = |folder: &str, file: &str| -> Result<Option<PathBuf>, InventoryError> {
        let name = format!("{folder}/{file}");
        Ok(inside(root, &name).map_err(|e| InventoryError::read(root.join(&name), e))?.filter(|p| p.is_file()))
    };
    for folder in FOLDERS {
        if let Some(path) = find(folder, "rpmdb.sqlite")? {
            let log = find(folder, "rpmdb.sqlite-wal")?;
            return read_sqlite(&path, log.as_deref(), &format!("{folder}/rpmdb.sqlite"), all);
        }
        if let Some(path) = find(folder, "Packages.db")? {
            let bytes = read_limited(&path, MAX_BYTES)?;
            let name = format!("{folder}/Packages.db");
            for (at, blob) in ndb_headers(&bytes).map_err(|e| InventoryError::format(&path, e))?.into_iter().enumerate() {
                match blob {
                    Ok(blob) => all.add(blob, &name, at + 1),
                    Err(message) => all.problems.push(Problem { file: name.clone(), line: None, message }),
                }
            }
            return Ok(());
        }
    }
    for folder in FOLDERS {
        if let Some(path) = find(folder, "Packages")? {
            let message = "a Berkeley DB of rpm before 4.16, which is not read here; convert a copy of the root with \
                           `rpmdb --root ROOT --rebuilddb` of an rpm whose backend is sqlite (`rpm --root ROOT --rebuilddb --define \
                           '_db_backend sqlite'`), or give the output of `rpm -qa` as a package list";
            return Err(InventoryError::format(path, message));
        }
    }
    let message =
        format!("no RPM database under {} (rpmdb.sqlite or Packages.db); is this the root of an RPM system?", FOLDERS.join(" or "));
    Err(InventoryError::format(root, message))
}

fn read_sqlite(path: &Path, log: Option<&Path>, name: &str, all: &mut Collected) -> Result<(), InventoryError> {
    let copy;
    let size = |p: &Path| p.metadata().map_or(0, |m| m.len());
    let (place, immutable) = match log.filter(|l| size(l) > 0) {
        None => (path, true),
        // The newest packages stand in the log only, and reading it needs files beside it: work on a copy.
        Some(log) => {
            if size(path).saturating_add(size(log)) > MAX_BYTES {
                return Err(InventoryError::format(path, format!("larger than the limit of {MAX_BYTES} bytes; refused")));
            }
            let dir = tempfile::tempdir().map_err(|e| InventoryError::read(std::env::temp_dir(), e))?;
            let place = dir.path().join("rpmdb.sqlite");
            std::fs::copy(path, &place).map_err(|e| InventoryError::read(path, e))?;
            std::fs::copy(log, dir.path().join("rpmdb.sqlite-wal")).map_err(|e| InventoryError::read(log, e))?;
            copy = (dir, place);
            (copy.1.as_path(), false)
        }
    };
    let broken = |e: rusqlite::Error| {
        InventoryError::format(
            path,
            format!("the RPM database cannot be read: {e}; check it with `rpmdb --verifydb`, mend it with `rpmdb --rebuilddb`"),
        )
    };
    let connection = open(place, immutable).map_err(broken)?;
    let mut query = connection.prepare("SELECT hnum, blob FROM Packages ORDER BY hnum").map_err(broken)?;
    let mut rows = query.query([]).map_err(broken)?;
    while let Some(row) = rows.next().map_err(broken)? {
        let number: i64 = row.get(0).map_err(broken)?;
        match row.get_ref(1).map_err(broken)?.as_blob() {
            Ok(blob) => all.add(blob, name, number),
            Err(e) => all.problems.push(Problem { file: name.to_owned(), line: None, message: format!("package {number} left out: {e}") }),
        }
    }
    Ok(())
}

/// What has a meaning of its own in the path of an address.
const IN_PATH: &AsciiSet = &NON_ALPHANUMERIC.remove(b'/').remove(b'-').remove(b'_').remove(b'.');

fn open(path: &Path, immutable: bool) -> rusqlite::Result<Connection> {
    use std::os::unix::ffi::OsStrExt;
    let mut uri = format!("file:{}", percent_encode(path.as_os_str().as_bytes(), IN_PATH));
    let mut flags = OpenFlags::SQLITE_OPEN_URI | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    if immutable {
        // No locks and no files beside it: the root may be read-only, or another's.
        uri.push_str("?immutable=1");
        flags |= OpenFlags::SQLITE_OPEN_READ_ONLY;
    } else {
        flags |= OpenFlags::SQLITE_OPEN_READ_WRITE;
    }
    let connection = Connection::open_with_flags(uri, flags)?;
    // The database is hostile until read: no functions out of its schema, and cells are checked.
    connection.execute_batch("PRAGMA trusted_schema=OFF; PRAGMA cell_size_check=ON; PRAGMA query_only=ON;")?;
    Ok(connection)
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
    problems.extend(unowned.into_iter().map(|(file, message)| Problem { file, line: None, message }));
    problems.extend(failed.into_iter().map(|message| Problem {
        file: String::new(),
        line: None,
        message: format!("not looked into: {message}"),
    }));
}

/// The path after the merge of /bin, /sbin and /lib into /usr: packages may still list the old one.
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
