//! The paths of a package's files in its header: names, and the folders that several share.

use super::header::{Header, HeaderError, text};
use super::limits::Limits;
use super::tag::Tag;

/// The greatest length of a path in bytes: PATH_MAX of Linux. A hostile header could pair one long folder with a million names.
const MAX_PATH: usize = 4096;

impl Header<'_> {
    /// The full paths of the files that the package owns, in the header's order.
    ///
    /// # Errors
    /// When names and folders cannot be read or do not fit each other, or exceed a limit.
    pub fn paths(&self, limits: &Limits) -> Result<Vec<String>, HeaderError> {
        let names = self.strings(Tag::BASENAMES, limits.files)?;
        if names.is_empty() {
            return Ok(self.strings(Tag::OLDFILENAMES, limits.files)?.into_iter().map(text).collect());
        }
        let folders: Vec<String> = self.strings(Tag::DIRNAMES, limits.files)?.into_iter().map(text).collect();
        let indexes = self.numbers(Tag::DIRINDEXES, limits.files)?;
        HeaderError::unless_equal((Tag::BASENAMES, names.len()), (Tag::DIRINDEXES, indexes.len()))?;
        let mut paths = Vec::with_capacity(names.len());
        let mut total = 0usize;
        for (name, index) in names.into_iter().zip(indexes) {
            let unfit = |what: String| HeaderError::Unfit { tag: Tag::DIRINDEXES, what };
            let folder = usize::try_from(index).ok().and_then(|i| folders.get(i));
            let folder = folder.ok_or_else(|| unfit(format!("a file lies in folder number {index} of {}", folders.len())))?;
            let path = folder.clone() + &text(name);
            total += path.len();
            if path.len() > MAX_PATH || total > limits.paths {
                let found = format!("a path of {} bytes, and {total} bytes of paths", path.len());
                return Err(unfit(format!("{found}; at most {MAX_PATH} and {} are read", limits.paths)));
            }
            paths.push(path);
        }
        Ok(paths)
    }
}
