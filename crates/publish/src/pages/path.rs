use std::fmt::Write as _;

use seaworthy_model::CveId;

use crate::Advisory;
use crate::formats::{openvex, osv, paths};

/// The page of an advisory, from the root of the site.
#[must_use]
pub fn advisory(advisory: &Advisory) -> String {
    format!("advisory/{}/{}.html", advisory.year(), stem(&advisory.id))
}

/// The page of a CVE, from the site's root.
#[must_use]
pub fn cve(cve: CveId) -> String {
    format!("cve/{}/{cve}.html", cve.year())
}

/// The page of a source package, from the site's root.
#[must_use]
pub fn package(name: &str) -> String {
    let stem = stem(name);
    let first = stem.bytes().next().filter(u8::is_ascii_alphanumeric).map_or('_', |b| char::from(b.to_ascii_lowercase()));
    format!("package/{first}/{stem}.html")
}

/// The page of an image, from the site's root.
#[must_use]
pub fn image(version: &str) -> String {
    format!("image/{}.html", stem(version))
}

/// The list of a year's advisories, from the site's root.
#[must_use]
pub fn list(year: u32) -> String {
    format!("list/{year}.html")
}

/// A name as a file name. Letters, digits and `.`, `_`, `+`, `-` stay; every other byte, and a dot at the beginning, becomes `=` and two
/// hexadecimal digits, so that no name leaves its folder, and no two names share a file. A longer file name is cut at 200 bytes, though,
/// and may be shared.
pub(super) fn stem(name: &str) -> String {
    let mut out = String::with_capacity(name.len());
    for (at, byte) in name.bytes().enumerate() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'+' | b'-') || (byte == b'.' && at > 0) {
            out.push(char::from(byte));
        } else {
            let _ = write!(out, "={byte:02X}");
        }
        // File systems take 255 bytes at most.
        if out.len() >= 200 {
            break;
        }
    }
    if out.is_empty() {
        out.push('_');
    }
    out
}

/// A path in a link, with `+` escaped, which some servers read as a blank.
pub(super) fn link(path: &str) -> String {
    path.replace('+', "%2B")
}

/// The documents for programs that are published on one advisory, as name and path from the root of the site.
pub(super) fn documents(advisory: &Advisory) -> Vec<(&'static str, String)> {
    let mut out = vec![("JSON", paths::json(advisory)), ("CSAF security advisory", paths::csaf(advisory))];
    if osv::has_record(advisory) {
        out.push(("OSV", paths::osv(advisory)));
    }
    out.extend(cve_documents(advisory.cve, &[advisory]));
    out
}

/// The documents for programs that are published on one CVE, as name and path from the root of the site. That the others of its advisories
/// have a document is not asked here.
pub(super) fn cve_documents(cve: CveId, advisories: &[&Advisory]) -> Vec<(&'static str, String)> {
    let mut out = vec![("CSAF VEX", paths::vex(cve))];
    if openvex::has_document(advisories) {
        out.push(("OpenVEX", paths::openvex(cve)));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn plain_names_stay_as_they_are() {
        assert_eq!(package("openssl"), "package/o/openssl.html");
        assert_eq!(package("GConf2"), "package/g/GConf2.html");
        assert_eq!(package("libsigc++20"), "package/l/libsigc++20.html");
        assert_eq!(link("package/l/libsigc++20.html"), "package/l/libsigc%2B%2B20.html");
        assert_eq!(image("202608.20.0"), "image/202608.20.0.html");
        assert_eq!(package("../x"), "package/_/=2E.=2Fx.html");
    }

    proptest! {
        #[test]
        fn no_name_leaves_its_folder(name in "\\PC{0,80}") {
            let path = package(&name);
            prop_assert_eq!(path.split('/').count(), 3);
            prop_assert!(path.split('/').all(|part| !part.starts_with('.') && part.len() < 255));
            prop_assert!(path.bytes().all(|b| b.is_ascii_graphic() && !matches!(b, b'%' | b'?' | b'#' | b'"' | b'\\' | b':')));
        }

        #[test]
        fn two_names_are_two_files(a in "[a.=~é/+_-]{0,12}", b in "[a.=~é/+_-]{0,12}") {
            prop_assume!(!a.is_empty() && !b.is_empty() && a != b);
            prop_assert_ne!(stem(&a), stem(&b));
        }
    }
}
