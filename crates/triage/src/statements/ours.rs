//! Whose packages are judged: a statement on those of another distributor, or of another release line, says nothing of them.

use std::fmt;

use seaworthy_model::Evr;

use super::versions::Versions;

/// The packages that statements are asked about.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ours {
    /// The namespace of their purls; empty where it is not known.
    pub vendor: String,
    /// The other names of the distribution, such as `Harbor Linux`.
    pub names: Vec<String>,
    /// The namespace of the purls in documents of our own, where the settings name no vendor; empty where they do.
    pub own: String,
    /// The vendor and the product of the distribution's CPE name, where it has one.
    pub cpe: Option<(String, String)>,
    /// The version of that name, which may be no name of the line; `None` where it has none.
    pub cpe_version: Option<String>,
    /// The release: that of the line, or that of the machine that was looked at.
    pub release: String,
    /// Whether the release is that of a machine (`3.0.20260429`), of which a document may write the beginning.
    pub is_machine: bool,
    /// Whether all of the packages are builds of the vendor. Elsewhere there may be builds of others, which their distribution tags show.
    pub is_certain: bool,
}

/// A place of which a package is a part, as a document names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// The qualifier `distro` of a purl (`fedora-40`).
    Distro(String),
    /// A CPE name of a platform: vendor, product, and the version where it names one.
    Cpe {
        /// The vendor.
        vendor: String,
        /// The product.
        product: String,
        /// The version; `None` for any.
        version: Option<String>,
    },
    /// A platform by its name, and by its version where it is named beside it.
    Named {
        /// The name.
        name: String,
        /// The version; `None` where the name has it, or nobody names it.
        version: Option<String>,
    },
    /// The operating system that a CycloneDX document is about, which many writers name by a title.
    System {
        /// The name.
        name: String,
        /// The version.
        version: String,
    },
    /// The vendor of a branch of products.
    Vendor(String),
    /// A branch of products above the package, which may name a release.
    Above(String),
    /// Something that is no distribution, such as an image or an application, or that the document does not define.
    Other(String),
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Distro(name) | Self::Vendor(name) | Self::Above(name) | Self::Other(name) | Self::Named { name, version: None } => {
                f.write_str(name)
            }
            Self::Named { name, version: Some(version) } | Self::System { name, version } => write!(f, "{name} {version}"),
            Self::Cpe { vendor, product, version } => write!(f, "{vendor}:{product}:{}", version.as_deref().unwrap_or("*")),
        }
    }
}

impl Ours {
    /// Whether a statement with this namespace and these versions is about packages of ours, one of which has the version.
    ///
    /// Where our vendor is not known, another distributor's packages cannot be told from ours: only a statement on exactly this version
    /// counts.
    pub(super) fn is_of_namespace(&self, namespace: Option<&str>, versions: &Versions, version: Option<&Evr>) -> bool {
        let Some(namespace) = namespace else { return true };
        if self.is_vendor(namespace) {
            return true;
        }
        let said = versions.one();
        if self.vendor.is_empty() && said.is_some() && said.as_ref() == version {
            return true;
        }
        let tag = said.as_ref().and_then(Evr::dist_tag);
        !self.is_certain && tag.is_some() && tag == version.and_then(Evr::dist_tag)
    }

    /// Whether a statement with this namespace and these versions can count for any package.
    pub(super) fn may_be_of_namespace(&self, namespace: Option<&str>, versions: &Versions) -> bool {
        let said = versions.one();
        let has_tag = said.as_ref().and_then(Evr::dist_tag).is_some();
        namespace.is_none_or(|namespace| self.is_vendor(namespace))
            || (self.vendor.is_empty() && said.is_some())
            || (!self.is_certain && has_tag)
    }

    fn is_vendor(&self, namespace: &str) -> bool {
        [&self.vendor, &self.own].into_iter().any(|ours| !ours.is_empty() && namespace.eq_ignore_ascii_case(ours))
    }

    /// Whether a place is our release.
    pub(super) fn is_of(&self, place: &Place) -> bool {
        match place {
            Place::Distro(distro) => self.is_of_distro(distro),
            Place::Cpe { vendor, product, version } => {
                let names = |ours: &str, said: &str| plain(ours) == plain(said);
                let is_ours = match &self.cpe {
                    Some((v, p)) => names(v, vendor) && names(p, product),
                    None => self.vendor.is_empty() || (names(&self.vendor, vendor) && self.has_name(product)),
                };
                let is_own = version.is_some() && self.cpe.is_some() && *version == self.cpe_version;
                is_ours && (is_own || version.as_deref().is_none_or(|version| self.is_release(version)))
            }
            Place::Named { name, version: Some(version) } => (self.is_nameless() || self.has_name(name)) && self.is_release(version),
            Place::Named { name, version: None } => self.is_name_with_release(name),
            Place::System { name, version } if self.has_name(name) => self.is_release(version),
            Place::System { name, version } => self.is_name_with_release(name) || self.is_title(name, version),
            Place::Vendor(name) => self.is_nameless() || self.has_name(name),
            Place::Above(name) => self.release_behind_name(name).is_none_or(|release| self.is_release(&release)),
            Place::Other(_) => false,
        }
    }

