//! A made-up edition for examples and tests: an advisory of every standing, hostile texts and names, and any number of generated
//! advisories.

use jiff::{Timestamp, ToSpan as _};
use seaworthy_model::case::Justification;
use seaworthy_model::{Cvss, CvssVersion, Evr, Rater, Severity};
use seaworthy_publish::{Advisory, Delivery, Distribution, Edition, ImageNote, Place, ReadyFix, Revision, Standing};

/// The image with which several fixes were delivered first.
pub(crate) const IMAGE: &str = "202608.20.0";

fn at(text: &str) -> Timestamp {
    format!("{text}:00Z").parse().unwrap()
}

/// An edition of twelve hand-made advisories and `many` generated ones. The same number gives the same edition.
pub(crate) fn edition(many: u32) -> Edition {
    let mut advisories = own();
    advisories.extend((0..many).map(generated));
    advisories.sort_by(|a, b| (a.order(), &a.id).cmp(&(b.order(), &b.id)));
    let images = (1..=24u32).map(|n| {
        let (year, month) = (2025 + (n - 1) / 12, (n - 1) % 12 + 1);
        let counts = [("fixed", 20 + u64::from(n)), ("carried_affected", 90 - u64::from(n)), ("carried_late", 3), ("newly_known", 11)];
        ImageNote {
            version: format!("{year}{month:02}.20.0"),
            sku: "Harbor/gen2".into(),
            built: at(&format!("{year}-{month:02}-20T06:00")),
            packages: 310 + n,
            counts: counts.into_iter().map(|(k, v)| (k.to_owned(), v)).collect(),
        }
    });
    let images: Vec<ImageNote> = images.filter(|i| i.built < at("2026-11-01T00:00")).collect();
    Edition { distribution: distribution(), at: at("2026-11-20T12:00"), advisories, images }
}

fn distribution() -> Distribution {
    Distribution {
        name: "Harbor Linux".into(),
        vendor: "harbor".into(),
        line: "3.0".into(),
        prefix: "HBR".into(),
        site: "https://security.harbor.example".into(),
        contact: "security@harbor.example".into(),
        cpe: "cpe:2.3:o:harbor:harbor_linux:3.0:*:*:*:*:*:*:*".into(),
        ecosystem: "Harbor Linux:3".into(),
    }
}

fn advisory(number: u32, cve: &str, package: &str, standing: Standing) -> Advisory {
    let deliveries = match &standing {
        Standing::Fixed { version, .. } => vec![
            Delivery { at: at("2026-08-18T09:30"), version: version.clone(), place: Place::Repository("3.0-base".into()) },
            Delivery { at: at("2026-08-20T06:00"), version: version.clone(), place: Place::Image(IMAGE.into()) },
        ],
        _ => Vec::new(),
    };
    Advisory {
        id: format!("HBR-2026-{number:04}"),
        cve: cve.parse().unwrap(),
        package: package.into(),
        binaries: vec![package.to_owned(), format!("{package}-libs")],
        version: Evr::of_log("0:1.2.3-4.hbr3"),
        standing,
        statement: String::new(),
        severity: Some(Severity::High),
        score: Some(Cvss {
            version: CvssVersion::V31,
            rater: Rater::Nvd,
            score: 7.5,
            vector: "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:H".into(),
        }),
        description: format!("A flaw in the parser of {package} lets a remote attacker stop the service by a request that is made for it."),
        weaknesses: vec!["CWE-400".into()],
        references: Vec::new(),
        exploited_since: None,
        ready: None,
        deliveries,
        due: None,
        revisions: vec![Revision { number: 1, at: at("2026-08-01T08:00"), summary: "First published: affected.".into() }],
    }
}

fn fixed(version: &str) -> Standing {
    Standing::Fixed { version: version.parse::<Evr>().unwrap(), or_before: false }
}

fn revised(mut a: Advisory, when: &str, summary: &str) -> Advisory {
    let number = a.revisions.len() as u32 + 1;
    a.revisions.push(Revision { number, at: at(when), summary: summary.into() });
    a
}

