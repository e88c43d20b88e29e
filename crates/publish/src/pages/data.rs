use std::collections::BTreeMap;

use seaworthy_model::text::json_safe;
use serde::Serialize;

use super::words;
use crate::{Advisory, Edition, Standing};

/// The facts of an advisory for the scripts.
pub(super) struct Fields<'a> {
    /// The index in [`words::STATUSES`].
    pub(super) status: usize,
    /// The index in [`words::SEVERITIES`].
    pub(super) severity: usize,
    /// The first version with the fix, which waits for delivery unless the standing is fixed; empty where there is none.
    pub(super) version: String,
    /// The day of the status: since which it is fixed, by which a fix is promised, or until which it is put off; empty where there is none.
    pub(super) day: String,
    /// The first image with the fix; `None` where there is none.
    pub(super) image: Option<&'a str>,
    /// Whether the package repository has the fix.
    pub(super) repository: bool,
    /// Whether versions before `version` may have the fix too.
    pub(super) or_before: bool,
}

pub(super) fn fields(advisory: &Advisory) -> Fields<'_> {
    let mut out = Fields {
        status: words::status(&advisory.standing),
        severity: words::severity(advisory.severity),
        version: String::new(),
        day: String::new(),
        image: None,
        repository: words::in_repository(advisory).is_some(),
        or_before: matches!(advisory.standing, Standing::Fixed { or_before: true, .. }),
    };
    let day = match &advisory.standing {
        Standing::Fixed { version, .. } => {
            out.version = version.to_string();
            out.image = words::in_image(advisory).map(|(_, image)| image);
            advisory.deliveries.first().map(|d| d.at)
        }
        Standing::Affected => {
            out.version = advisory.ready_in().map(ToString::to_string).unwrap_or_default();
            advisory.due
        }
        Standing::UnderInvestigation => advisory.due,
        Standing::Deferred { until } => *until,
        Standing::WillNotFix | Standing::NotShipped | Standing::NotAffected { .. } | Standing::Withdrawn => None,
    };
    out.day = day.map(words::day).unwrap_or_default();
    out
}

/// The advisories, the newest change first.
pub(super) fn newest(edition: &Edition) -> Vec<&Advisory> {
    let mut out: Vec<&Advisory> = edition.advisories.iter().collect();
    out.sort_by(|a, b| (b.updated(), b.order(), &b.id).cmp(&(a.updated(), a.order(), &a.id)));
    out
}

/// The versions of the images, each once, the oldest first.
pub(super) fn images(edition: &Edition) -> Vec<&str> {
    let mut out: Vec<&str> = Vec::with_capacity(edition.images.len());
    let mut seen = std::collections::BTreeSet::new();
    out.extend(edition.images.iter().map(|i| i.version.as_str()).filter(|v| seen.insert(*v)));
    out
}

/// The document of the search. Numbers are indexes into the lists of statuses, severities, packages and images (-1 for no image).
#[derive(Serialize)]
struct Data<'a> {
    /// The version of this document.
    v: u32,
    at: String,
    statuses: Vec<&'static str>,
    severities: Vec<&'static str>,
    images: Vec<&'a str>,
    reasons: Vec<&'static str>,
    /// The names of source packages, each with the names of its binary packages.
    packages: Vec<(&'a str, &'a [String])>,
    rows: Vec<Row<'a>>,
}

/// An advisory: id, CVE, package, status, severity, day of the last change, version, day, image, whether the repository has the fix and
/// whether it is exploited (0 or 1), the reason why it is not affected (-1 where it is), and whether versions before that one may have the
/// fix too (0 or 1).
type Row<'a> = (&'a str, String, usize, usize, usize, String, String, String, i64, u8, u8, i64, u8);

/// See [`super::search_data`].
pub(super) fn search(edition: &Edition) -> Result<Vec<u8>, serde_json::Error> {
    let images = images(edition);
    let image_at: BTreeMap<&str, i64> = images.iter().copied().zip(0..).collect();
    let rows = newest(edition);
    // The names of binary packages may differ between advisories of different age; the newest says what holds.
    let mut packages: Vec<(&str, &[String])> = Vec::new();
    let mut package_at: BTreeMap<&str, usize> = BTreeMap::new();
    for advisory in &rows {
        let place = *package_at.entry(&advisory.package).or_insert_with(|| {
            packages.push((&advisory.package, &advisory.binaries));
            packages.len() - 1
        });
        if packages[place].1.is_empty() {
            packages[place].1 = &advisory.binaries;
        }
    }
    let reasons = words::reasons();
    let rows = rows.into_iter().map(|a| {
        let f = fields(a);
        let package = package_at.get(a.package.as_str()).copied().unwrap_or_default();
        let image = f.image.and_then(|i| image_at.get(i)).copied().unwrap_or(-1);
        let changed = words::day(a.updated());
        let why = match a.standing {
            Standing::NotAffected { justification } => {
                let reason = words::reason(justification, &a.statement);
                (0..).zip(&reasons).find(|(_, r)| **r == reason).map_or(0, |(at, _)| at)
            }
            _ => -1,
        };
        let (repository, exploited) = (u8::from(f.repository), u8::from(a.exploited_since.is_some()));
        (
            &*a.id,
            a.cve.to_string(),
            package,
            f.status,
            f.severity,
            changed,
            f.version,
            f.day,
            image,
            repository,
            exploited,
            why,
            u8::from(f.or_before),
        )
    });
    let data = Data {
        v: 1,
        at: words::day(edition.at),
        statuses: words::STATUSES.iter().map(|s| s.0).collect(),
        severities: words::SEVERITIES.iter().map(|s| s.0).collect(),
        rows: rows.collect(),
        reasons,
        images,
        packages,
    };
    Ok(json_safe(&serde_json::to_string(&data)?).into_owned().into_bytes())
}
