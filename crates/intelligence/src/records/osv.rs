//! OSV records: <https://ossf.github.io/osv-schema/>.

use std::borrow::Cow;

use seaworthy_model::{CveId, Order, ecosystem_product};
use serde::Deserialize;
use serde_json::value::RawValue;

use super::json::{Reference, Word, place_of, too_long};
use super::osv_ranges::{Range, ranges_of};
use super::time::When;
use super::{Affected, BEGINNING_BYTES, Collector, PART_BYTES, RecordState, RecordText, Refused, View, shortened};

#[derive(Deserialize)]
struct Record<'a> {
    #[serde(borrow)]
    id: Cow<'a, str>,
    #[serde(borrow, default)]
    schema_version: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    modified: Option<Word<'a>>,
    #[serde(borrow, default)]
    published: Option<Word<'a>>,
    #[serde(borrow, default)]
    withdrawn: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    aliases: Vec<Cow<'a, str>>,
    #[serde(borrow, default)]
    summary: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    details: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    affected: Vec<Product<'a>>,
    #[serde(borrow, default)]
    references: Vec<Reference<'a>>,
}

#[derive(Deserialize)]
struct Product<'a> {
    #[serde(borrow, default)]
    package: Option<Package<'a>>,
    #[serde(borrow, default)]
    ranges: Vec<Range<'a>>,
    #[serde(borrow, default)]
    versions: Vec<Word<'a>>,
    #[serde(borrow, default)]
    ecosystem_specific: Option<&'a RawValue>,
}

/// What the database of Go says of an affected module: <https://go.dev/doc/security/vuln/database#schema>.
#[derive(Deserialize)]
struct OfGo<'a> {
    #[serde(borrow, default)]
    imports: Vec<Import<'a>>,
}

#[derive(Deserialize)]
struct Import<'a> {
    #[serde(default)]
    path: &'a str,
}

#[derive(Deserialize)]
struct Package<'a> {
    #[serde(borrow)]
    ecosystem: Cow<'a, str>,
    #[serde(borrow)]
    name: Cow<'a, str>,
}

