use std::fs::File;
use std::io::{BufReader, Read};
use std::path::Path;

use crate::packages_file::cves_of_patch;
use crate::primary::{Built, group};
use crate::{Header, Inventory, InventoryError, Patch, Problem};

/// rpm's own limit on a header's data, and on its index.
const MAX_HEADER: usize = (256 << 20) + 16 * 0xffff;

/// What a source package's header says beyond [`Built`]: sources, patches, build requirements.
type SourceParts = (Vec<String>, Vec<String>, Vec<String>);

/// Reads single RPM files: the header of each, not its payload. Binaries are grouped by their source RPM; a source RPM also
/// gives its sources, patches and build requirements.
///
/// Format: lead of 96 bytes, signature header padded to 8 bytes, header. Signatures are not checked here. A file that cannot
/// be read is a [`Problem`].
///
/// # Errors
/// When not one of the files can be read: the first one's error.
pub fn read_rpm_files<P: AsRef<Path>>(paths: &[P]) -> Result<Inventory, InventoryError> {
    let location = paths.first().map_or_else(String::new, |p| p.as_ref().display().to_string());
    let more = if paths.len() > 1 { format!(" and {} more", paths.len() - 1) } else { String::new() };
    let mut out = Inventory::new("RPM files", location + &more);
    let mut built = Vec::new();
    let mut sources: Vec<(String, SourceParts)> = Vec::new();
    let mut first = None;
    for path in paths.iter().map(AsRef::as_ref) {
        match read_one(path) {
            Ok((package, parts)) => {
                sources.extend(parts.map(|parts| (format!("{}-{}-{}", package.name, package.version, package.release), parts)));
                built.push(package);
            }
            Err(e) => {
                out.problems.push(Problem { file: path.display().to_string(), line: None, message: format!("left out: {e}") });
                first.get_or_insert(e);
            }
        }
    }
    if let (true, Some(error)) = (built.is_empty(), first) {
        return Err(error);
    }
    group(built, &mut out);
    for (key, (archives, patches, requires)) in sources {
        let found = out.packages.iter_mut().find(|p| format!("{}-{}-{}", p.name, p.evr.version, p.evr.release) == key);
        let Some(package) = found else { continue };
        package.sources = archives;
        // A header lists the patches; only %prep would tell whether each is applied.
        package.patches = patches.into_iter().map(|file| Patch { cves: cves_of_patch(&file), file, applied: None }).collect();
        package.build_requires = requires;
    }
    out.sort();
    Ok(out)
}

fn read_one(path: &Path) -> Result<(Built, Option<SourceParts>), InventoryError> {
    let mut file = BufReader::new(File::open(path).map_err(|e| InventoryError::read(path, e))?);
    let fail = |message: String| InventoryError::format(path, message);
    let mut lead = [0u8; 96];
    file.read_exact(&mut lead).map_err(|e| InventoryError::read(path, e))?;
    if !lead.starts_with(&[0xed, 0xab, 0xee, 0xdb]) {
        return Err(fail("not an RPM file: it does not start with the lead's mark".to_owned()));
    }
    let signature = section(&mut file, 96).map_err(fail)?;
    let padding = signature.len().next_multiple_of(8) - signature.len();
    file.read_exact(&mut [0u8; 8][..padding]).map_err(|e| InventoryError::read(path, e))?;
    let start = 96 + 8 + signature.len() + padding;
    let bytes = section(&mut file, start).map_err(fail)?;
    let fail = |message: String| InventoryError::format(path, format!("the header at byte {start}: {message}"));
    let header = Header::parse(&bytes).map_err(fail)?;
    let mut built = header.built().map_err(fail)?;
    built.found_in = path.file_name().map_or_else(String::new, |n| n.to_string_lossy().into_owned());
    let parts = (built.arch == "src").then(|| header.source_parts());
    Ok((built, parts))
}

/// One header with its 8-byte mark before it, as the bytes after the mark.
fn section(file: &mut impl Read, at: usize) -> Result<Vec<u8>, String> {
    let mut intro = [0u8; 16];
    file.read_exact(&mut intro).map_err(|e| format!("byte {at}: {e}; the file is cut short"))?;
    let [0x8e, 0xad, 0xe8, 1, _, _, _, _, a, b, c, d, e, f, g, h] = intro else {
        return Err(format!("byte {at}: no header here"));
    };
    let (count, length) = (u32::from_be_bytes([a, b, c, d]) as usize, u32::from_be_bytes([e, f, g, h]) as usize);
    let size = count.saturating_mul(16).saturating_add(length);
    if size > MAX_HEADER {
        return Err(format!("byte {at}: a header of {size} bytes; rpm allows {MAX_HEADER}"));
    }
    let mut out = intro[8..].to_vec();
    // `take` grows the buffer with what is really there: a lie about the length costs nothing.
    file.take(size as u64).read_to_end(&mut out).map_err(|e| format!("byte {at}: {e}"))?;
    if out.len() < size + 8 {
        return Err(format!("byte {at}: the header needs {size} bytes; the file is cut short"));
    }
    Ok(out)
}