    /// Whether a name is the title of a scan of ours, such as `Harbor Linux: specs`; beside it is no release, but a day or a build. Where
    /// the distribution has no name, the title of an image ends with its version.
    fn is_title(&self, name: &str, version: &str) -> bool {
        let of_image = || name.strip_suffix(version).is_some_and(|sku| sku.ends_with(' '));
        (self.names.is_empty() && of_image())
            || self.names.iter().any(|ours| name.strip_prefix(ours.as_str()).is_some_and(|rest| rest.starts_with(": ")))
    }

    /// The release behind a name of the distribution (`2.0` of `Harbor Linux 2.0`); `None` where there is none.
    fn release_behind_name(&self, text: &str) -> Option<String> {
        let text = plain_release(text);
        let behind =
            |name: &str| text.strip_prefix(plain_release(name).as_str()).filter(|rest| rest.starts_with(|c: char| c.is_ascii_digit()));
        self.all_names().find_map(behind).map(str::to_owned)
    }

    /// Whether the qualifier `distro` of a purl is our release: `NAME-VERSION` as scanners write it from os-release, a distribution tag
    /// (`azl3`), or the name alone. The spelling of names counts for nothing (`Harbor_Linux`); a version has to be there as such.
    fn is_of_distro(&self, distro: &str) -> bool {
        if self.has_name(distro) || self.is_name_with_release(distro) {
            return true;
        }
        let is_digit = |c: char| c.is_ascii_digit();
        let behind_mark = distro
            .rfind(|c: char| !c.is_alphanumeric() && c != '.')
            .filter(|at| distro.get(at + 1..).is_some_and(|v| v.starts_with(is_digit)));
        let Some(at) = behind_mark.map(|at| at + 1).or_else(|| distro.find(is_digit)) else { return false };
        let (Some(name), Some(version)) = (distro.get(..at), distro.get(at..)) else { return false };
        (self.is_nameless() || self.has_name(name)) && self.is_release(version)
    }

    fn is_nameless(&self) -> bool {
        self.vendor.is_empty() && self.names.is_empty()
    }

    /// All names of the distribution.
    fn all_names(&self) -> impl Iterator<Item = &str> {
        let of_cpe = self.cpe.iter().map(|(_, product)| product.as_str());
        [self.vendor.as_str()].into_iter().chain(self.names.iter().map(String::as_str)).chain(of_cpe).filter(|name| !name.is_empty())
    }

    fn has_name(&self, name: &str) -> bool {
        self.all_names().any(|ours| plain(ours) == plain(name))
    }

    /// Whether a text is a name of the distribution with our release behind it (`Harbor Linux 1.0`, `fedora-rawhide`).
    fn is_name_with_release(&self, text: &str) -> bool {
        let release = plain_release(&self.release);
        !release.is_empty() && self.all_names().any(|name| plain_release(text) == format!("{}{release}", plain_release(name)))
    }

    /// Whether a version that a document names is our release, or a part of it: `3`, `3.0` and `3.0.20260429` for the line `3.0`, and `3.0`
    /// for a machine with `3.0.20260429`.
    fn is_release(&self, said: &str) -> bool {
        let is_part = |whole: &str, part: &str| part.strip_prefix(whole).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'));
        let (said, ours) = (said.trim(), self.release.trim());
        let without_zeros = |text: &str| {
            let mut text = text.to_owned();
            while let Some(rest) = text.strip_suffix(".0") {
                text.truncate(rest.len());
            }
            text
        };
        !said.is_empty()
            && !ours.is_empty()
            && (is_part(ours, said) || without_zeros(said) == without_zeros(ours) || (self.is_machine && is_part(said, ours)))
    }
}