fn own() -> Vec<Advisory> {
    let mut out = Vec::new();
    let a = advisory(1, "CVE-2026-10001", "openssl", fixed("3.3.5-3.hbr3"));
    let a = revised(a, "2026-08-18T09:30", "Now fixed in 3.3.5-3.hbr3. 3.3.5-3.hbr3 is in the repository (3.0-base).");
    let mut a = revised(a, "2026-08-20T06:00", "Image 202608.20.0 carries 3.3.5-3.hbr3.");
    a.severity = Some(Severity::Critical);
    a.exploited_since = Some("2026-08-10".into());
    a.statement = "Servers that accept client certificates can be reached. The patch is upstream's, unchanged.".into();
    out.push(a);
    // The epoch is one that `rpm -q` does not print, and the version is before the release.
    out.push(revised(
        advisory(2, "CVE-2026-10002", "vim", fixed("2:9.1.0~rc2-1.hbr3")),
        "2026-08-21T10:00",
        "Now fixed in 2:9.1.0~rc2-1.hbr3.",
    ));
    let mut a = advisory(3, "CVE-2026-10001", "edk2", Standing::Affected);
    a.due = Some(at("2026-12-01T00:00"));
    out.push(a);
    let mut a = advisory(4, "CVE-2026-10003", "openssl", Standing::Affected);
    a.due = Some(at("2026-10-01T00:00"));
    a.statement = "A fix is ready in 3.3.6-1.hbr3, and not delivered yet.".into();
    a.ready = Some(ReadyFix { version: Evr::of_log("3.3.6-1.hbr3") });
    out.push(revised(a, "2026-11-02T10:00", "Changed: the promised date."));
    out.push(advisory(5, "CVE-2026-10004", "openssl", Standing::Deferred { until: Some(at("2027-01-15T00:00")) }));
    out.push(advisory(6, "CVE-2026-10005", "curl", Standing::WillNotFix));
    let mut a = advisory(
        7,
        "CVE-2026-10006",
        "openssl",
        Standing::NotAffected { justification: Some(Justification::VulnerableCodeNotInExecutePath) },
    );
    a.severity = Some(Severity::Medium);
    a.statement = "The engine is built, and nothing loads it.".into();
    out.push(a);
    let mut a = advisory(8, "CVE-2026-10007", "curl", Standing::NotAffected { justification: None });
    a.severity = None;
    a.score = None;
    a.description = String::new();
    out.push(a);
    out.push(advisory(9, "CVE-2026-10008", "openssl", Standing::UnderInvestigation));
    out.push(advisory(10, "CVE-2026-10009", "zlib", Standing::Withdrawn));
    let mut a = advisory(11, "CVE-2026-10010", "libsigc++20", fixed("3.6.0^git20260101-1.hbr3"));
    a.deliveries.pop();
    out.push(a);
    // Everything that a stranger may write.
    let hostile =
        "</td><script>window.hacked = 1</script><img src=x onerror=\"window.hacked = 2\"> & \"quotes\" 'and' \u{202e}reversed\u{7}";
    let mut a = advisory(12, "CVE-2026-10011", "../odd \"name\"<b>", Standing::Deferred { until: None });
    a.statement = format!("{hostile}\n\njavascript:alert(1) https://example.invalid/{}", "long".repeat(80));
    a.description = hostile.repeat(3);
    a.weaknesses = vec!["CWE-79".into(), "javascript:alert(1)".into(), "CWE-\"><script>".into()];
    a.exploited_since = Some("<i>yesterday</i>".into());
    a.binaries = vec!["odd<script>".into(), "-rf".into()];
    out.push(revised(a, "2026-09-01T00:00", hostile));
    out
}

/// A generated advisory, which depends on its number alone.
fn generated(n: u32) -> Advisory {
    let mut seed = u64::from(n).wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ 0x5851_F42D_4C95_7F2D;
    let mut draw = |below: u64| {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (seed >> 33) % below
    };
    let names = ["kernel", "systemd", "glibc", "python3", "golang", "containerd", "runc", "expat", "libxml2", "sqlite", "bind", "krb5"];
    // The kernel has more than all others.
    let name = match draw(3) {
        0 => "kernel".to_owned(),
        1 => names[draw(12) as usize].to_owned(),
        _ => format!("{}-{}", names[draw(12) as usize], ["tools", "plugins", "compat", "extras"][draw(4) as usize]),
    };
    let year = 2020 + draw(7);
    let version = format!("{}.{}.{}-{}.hbr3", 1 + draw(6), draw(12), draw(30), 1 + draw(9));
    let start = at("2024-02-01T00:00") + (draw(900) as i64 * 24).hours() + (draw(1440) as i64).minutes();
    let standing = match draw(20) {
        0..12 => fixed(&version),
        12 | 13 => Standing::Affected,
        14 => Standing::Deferred { until: Some(start + 3000.hours()) },
        15 => Standing::WillNotFix,
        16 | 17 => Standing::NotAffected { justification: Some(Justification::ALL[draw(5) as usize]) },
        18 => Standing::UnderInvestigation,
        _ => Standing::Withdrawn,
    };
    let mut a = advisory(0, &format!("CVE-{year}-{}", 20_000 + n), &name, standing);
    let born = start.strftime("%Y").to_string();
    a.id = format!("HBR-{born}-{:04}", 1000 + n);
    a.severity =
        [None, Some(Severity::Low), Some(Severity::Medium), Some(Severity::Medium), Some(Severity::High), Some(Severity::Critical)]
            [draw(6) as usize];
    a.version = Evr::of_log(&version);
    a.due = (a.standing == Standing::Affected).then(|| start + 1500.hours());
    a.exploited_since = (draw(40) == 0).then(|| "2025-05-05".to_owned());
    a.revisions[0].at = start;
    if let Standing::Fixed { version, .. } = &a.standing {
        let (published, imaged) = (start + (24 + draw(400) as i64).hours(), start + (500 + draw(400) as i64).hours());
        let image = format!("{}.20.0", imaged.strftime("%Y%m"));
        a.revisions.push(Revision { number: 2, at: published, summary: format!("Now fixed in {version}.") });
        a.revisions.push(Revision { number: 3, at: imaged, summary: format!("Image {image} carries {version}.") });
        a.deliveries = vec![
            Delivery { at: published, version: version.clone(), place: Place::Repository("3.0-base".into()) },
            Delivery { at: imaged, version: version.clone(), place: Place::Image(image) },
        ];
    }
    a
}
