//! The products of ecosystems; RPM packages as purls (<https://github.com/package-url/purl-spec>, type `rpm`), and ranges of their versions
//! as vers (<https://github.com/package-url/vers-spec>, scheme `rpm`).

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// The characters that are encoded in a vers range: all but letters, digits and `.-_~`.
const IN_VERS: &AsciiSet = &NON_ALPHANUMERIC.remove(b'.').remove(b'-').remove(b'_').remove(b'~');
/// The characters that are encoded in a purl: the same, but for the colon.
const IN_PURL: &AsciiSet = &IN_VERS.remove(b':');

/// The product that a package of an ecosystem is, `purl:TYPE/NAME`, in the one spelling by which sources and inventories meet. `kind` is
/// the type of its purls; `name` has the namespace, as the ecosystem writes it or as in a purl.
///
/// Case counts nowhere: most types have names in lower case alone, and no registry gives two names that differ in it. Names of PyPI are
/// normalised as PEP 503 says; the parts of a Maven name are joined as in a purl; a name of Swift is an address, with or without its
/// scheme.
///
/// ```
/// use seaworthy_model::ecosystem_product;
///
/// assert_eq!(ecosystem_product("pypi", "Flask_Cors"), "purl:pypi/flask-cors");
/// assert_eq!(ecosystem_product("maven", "org.acme:ferry"), "purl:maven/org.acme/ferry");
/// ```
#[must_use]
pub fn ecosystem_product(kind: &str, name: &str) -> String {
    let name = name.to_lowercase();
    let name = match kind {
        "pypi" => pep_503(&name),
        "maven" => name.replace(':', "/"),
        "swift" => {
            let address = name.strip_prefix("https://").unwrap_or(&name);
            address.strip_suffix(".git").unwrap_or(address).to_owned()
        }
        _ => name,
    };
    format!("purl:{kind}/{name}")
}

/// Whether purls of a type (`deb`) are of packages of distributions, which have versions of their own: an epoch before that of the project,
/// and a revision behind it.
#[must_use]
pub fn is_of_distribution(kind: &str) -> bool {
    matches!(kind, "rpm" | "deb" | "apk" | "alpm")
}

/// A name of PyPI as PEP 503 normalises it: in lower case, with one `-` for each run of `-`, `_` and `.`.
pub(crate) fn pep_503(name: &str) -> String {
    let mut out = String::with_capacity(name.len());
    for c in name.chars().flat_map(char::to_lowercase) {
        match c {
            '-' | '_' | '.' if out.ends_with('-') => {}
            '-' | '_' | '.' => out.push('-'),
            c => out.push(c),
        }
    }
    out
}

/// The purl of an RPM package, the same in every document: `pkg:rpm/VENDOR/NAME`, with `@VERSION-RELEASE` where one version is meant, and
/// `?epoch=EPOCH` where that version has an epoch other than 0. `vendor` is empty where nobody named it; `version` is
/// `[EPOCH:]VERSION-RELEASE`, or empty for all versions.
///
/// The purl has neither architecture nor distribution: a scanner wants each qualifier of a statement on the package that it found, and
/// scanners write different ones. A purl with fewer qualifiers matches more.
///
/// ```
/// use seaworthy_model::rpm_purl;
///
/// assert_eq!(rpm_purl("harbor", "gcc-c++", ""), "pkg:rpm/harbor/gcc-c%2B%2B");
/// assert_eq!(rpm_purl("harbor", "openssl", "1:3.3.5~rc1-2"), "pkg:rpm/harbor/openssl@3.3.5~rc1-2?epoch=1");
/// ```
#[must_use]
pub fn rpm_purl(vendor: &str, name: &str, version: &str) -> String {
    let (epoch, version) = version.split_once(':').unwrap_or(("0", version));
    let part = |text| utf8_percent_encode(text, IN_PURL);
    let mut out = String::from("pkg:rpm/");
    if !vendor.is_empty() {
        out.extend(part(vendor));
        out.push('/');
    }
    out.extend(part(name));
    if !version.is_empty() {
        out.push('@');
        out.extend(part(version));
        if epoch != "0" {
            out.push_str("?epoch=");
            out.extend(part(epoch));
        }
    }
    out
}

/// The vers range of all versions before a version (`comparator` `<`) or from it on (`>=`).
///
/// ```
/// assert_eq!(seaworthy_model::rpm_vers("<", "1:2.0-3"), "vers:rpm/<1%3A2.0-3");
/// ```
#[must_use]
pub fn rpm_vers(comparator: &str, version: &str) -> String {
    format!("vers:rpm/{comparator}{}", utf8_percent_encode(version, IN_VERS))
}

