//! Packages as purls (<https://github.com/package-url/purl-spec>, type `rpm`) and ranges of versions as vers
//! (<https://github.com/package-url/vers-spec>, scheme `rpm`).

use std::fmt::Write;

use crate::Distribution;

/// Everything but letters, digits and `.-_~` is percent-encoded; `colon` says whether a colon is, too.
fn encode(out: &mut String, text: &str, colon: bool) {
    for b in text.bytes() {
        if b.is_ascii_alphanumeric() || b".-_~".contains(&b) || (b == b':' && !colon) {
            out.push(char::from(b));
        } else {
            let _ = write!(out, "%{b:02X}");
        }
    }
}

/// How a purl is told apart from others of the package.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Detail {
    /// Its name, and the version where there is one: what matches most.
    Least,
    /// The release line too, and whether it is a source package.
    Most {
        /// Whether it is the source package.
        source: bool,
    },
}

/// The purl of a package; `version` is EPOCH:VERSION-RELEASE, or empty for every version.
pub(super) fn purl(distribution: &Distribution, name: &str, version: &str, detail: Detail) -> String {
    let (epoch, version) = version.split_once(':').unwrap_or(("0", version));
    let mut out = String::with_capacity(96);
    out.push_str("pkg:rpm/");
    encode(&mut out, &distribution.vendor, false);
    out.push('/');
    encode(&mut out, name, false);
    if !version.is_empty() {
        out.push('@');
        encode(&mut out, version, false);
    }
    // The keys stand in their order.
    let mut sign = '?';
    let mut qualifier = |key: &str, values: [&str; 3]| {
        out.push(sign);
        out.push_str(key);
        values.iter().for_each(|value| encode(&mut out, value, false));
        sign = '&';
    };
    if let Detail::Most { source } = detail {
        if source {
            qualifier("arch=", ["src", "", ""]);
        }
        qualifier("distro=", [&distribution.vendor, "-", &distribution.line]);
    }
    if epoch != "0" && !version.is_empty() {
        qualifier("epoch=", [epoch, "", ""]);
    }
    out
}

/// The versions on one side of one: `comparator` is `<` or `>=`.
pub(super) fn vers(comparator: &str, version: &str) -> String {
    let mut out = format!("vers:rpm/{comparator}");
    encode(&mut out, version, true);
    out
}
