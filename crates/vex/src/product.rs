//! Packages as purls: <https://github.com/package-url/purl-spec>, type `rpm`.

use packageurl::PackageUrl;
use seaworthy_model::case::Case;

use crate::{About, version_of};

/// The purl of a case's source package, in the version that its state holds for.
pub(crate) fn purl(case: &Case, about: &About) -> String {
    let said = version_of(case);
    let (epoch, version) = match said.split_once(':') {
        Some((epoch, version)) => (Some(epoch), version),
        None => (None, said.as_str()),
    };
    // The parts hold nothing that a purl could not encode; what it refuses all the same stands as a plain name.
    let whole = || -> Result<String, packageurl::Error> {
        let mut purl = PackageUrl::new("rpm", case.key.package.as_str())?;
        if !about.vendor.is_empty() {
            purl.with_namespace(about.vendor.as_str())?;
        }
        if !version.is_empty() {
            purl.with_version(version)?;
        }
        purl.add_qualifier("arch", "src")?;
        if let Some(epoch) = epoch {
            purl.add_qualifier("epoch", epoch.to_owned())?;
        }
        Ok(purl.to_string())
    };
    whole().unwrap_or_else(|_| case.key.package.clone())
}
