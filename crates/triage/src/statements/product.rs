//! The packages that a document names: as purls of the type `rpm` (<https://github.com/package-url/purl-spec>), or by their plain names.

use packageurl::PackageUrl;
use seaworthy_model::ecosystem_product;

use super::json::short;
use super::ours::Place;
use super::versions::{Versions, with_epoch};

/// A package that a document names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Product {
    pub(super) namespace: Option<String>,
    pub(super) package: String,
    pub(super) versions: Versions,
    /// The epoch of the purl, for versions that are named elsewhere.
    pub(super) epoch: Option<String>,
    /// The distribution of the purl, and the places that a document names beside it.
    pub(super) places: Vec<Place>,
    /// The builds that are meant, where these are not all.
    pub(super) narrowed: Option<String>,
}

impl Product {
    fn plain(name: &str) -> Self {
        Self { namespace: None, package: name.to_owned(), versions: Versions::All, epoch: None, places: Vec::new(), narrowed: None }
    }

    /// Narrows the package to some builds, in words.
    pub(super) fn narrow(&mut self, builds: &str) {
        let before = self.narrowed.take().map(|before| format!("{before}, ")).unwrap_or_default();
        self.narrowed = Some(format!("{before}{}", short(builds)));
    }

    /// The same package, of which a document names the versions elsewhere.
    pub(super) fn in_versions(self, versions: Versions) -> Self {
        Self { versions, ..self }
    }
}

/// The package of a purl.
///
/// Of the qualifiers, `epoch` is a part of the version, `arch` is nothing where it is `src` or `noarch`, `distro` names the distribution,
/// `vers` a range in place of the version, and `package-id` is a number of Syft's. `upstream` is nothing where it names a source package of
/// the same name. Any other one, another architecture or source package, and a subpath narrow the purl to some builds, or may do so.
///
/// # Errors
/// When it names no RPM package, or its versions cannot be read: what was found and what was expected.
pub(super) fn named(text: &str) -> Result<Product, String> {
    let refuse = || format!("{:?} names no RPM package: expected pkg:rpm/...", short(text));
    let purl: PackageUrl<'_> = text.parse().map_err(|_| refuse())?;
    // Outside of RPM a namespace is part of the name, and a name alone is another thing.
    if purl.ty() != "rpm" {
        return Err(refuse());
    }
    let qualifier = |name: &str| purl.qualifiers().get(name).map(|value| value.as_ref());
    let epoch = qualifier("epoch");
    let versions = match (purl.version(), qualifier("vers")) {
        (None, None) => Versions::All,
        (Some(range), None) | (None, Some(range)) if range.starts_with("vers:") => Versions::of_range(range, epoch)?,
        // An epoch that is written twice is no version, which is compared with none.
        (Some(version), None) => Versions::One(match epoch {
            Some(epoch) if epoch != "0" => format!("{epoch}:{version}"),
            _ => version.to_owned(),
        }),
        (None, Some(other)) => return Err(format!("the range {:?} is not understood: expected vers:rpm/ and versions", short(other))),
        (Some(_), Some(_)) => return Err(format!("{:?} has a version and a range", short(text))),
    };
    let mut narrowed: Vec<String> = Vec::new();
    for (name, value) in purl.qualifiers() {
        match (name.as_ref(), value.as_ref()) {
            ("epoch" | "distro" | "vers" | "package-id", _) | ("arch", "src" | "nosrc" | "noarch") => {}
            ("upstream", file) if source_name(file) == Some(purl.name()) => {}
            (name, value) => narrowed.push(format!("{name}={}", short(value))),
        }
    }
    narrowed.sort();
    narrowed.extend(purl.subpath().map(|path| format!("#{}", short(path))));
    Ok(Product {
        namespace: purl.namespace().map(str::to_owned),
        package: purl.name().to_owned(),
        versions,
        epoch: epoch.map(str::to_owned),
        places: qualifier("distro").map(|distro| Place::Distro(distro.to_owned())).into_iter().collect(),
        narrowed: (!narrowed.is_empty()).then(|| narrowed.join(", ")),
    })
}

/// The package of a purl or a plain name.
///
/// # Errors
/// As [`named`].
pub(super) fn named_or_plain(text: &str) -> Result<Product, String> {
    let is_plain = !text.is_empty()
        && text.len() <= 256
        && !text.starts_with("pkg:")
        && text.chars().all(|c| c.is_alphanumeric() || "-_.+".contains(c));
    if is_plain { Ok(Product::plain(text)) } else { named(text) }
}

/// The name in the file name of a source package (`NAME-VERSION-RELEASE.src.rpm`); `None` where it is none.
fn source_name(file: &str) -> Option<&str> {
    let nvr = file.strip_suffix(".src.rpm").or_else(|| file.strip_suffix(".nosrc.rpm"))?;
    let (name_version, _) = nvr.rsplit_once('-')?;
    Some(name_version.rsplit_once('-')?.0)
}

/// A component inside of a package, in the spelling that findings have of products (`purl:golang/...`); `None` where it is the package
/// itself. One of which a version or a part is meant is no product of a finding, which has neither: nobody knows which version is inside.
pub(super) fn component(text: &str, of: &Product) -> Option<String> {
    let Ok(purl) = text.parse::<PackageUrl<'_>>() else { return (text != of.package).then(|| short(text)) };
    if purl.ty() == "rpm" {
        let is_itself = |part: Product| {
            part.package == of.package
                && (part.namespace.is_none() || part.namespace == of.namespace)
                && (part.versions == Versions::All || part.versions == of.versions)
                && part.narrowed.is_none()
                && part.places.iter().all(|place| of.places.contains(place))
        };
        return (!named(text).is_ok_and(is_itself)).then(|| format!("{} {}", purl.ty(), purl.name()));
    }
    let name = purl.namespace().map_or_else(|| purl.name().to_owned(), |namespace| format!("{namespace}/{}", purl.name()));
    let is_whole = name.len() <= 256 && purl.version().is_none() && purl.subpath().is_none() && purl.qualifiers().is_empty();
    Some(if is_whole { ecosystem_product(purl.ty(), &name) } else { short(text) })
}

/// The version that a document writes beside a purl, with the epoch of the purl.
pub(super) fn beside(version: &str, product: &Product) -> Versions {
    Versions::One(with_epoch(version, product.epoch.as_deref()))
}