#[cfg(test)]
mod tests {
    use packageurl::PackageUrl;
    use proptest::prelude::*;

    use super::{ecosystem_product, rpm_purl, rpm_vers};

    #[test]
    fn a_package_of_an_ecosystem_has_one_spelling() {
        for (kind, name, product) in [
            ("pypi", "ruamel.yaml", "purl:pypi/ruamel-yaml"),
            ("pypi", "Flask_Cors", "purl:pypi/flask-cors"),
            ("pypi", "zope..-_interface", "purl:pypi/zope-interface"),
            ("npm", "@Babel/core", "purl:npm/@babel/core"),
            ("npm", "lodash.merge", "purl:npm/lodash.merge"),
            ("golang", "github.com/Masterminds/sprig/v3", "purl:golang/github.com/masterminds/sprig/v3"),
            ("maven", "org.example:jak", "purl:maven/org.example/jak"),
            ("maven", "org.example/jak", "purl:maven/org.example/jak"),
            ("nuget", "Newtonsoft.Json", "purl:nuget/newtonsoft.json"),
            ("swift", "https://github.com/apple/swift-nio.git", "purl:swift/github.com/apple/swift-nio"),
            ("swift", "github.com/apple/swift-nio", "purl:swift/github.com/apple/swift-nio"),
            ("cargo", "tokio_util", "purl:cargo/tokio_util"),
        ] {
            assert_eq!(ecosystem_product(kind, name), product, "{name}");
            let normal = product.split_once('/').map(|(_, name)| name).unwrap();
            assert_eq!(ecosystem_product(kind, normal), product, "once normal, it stays");
        }
    }

    #[test]
    fn a_package_has_one_purl() {
        for (vendor, name, version, purl) in [
            ("harbor", "curl", "", "pkg:rpm/harbor/curl"),
            ("", "curl", "8.8.0-1", "pkg:rpm/curl@8.8.0-1"),
            ("harbor", "curl", "8.8.0-1.hbr1", "pkg:rpm/harbor/curl@8.8.0-1.hbr1"),
            ("harbor", "vim", "5:9.1-2", "pkg:rpm/harbor/vim@9.1-2?epoch=5"),
            // An epoch of 0 is none, written or not.
            ("harbor", "vim", "0:9.1-2", "pkg:rpm/harbor/vim@9.1-2"),
            ("harbor", "kernel", "6.6~rc1^git1-1", "pkg:rpm/harbor/kernel@6.6~rc1%5Egit1-1"),
            ("harbor", "libstdc++", "1+2-3", "pkg:rpm/harbor/libstdc%2B%2B@1%2B2-3"),
        ] {
            assert_eq!(rpm_purl(vendor, name, version), purl);
        }
    }

    #[test]
    fn ranges_encode_what_has_a_meaning_in_them() {
        assert_eq!(rpm_vers("<", "1:2.0^git|*-1"), "vers:rpm/<1%3A2.0%5Egit%7C%2A-1");
    }

    proptest! {
        #[test]
        fn purls_read_back_as_they_were(
            name in "[A-Za-z0-9+._-]{1,20}",
            version in "[A-Za-z0-9+._~^]{1,12}-[0-9]{1,3}\\.azl3",
            epoch in 0..3_u32,
        ) {
            let text = rpm_purl("azurelinux", &name, &format!("{epoch}:{version}"));
            let read: PackageUrl<'_> = text.parse().unwrap();
            prop_assert_eq!((read.ty(), read.namespace(), read.name()), ("rpm", Some("azurelinux"), &*name));
            prop_assert_eq!(read.version(), Some(&*version));
            let qualifiers: Vec<(&str, &str)> = read.qualifiers().iter().map(|(key, value)| (&**key, &**value)).collect();
            let written = epoch.to_string();
            prop_assert_eq!(qualifiers, if epoch > 0 { vec![("epoch", &*written)] } else { Vec::new() });
            prop_assert_eq!(read.to_string(), text, "the canonical form");
        }

        /// A name with any characters stays one name.
        #[test]
        fn any_name_stays_a_name(name in "\\PC{1,12}", version in "\\PC{0,12}") {
            let text = rpm_purl("harbor", &name, &version);
            let rest = text.strip_prefix("pkg:rpm/harbor/").unwrap();
            prop_assert!(!rest.contains(['/', '#', '&', ' ']) && rest.is_ascii(), "{}", text);
            prop_assert!(rest.matches('@').count() <= 1 && rest.matches('?').count() <= 1, "{}", text);
        }
    }
}
