//! The packages that a document names: as purls of the type `rpm` (<https://github.com/package-url/purl-spec>), or by their plain names.

use packageurl::PackageUrl;

/// The namespace, name and version (`[EPOCH:]VERSION-RELEASE`) of a package in a purl or plain name; `None` where the text names no
/// package.
pub(super) fn named(text: &str) -> Option<(Option<String>, String, Option<String>)> {
    if !text.starts_with("pkg:") {
        let plain = !text.is_empty() && text.len() <= 256 && text.chars().all(|c| c.is_alphanumeric() || "-_.+".contains(c));
        return plain.then(|| (None, text.to_owned(), None));
    }
    let purl: PackageUrl<'_> = text.parse().ok()?;
    let version = purl.version().map(|version| match purl.qualifiers().get("epoch") {
        Some(epoch) if epoch != "0" => format!("{epoch}:{version}"),
        _ => version.to_owned(),
    });
    // Outside of RPM a namespace is part of the name, and a name alone is another thing.
    (purl.ty() == "rpm").then(|| (purl.namespace().map(str::to_owned), purl.name().to_owned(), version))
}
