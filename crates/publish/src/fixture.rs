//! A small edition for tests: an advisory of every standing, and every special case that a format could get wrong.

use std::collections::BTreeMap;

use jiff::Timestamp;
use seaworthy_model::case::Justification;
use seaworthy_model::{Cvss, CvssVersion, Evr, Rater, Reference, ReferenceKind, Severity};

use crate::{Advisory, Delivery, Distribution, Edition, ImageNote, Place, Revision, Standing};

/// The time in a text of RFC 3339.
pub(crate) fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

/// The distribution of the edition.
pub(crate) fn distribution() -> Distribution {
    Distribution {
        name: "Azure Linux".into(),
        vendor: "azurelinux".into(),
        line: "3.0".into(),
        prefix: "AZL".into(),
        site: "https://security.example.org/azl".into(),
        contact: "mailto:security@example.org".into(),
        cpe: "cpe:2.3:o:microsoft:azure_linux:3.0:*:*:*:*:*:*:*".into(),
        ecosystem: "Azure Linux:3".into(),
    }
}

/// An advisory under investigation, with one revision for each time. Tests change the fields that they are about.
pub(crate) fn advisory(id: &str, cve: &str, package: &str, version: &str, times: &[&str]) -> Advisory {
    Advisory {
        id: id.into(),
        cve: cve.parse().unwrap(),
        package: package.into(),
        binaries: vec![package.into(), format!("{package}-libs")],
        version: Evr::of_log(version),
        standing: Standing::UnderInvestigation,
        statement: String::new(),
        severity: None,
        score: None,
        description: format!("A flaw in {package} lets an attacker read memory."),
        weaknesses: Vec::new(),
        references: Vec::new(),
        exploited_since: None,
        ready: None,
        deliveries: Vec::new(),
        due: None,
        revisions: (1..).zip(times).map(|(number, time)| Revision { number, at: at(time), summary: format!("State {number}.") }).collect(),
    }
}

fn rated(version: CvssVersion, score: f32, vector: &str) -> Option<Cvss> {
    Some(Cvss { version, rater: Rater::Nvd, score, vector: vector.into() })
}

/// A reference of each kind, one of several kinds, and one of which nothing is known.
fn references() -> Vec<Reference> {
    use ReferenceKind::{Advisory, Article, Discussion, Exploit, Mitigation, Patch, ReleaseNotes, Report};
    let kinds: [&[ReferenceKind]; 9] =
        [&[Patch, Report], &[Advisory], &[Mitigation], &[Exploit], &[ReleaseNotes], &[Report], &[Discussion], &[Article], &[]];
    let reference =
        |(n, kinds): (i32, &[ReferenceKind])| Reference::of(&format!("https://openssl.example.org/{n}?a=1&b=2"), kinds.to_vec());
    (1..).zip(kinds).filter_map(reference).collect()
}

fn delivery(time: &str, version: &str, place: Place) -> Delivery {
    Delivery { at: at(time), version: version.parse().unwrap(), place }
}

