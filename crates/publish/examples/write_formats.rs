//! Writes an edition in the formats for programs into a folder, for validators and for timing: `write_formats FOLDER [--many N]`. Without
//! `--many` it is the edition of the unit tests, with an advisory of every standing; with it, one of N generated advisories.

use std::collections::BTreeMap;
use std::error::Error;
use std::path::Path;
use std::time::Instant;

use jiff::{SignedDuration, Timestamp};
use seaworthy_model::case::Justification;
use seaworthy_model::{CveId, Cvss, CvssVersion, Evr, Rater, Severity};
use seaworthy_publish::formats::{atom, csaf, cyclonedx, json, openvex, osv, paths, provider};
use seaworthy_publish::{Advisory, Delivery, Distribution, Edition, ImageNote, Place, Revision, Standing};

/// The edition of the unit tests.
#[allow(clippy::unwrap_used)]
#[path = "../src/fixture.rs"]
mod fixture;

/// The path and the content of a document.
type Written = (String, Vec<u8>);

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let folder = arguments.first().ok_or("usage: write_formats FOLDER [--many N]")?;
    let many = match arguments.get(1).map(String::as_str) {
        Some("--many") => Some(arguments.get(2).ok_or("--many needs a number")?.parse()?),
        _ => None,
    };
    let edition = match many {
        Some(many) => edition(many)?,
        None => fixture::edition(),
    };
    let files = render(&edition);
    let begun = Instant::now();
    let bytes: usize = files.iter().map(|(_, bytes)| bytes.len()).sum();
    for (path, bytes) in &files {
        let path = Path::new(folder).join(path);
        std::fs::create_dir_all(path.parent().ok_or("no folder")?)?;
        std::fs::write(path, bytes)?;
    }
    println!("{} files, {bytes} bytes, written in {:?}", files.len(), begun.elapsed());
    Ok(())
}

/// Runs one writer over the edition and prints its time.
fn timed(name: &str, files: &mut Vec<Written>, make: impl FnOnce() -> Vec<Written>) {
    let begun = Instant::now();
    let made = make();
    let took = begun.elapsed();
    let each = took / u32::try_from(made.len().max(1)).unwrap_or(1);
    println!("{name:12} {:6} documents in {took:?}, {each:?} each", made.len());
    files.extend(made);
}

fn render(edition: &Edition) -> Vec<Written> {
    let mut by_cve: BTreeMap<CveId, Vec<&Advisory>> = BTreeMap::new();
    for advisory in &edition.advisories {
        by_cve.entry(advisory.cve).or_default().push(advisory);
    }
    let all = &edition.advisories;
    let mut files = Vec::new();
    timed("csaf", &mut files, || all.iter().map(|a| (paths::csaf(a), csaf::advisory(edition, a))).collect());
    timed("vex", &mut files, || by_cve.iter().map(|(cve, a)| (paths::vex(*cve), csaf::vex(edition, *cve, a))).collect());
    let csaf_files = files.len();
    timed("osv", &mut files, || all.iter().filter_map(|a| Some((paths::osv(a), osv::record(edition, a)?))).collect());
    timed("openvex", &mut files, || {
        by_cve.iter().filter_map(|(cve, a)| Some((paths::openvex(*cve), openvex::document(edition, *cve, a)?))).collect()
    });
    timed("json", &mut files, || all.iter().map(|a| (paths::json(a), json::document(edition, a))).collect());
    timed("json index", &mut files, || vec![(paths::JSON_INDEX.into(), json::index(edition))]);
    timed("cyclonedx", &mut files, || vec![(paths::CYCLONEDX.into(), cyclonedx::vex(edition))]);
    timed("atom", &mut files, || vec![(paths::ATOM.into(), atom::feed(edition, 200))]);
    timed("osv list", &mut files, || vec![("security/osv/modified_id.csv".into(), osv::modified_ids(edition))]);
    timed("provider", &mut files, || {
        let advisories: Vec<_> = all.iter().map(|a| csaf::listing(edition, a)).collect();
        let vex: Vec<_> = by_cve.iter().map(|(cve, a)| csaf::vex_listing(edition, *cve, a)).collect();
        let key = provider::Key { fingerprint: "0123456789ABCDEF0123456789ABCDEF01234567".into(), path: "keys/publish.asc".into() };
        vec![
            (paths::PROVIDER.into(), provider::metadata(edition, &[key])),
            (format!("{}/index.txt", paths::CSAF), provider::index(paths::CSAF, &advisories)),
            (format!("{}/changes.csv", paths::CSAF), provider::changes(paths::CSAF, &advisories)),
            (format!("{}/index.txt", paths::VEX), provider::index(paths::VEX, &vex)),
            (format!("{}/changes.csv", paths::VEX), provider::changes(paths::VEX, &vex)),
            (paths::CSAF_FEED.into(), provider::csaf_feed(edition, &advisories)),
            (paths::VEX_FEED.into(), provider::vex_feed(edition, &vex)),
            (paths::SERVICE.into(), provider::service(edition)),
        ]
    });
    let mut hashes = Vec::new();
    timed("hashes", &mut hashes, || {
        files
            .iter()
            .take(csaf_files)
            .flat_map(|(path, bytes)| {
                let hash = |end: &str, text: String| (format!("{path}.{end}"), text.into_bytes());
                [hash("sha256", provider::sha256(path, bytes)), hash("sha512", provider::sha512(path, bytes))]
            })
            .collect()
    });
    files.append(&mut hashes);
    files
}