/// A name without marks and case, since each format writes it otherwise.
fn plain(name: &str) -> String {
    name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// The same with dots, which part the numbers of a release.
fn plain_release(text: &str) -> String {
    text.chars().filter(|c| c.is_alphanumeric() || *c == '.').flat_map(char::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ours(release: &str, is_machine: bool) -> Ours {
        let names = vec!["Harbor Linux".to_owned()];
        Ours { vendor: "harbor".into(), names, release: release.into(), is_machine, is_certain: true, ..Ours::default() }
    }

    fn told(ours: &Ours, place: &Place) -> String {
        if ours.is_of(place) { "ours" } else { "another" }.into()
    }

    #[test]
    fn which_distro_is_our_release() {
        // The qualifier, the release, whether it is a machine's, and what follows.
        let rows = [
            ("name and line", "harbor-1.0", "1.0", false, "ours"),
            ("another spelling", "Harbor_Linux-1.0", "1.0", false, "ours"),
            ("the name in words", "Harbor Linux 1.0", "1.0", false, "ours"),
            ("a tag", "harbor1", "1.0", false, "ours"),
            ("a point release of the line", "harbor-1.0.20260429", "1.0", false, "ours"),
            ("the name alone", "harbor", "1.0", false, "ours"),
            ("another line", "harbor-2.0", "1.0", false, "another"),
            ("another line that begins so", "harbor-1.01", "1.0", false, "another"),
            ("the next line of one number", "harbor-1.1", "1.0", false, "another"),
            ("a line of which ours is a part", "harbor-1", "1.1", false, "another"),
            ("a tag of another line", "harbor2", "1.0", false, "another"),
            ("another distribution", "fedora-1.0", "1.0", false, "another"),
            ("a sibling of the name", "harbor-edge-1.0", "1.0", false, "another"),
            ("a code name", "bookworm", "1.0", false, "another"),
            ("nothing", "", "1.0", false, "another"),
            ("a line that is a name", "harbor-rawhide", "rawhide", false, "ours"),
            ("a number, where the line is a name", "harbor-1", "default", false, "another"),
            ("a machine of the release", "harbor-1.0", "1.0.20260429", true, "ours"),
            ("a machine of another release", "harbor-1.0.20260101", "1.0.20260429", true, "another"),
            ("a line is no machine", "harbor-1.0", "1.0.20260429", false, "another"),
        ];
        seaworthy_testing::hold(rows.map(|(why, distro, release, is_machine, expected)| {
            (why, expected.to_owned(), told(&ours(release, is_machine), &Place::Distro(distro.into())))
        }));
    }

    #[test]
    fn which_platform_is_our_release() {
        let cpe = |vendor: &str, product: &str, version: Option<&str>| Place::Cpe {
            vendor: vendor.into(),
            product: product.into(),
            version: version.map(str::to_owned),
        };
        let named = |name: &str, version: Option<&str>| Place::Named { name: name.into(), version: version.map(str::to_owned) };
        let rows = [
            ("our CPE name", cpe("harbor", "harbor", Some("1.0")), "ours"),
            ("our CPE name, of the name", cpe("harbor", "harbor_linux", Some("1.0")), "ours"),
            ("any version", cpe("harbor", "harbor", None), "ours"),
            ("another line", cpe("harbor", "harbor", Some("2.0")), "another"),
            ("another product of ours", cpe("harbor", "crane", Some("1.0")), "another"),
            ("another vendor", cpe("redhat", "enterprise_linux", Some("1.0")), "another"),
            ("name and version", named("Harbor Linux", Some("1.0")), "ours"),
            ("name and another version", named("Harbor Linux", Some("2.0")), "another"),
            ("another name", named("Fedora", Some("1.0")), "another"),
            ("the line in the name", named("Harbor Linux 1.0", None), "ours"),
            ("another line in the name", named("Harbor Linux 2.0", None), "another"),
            ("a line that is not named", named("Harbor Linux", None), "another"),
            ("a system of ours", Place::System { name: "Harbor Linux".into(), version: "2.0".into() }, "another"),
            ("a system with a title", Place::System { name: "Harbor Linux: specs".into(), version: "2026-09-21".into() }, "ours"),
            ("a system of another", Place::System { name: "Fedora".into(), version: "40".into() }, "another"),
            ("a system of another, by its title", Place::System { name: "Fedora: specs".into(), version: "1.0".into() }, "another"),
            ("a branch of a package", Place::Above("aaa".into()), "ours"),
            ("a branch of our line", Place::Above("Harbor Linux 1.0".into()), "ours"),
            ("a branch of another line", Place::Above("Harbor Linux 2.0".into()), "another"),
            ("a branch of another line, spelt otherwise", Place::Above("harbor-2.0".into()), "another"),
            ("our branch", Place::Vendor("Harbor Linux".into()), "ours"),
            ("another's branch", Place::Vendor("Red Hat".into()), "another"),
            ("an image", Place::Other("pkg:oci/app".into()), "another"),
        ];
        seaworthy_testing::hold(rows.map(|(why, place, expected)| (why, expected.to_owned(), told(&ours("1.0", false), &place))));
        let by_cpe = Ours { cpe: Some(("suse".into(), "sles".into())), ..ours("1.0", false) };
        let stable = Ours { cpe: Some(("harbor".into(), "harbor_linux".into())), cpe_version: Some("1.0".into()), ..ours("stable", false) };
        let own = |version: &str| stable.is_of(&cpe("harbor", "harbor_linux", Some(version)));
        assert!(own("1.0") && !own("2.0"), "the CPE name of the settings is ours, whatever the name of the line");
        assert!(by_cpe.is_of(&cpe("suse", "sles", Some("1.0"))) && !by_cpe.is_of(&cpe("harbor", "harbor", Some("1.0"))));
    }
}