/// Advisories of every standing, by year and number; four packages share CVE-2026-1001.
pub(crate) fn edition() -> Edition {
    let repository = || Place::Repository("release".into());
    let image = |version: &str| Place::Image(version.into());
    let withdrawn = Advisory {
        standing: Standing::Withdrawn,
        statement: "The record was rejected: it repeats another.".into(),
        severity: Some(Severity::Low),
        ..advisory("AZL-2025-7", "CVE-2025-1007", "curl", "8.8.0-4.azl3", &["2025-11-03T08:00:00Z", "2026-02-01T09:30:00Z"])
    };
    let fixed = Advisory {
        standing: Standing::Fixed { version: "1:3.3.5~rc1-2.azl3".parse().unwrap(), or_before: false },
        binaries: ["openssl", "openssl-devel", "openssl-libs"].map(String::from).to_vec(),
        statement: "Fixed by taking the patch of the upstream project.".into(),
        severity: Some(Severity::Critical),
        score: rated(CvssVersion::V31, 9.8, "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"),
        weaknesses: ["CWE-787", "CWE-125"].map(String::from).to_vec(),
        references: references(),
        exploited_since: Some("2026-03-03".into()),
        deliveries: vec![
            delivery("2026-03-05T16:00:00Z", "1:3.3.5~rc1-2.azl3", repository()),
            delivery("2026-03-08T04:00:00Z", "1:3.3.5~rc1-2.azl3", image("202603.08.0")),
        ],
        ..advisory(
            "AZL-2026-1",
            "CVE-2026-1001",
            "openssl",
            "1:3.3.5~rc1-2.azl3",
            &["2026-03-01T10:00:00Z", "2026-03-05T16:00:00Z", "2026-03-08T04:00:00Z"],
        )
    };
    let affected = Advisory {
        standing: Standing::Affected,
        binaries: vec!["edk2-ovmf".into()],
        severity: Some(Severity::High),
        score: fixed.score.clone(),
        weaknesses: fixed.weaknesses.clone(),
        references: fixed.references.clone(),
        exploited_since: fixed.exploited_since.clone(),
        due: Some(at("2026-03-31T10:00:00Z")),
        ..advisory("AZL-2026-2", "CVE-2026-1001", "edk2", "20230301gitf80f052277c8-40.azl3", &["2026-03-01T10:00:01Z"])
    };
    let not_affected = Advisory {
        standing: Standing::NotAffected { justification: Some(Justification::VulnerableCodeNotPresent) },
        statement: "It is built against the system's openssl; its own copy is not compiled.".into(),
        ..advisory("AZL-2026-3", "CVE-2026-1001", "nodejs", "20.14.0-1.azl3", &["2026-03-01T10:00:02Z", "2026-03-02T11:00:00Z"])
    };
    let investigated = advisory("AZL-2026-4", "CVE-2026-1001", "rust", "1.75.0-9.azl3", &["2026-03-01T10:00:03Z"]);
    let deferred = Advisory {
        standing: Standing::Deferred { until: Some(at("2026-06-30T00:00:00Z")) },
        statement: "It needs the next version of the library.".into(),
        due: Some(at("2026-06-30T00:00:00Z")),
        ..advisory("AZL-2026-5", "CVE-2026-1005", "libxml2", "2.11.5-1.azl3", &["2026-03-02T08:00:00Z", "2026-03-02T08:00:00Z"])
    };
    let left = Advisory {
        standing: Standing::WillNotFix,
        statement: "The project has ended; use gtk4 instead.".into(),
        severity: Some(Severity::Medium),
        score: rated(CvssVersion::V2, 5.0, "AV:N/AC:L/Au:N/C:N/I:N/A:P"),
        ..advisory("AZL-2026-6", "CVE-2014-10006", "gtk2", "2.24.32-8.azl3", &["2026-03-02T09:00:00.123456Z"])
    };
    let unexplained = Advisory {
        standing: Standing::NotAffected { justification: None },
        binaries: Vec::new(),
        description: String::new(),
        severity: Some(Severity::None),
        score: rated(CvssVersion::V30, 0.0, ""),
        ..advisory("AZL-2026-7", "CVE-2026-1007", "python-jinja2", "", &["2026-03-02T10:00:00Z"])
    };
    let by_image = Advisory {
        standing: Standing::Fixed { version: "6.6.78.1^20260301-1.azl3".parse().unwrap(), or_before: false },
        severity: Some(Severity::High),
        score: rated(CvssVersion::V40, 8.7, "CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:N/VI:N/VA:H/SC:N/SI:N/SA:N"),
        weaknesses: vec!["CWE-416".into(), "NVD-CWE-noinfo".into()],
        deliveries: vec![
            delivery("2026-03-08T04:00:00Z", "6.6.78.1^20260301-1.azl3", image("202603.08.0")),
            delivery("2026-03-09T12:00:00Z", "6.6.78.1^20260301-1.azl3", repository()),
            delivery("2026-03-20T04:00:00Z", "6.6.82.1-1.azl3", image("202603.20.0")),
        ],
        ..advisory(
            "AZL-2026-8",
            "CVE-2026-12345678",
            "kernel",
            "6.6.82.1-1.azl3",
            &["2026-03-03T10:00:00Z", "2026-03-08T04:00:00Z", "2026-03-20T04:00:00Z"],
        )
    };
    let hostile = Advisory {
        standing: Standing::Deferred { until: None },
        binaries: ["gcc-c++", "libstdc++"].map(String::from).to_vec(),
        statement: "Bad <script>alert(\"1\")</script> & ]]> words,\r\nand\ttwo lines; \u{0}\u{1b}[31m \u{fffe} é 漢 \u{1f980}.".into(),
        description: format!("{} \u{202e}<!-- ", "Long. ".repeat(20_000)),
        severity: Some(Severity::Low),
        // A score that its vector does not give, and a vector that is none.
        score: rated(CvssVersion::V31, 3.1, "CVSS:3.1/AV:N/\"><x>"),
        weaknesses: vec!["CWE-79\"".into()],
        // As a log may have them that another program wrote.
        references: vec![
            Reference { url: "javascript:alert(1)".into(), kinds: vec![ReferenceKind::Patch] },
            Reference { url: "https://a.example.org/\"><script>\u{202e}".into(), kinds: Vec::new() },
        ],
        exploited_since: Some("yesterday".into()),
        ..advisory("AZL-2026-9", "CVE-2026-1009", "gcc-c++", "13.2.0-7.azl3", &["2026-03-04T10:00:00Z"])
    };
    let advisories = vec![withdrawn, fixed, affected, not_affected, investigated, deferred, left, unexplained, by_image, hostile];
    let note = |version: &str, built: &str, fixed: u64| ImageNote {
        version: version.into(),
        sku: "AzureLinux-V3-gen2".into(),
        built: at(built),
        packages: 412,
        counts: BTreeMap::from([("carried_affected".to_owned(), 2), ("fixed".to_owned(), fixed)]),
    };
    Edition {
        distribution: distribution(),
        at: at("2026-03-20T04:00:00Z"),
        advisories,
        images: vec![note("202603.08.0", "2026-03-08T02:00:00Z", 2), note("202603.20.0", "2026-03-20T02:00:00Z", 1)],
    }
}

/// The fixture keeps the promises of its types.
#[test]
fn the_fixture_is_an_edition() {
    let edition = edition();
    assert!(edition.advisories.is_sorted_by_key(Advisory::order));
    for advisory in &edition.advisories {
        assert!(advisory.binaries.is_sorted(), "{}", advisory.id);
        assert!(advisory.revisions.is_sorted_by_key(|r| r.at) && advisory.deliveries.is_sorted_by_key(|d| d.at), "{}", advisory.id);
        assert!((1..).zip(&advisory.revisions).all(|(n, r)| n == r.number) && advisory.updated() <= edition.at, "{}", advisory.id);
        assert_eq!(advisory.deliveries.is_empty(), advisory.fixed().is_none(), "{}", advisory.id);
    }
}