/// An edition of generated advisories: every standing in turn, and some CVEs with several packages.
fn edition(many: u32) -> Result<Edition, Box<dyn Error>> {
    let start: Timestamp = "2025-10-01T06:00:00Z".parse()?;
    let mut advisories = Vec::new();
    let mut newest = start;
    for n in 0..many {
        let at = start + SignedDuration::from_hours(i64::from(n));
        let later = at + SignedDuration::from_hours(100);
        newest = newest.max(later);
        let package = format!("package{}{}", n % 900, if n % 50 == 7 { "-c++" } else { "" });
        let version = Evr::new(n % 3, format!("{}.{}~rc{}", n % 7, n % 13, n % 3), format!("{}.azl3", n % 9 + 1));
        let standing = match n % 8 {
            0..=2 => Standing::Fixed { version: version.clone(), or_before: false },
            3 => Standing::Affected,
            4 => Standing::Deferred { until: (n % 16 == 4).then_some(later) },
            5 => Standing::WillNotFix,
            6 => Standing::NotAffected { justification: Justification::ALL.get(n as usize / 8 % 6).copied() },
            _ if n % 16 == 7 => Standing::Withdrawn,
            _ => Standing::UnderInvestigation,
        };
        let fixed = matches!(standing, Standing::Fixed { .. });
        let delivery = |place| Delivery { at: later, version: version.clone(), place };
        let rating = |version, score, vector: &str| Some(Cvss { version, rater: Rater::Nvd, score, vector: vector.into() });
        let year = at.to_string().split('-').next().unwrap_or_default().to_owned();
        advisories.push(Advisory {
            id: format!("AZL-{year}-{}", n + 1),
            cve: format!("CVE-2025-{}", 1000 + n - n % 6).parse()?,
            binaries: (0..n % 5).map(|b| format!("{package}-part{b}")).collect(),
            package,
            version: (n % 11 != 10).then(|| version.clone()),
            statement: if n % 2 == 0 { "It was looked at with <care> & found so.".into() } else { String::new() },
            severity: [None, Some(Severity::Low), Some(Severity::Medium), Some(Severity::High), Some(Severity::Critical)][n as usize % 5],
            score: match n % 5 {
                1 => rating(CvssVersion::V2, 5.0, "AV:N/AC:L/Au:N/C:N/I:N/A:P"),
                2 => rating(CvssVersion::V30, 6.1, "CVSS:3.0/AV:N/AC:L/PR:N/UI:R/S:C/C:L/I:L/A:N"),
                3 => rating(CvssVersion::V31, 9.8, "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"),
                4 => rating(CvssVersion::V40, 8.7, "CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:N/VI:N/VA:H/SC:N/SI:N/SA:N"),
                _ => None,
            },
            description: format!(
                "In the parser of number {n} a length that a file names is taken as it is. {}",
                "It is so. ".repeat(n as usize % 30)
            ),
            weaknesses: vec!["CWE-787".into()],
            references: Vec::new(),
            exploited_since: (n % 20 == 3).then(|| "2025-11-30".into()),
            ready: None,
            deliveries: if fixed {
                vec![delivery(Place::Repository("release".into())), delivery(Place::Image("202511.1.0".into()))]
            } else {
                Vec::new()
            },
            due: (n % 8 == 3).then_some(later),
            standing,
            revisions: vec![
                Revision { number: 1, at, summary: "It is being investigated.".into() },
                Revision { number: 2, at: later, summary: "Its standing is known.".into() },
            ],
        });
    }
    let distribution = Distribution {
        name: "Azure Linux".into(),
        vendor: "azurelinux".into(),
        line: "3.0".into(),
        prefix: "AZL".into(),
        site: "https://security.example.org".into(),
        contact: "mailto:security@example.org".into(),
        cpe: "cpe:2.3:o:microsoft:azure_linux:3.0:*:*:*:*:*:*:*".into(),
        ecosystem: "Azure Linux:3".into(),
    };
    Ok(Edition { distribution, at: newest, advisories, images: Vec::new() })
}