/// An ecosystem of the schema, by what its records say of packages here.
enum Ecosystem {
    /// The type of its purls.
    Of(&'static str),
    /// A distribution: its own statement, about its own builds, decides nothing for ours.
    Distribution,
    /// An ecosystem without packages that an inventory names, or one that is not known here.
    NotJudged,
}

/// The ecosystems whose packages are judged by the records of OSV: the name in the schema, and the type of its purls.
pub const ECOSYSTEMS: [(&str, &str); 18] = [
    ("Go", "golang"),
    ("npm", "npm"),
    ("PyPI", "pypi"),
    ("crates.io", "cargo"),
    ("RubyGems", "gem"),
    ("Maven", "maven"),
    ("Packagist", "composer"),
    ("NuGet", "nuget"),
    ("CRAN", "cran"),
    ("Hackage", "hackage"),
    ("Hex", "hex"),
    ("Pub", "pub"),
    ("SwiftURL", "swift"),
    ("ConanCenter", "conan"),
    ("GitHub Actions", "githubactions"),
    ("Bioconductor", "bioconductor"),
    ("opam", "opam"),
    ("Julia", "julia"),
];

/// The ecosystem in a name such as `PyPI`, or `Maven:https://repo.example.org`, which the schema defines
/// (<https://ossf.github.io/osv-schema/#defined-ecosystems>).
fn ecosystem_of(name: &str) -> Ecosystem {
    let name = name.split(':').next().unwrap_or_default();
    if let Some((_, kind)) = ECOSYSTEMS.iter().find(|(ecosystem, _)| *ecosystem == name) {
        return Ecosystem::Of(kind);
    }
    match name {
        "AlmaLinux"
        | "Alpaquita"
        | "Alpine"
        | "Android"
        | "Azure Linux"
        | "BellSoft Hardened Containers"
        | "Bitnami"
        | "Chainguard"
        | "CleanStart"
        | "Debian"
        | "Docker Hardened Images"
        | "Echo"
        | "Mageia"
        | "MinimOS"
        | "openEuler"
        | "openSUSE"
        | "Photon OS"
        | "Red Hat"
        | "Rocky Linux"
        | "Root"
        | "SUSE"
        | "TuxCare"
        | "Ubuntu"
        | "Wolfi" => Ecosystem::Distribution,
        _ => Ecosystem::NotJudged,
    }
}

/// The import paths of the affected packages of a module of Go; none where the record names none, or one that cannot be one: then the
/// module as a whole is affected. What other databases write there is theirs.
fn imports_of(specific: Option<&RawValue>) -> Vec<&str> {
    let Some(Ok(of_go)) = specific.map(|raw| serde_json::from_str::<OfGo<'_>>(raw.get())) else { return Vec::new() };
    let mut paths: Vec<&str> = of_go.imports.iter().map(|import| import.path).collect();
    if paths.iter().any(|path| path.is_empty() || path.len() > PART_BYTES) {
        return Vec::new();
    }
    paths.sort_unstable();
    paths.dedup();
    paths
}

/// The greatest number of CVEs that a record may name.
const IDS: usize = 256;

/// Parses an OSV record from a file and gives a view for each CVE that it is or has as an alias; a record without a CVE gives none. A
/// version that is too long, a date that is none and a package of an ecosystem that is not judged are refused by themselves, with their
/// positions.
///
/// # Errors
/// When the text is no OSV record of schema 1.
pub fn parse_osv(json: &[u8], file: &str, out: &mut dyn Collector) -> Result<(), String> {
    let record: Record<'_> = serde_json::from_slice(json).map_err(|e| format!("not an OSV record: {e}"))?;
    if let Some(version) = record.schema_version.as_deref().filter(|v| !v.starts_with("1.")) {
        return Err(format!(
            "{}: schema version {} is not known here (1.x is): upgrade seaworthy",
            shortened(&record.id, 60),
            shortened(version, 20)
        ));
    }
    let ids: Vec<CveId> = std::iter::once(&record.id).chain(&record.aliases).filter_map(|a| a.parse().ok()).collect();
    if ids.is_empty() {
        return Ok(());
    }
    // Each gets a view of its own: the most that a record of today has is 16.
    if ids.len() > IDS {
        return Err(format!("{}: it names {} CVEs, and may name {IDS}", shortened(&record.id, 60), ids.len()));
    }
    let part = |text: &str, message: String| Refused {
        file: file.to_owned(),
        offset: place_of(text, json),
        message: format!("{}: {message}", shortened(&record.id, 60)),
    };
    // A date that is missing or none costs nothing but itself: other sources have one, and the id has its year.
    let mut date = |text: &str| {
        let when = When::parse(text);
        if when.is_none() && !text.is_empty() {
            out.refuse(part(text, format!("{:?} is no date", shortened(text, 40))));
        }
        when
    };
    let modified = record.modified.as_deref().and_then(&mut date);
    let published = record.published.as_deref().filter(|text| !text.is_empty()).map_or(modified, date);
    let published = published.and_then(When::known);
    let modified = modified.and_then(When::known).or(published);
    let mut affected = Vec::new();
    for product in &record.affected {
        let Some(package) = &product.package else { continue };
        let ecosystem = match ecosystem_of(&package.ecosystem) {
            Ecosystem::Of(kind) => kind,
            Ecosystem::Distribution => continue,
            Ecosystem::NotJudged => {
                let message = format!("packages of {:?} are not judged", shortened(&package.ecosystem, 40));
                out.refuse(part(&package.ecosystem, message));
                continue;
            }
        };
        let ranges = ranges_of(&product.ranges, &product.versions, Order::of_ecosystem(ecosystem), &mut |version| {
            out.refuse(too_long(version, json, file, &record.id));
        });
        let parts = if ecosystem == "golang" { imports_of(product.ecosystem_specific) } else { Vec::new() };
        affected.push(Affected {
            product: out.product(shortened(&ecosystem_product(ecosystem, &package.name), 400)),
            default: Some(false),
            ranges,
            unknown: Vec::new(),
            parts,
            added: false,
        });
    }
    let (summary, details) = (record.summary.as_deref().unwrap_or_default(), record.details.as_deref().unwrap_or_default());
    // The summary is the title; some records repeat it where the details begin.
    let description: Cow<'_, str> = match (summary.trim(), details.trim()) {
        (title, "") => title.into(),
        ("", text) => text.into(),
        (title, text) if text.starts_with(title) => text.into(),
        (title, text) => format!("{title}\n\n{text}").into(),
    };
    let text = RecordText::of(description, &record.references);
    for id in ids {
        let view = View {
            key: id.key(),
            state: if record.withdrawn.is_some() { RecordState::Rejected } else { RecordState::Published },
            published: published.map(|when| when.minute),
            modified: modified.map(|when| when.second),
            analysis: "",
            beginning: shortened(record.summary.as_deref().or(record.details.as_deref()).unwrap_or(""), BEGINNING_BYTES),
            ratings: Vec::new(),
            configurations: Vec::new(),
            affected: affected.clone(),
            weaknesses: Vec::new(),
        };
        out.view(&view, text.clone(), &mut record.references.iter().map(|r| &*r.url), 0..json.len());
    }
    Ok(())
}
