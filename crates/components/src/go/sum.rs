//! A go.sum.

use super::syntax::lines;
use crate::list::List;

/// Adds the modules of a go.sum whose content was fetched; lines for go.mod files alone do not count. Older versions of a module stay in
/// the file. Format: <https://go.dev/ref/mod#go-sum-files>.
pub(super) fn go_sum(bytes: &[u8], list: &mut List) {
    for (at, line) in lines(list.text(bytes).unwrap_or_default()) {
        match line.split_whitespace().collect::<Vec<_>>().as_slice() {
            [_, version, _] if version.ends_with("/go.mod") => {}
            [name, version, _] => list.add(name, Some(version)),
            _ => list.problem(Some(at), "not a line of module, version and hash; left out"),
        }
    }
}
