//! A small edition for the tests of OVAL, updateinfo and the replay of their readers.

use jiff::Timestamp;
use seaworthy_model::{Evr, Severity};

use crate::{Advisory, Delivery, Distribution, Edition, Place, Revision, Standing};

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

pub(crate) fn advisory(number: u32, cve: &str, package: &str, binaries: &[&str], shipped: &str, standing: Standing) -> Advisory {
    let (first, last) = (at("2026-03-01T10:00:00.5Z"), at("2026-03-05T16:00:00Z"));
    let fixed = matches!(standing, Standing::Fixed { .. });
    Advisory {
        id: format!("AZL-2026-{number}"),
        cve: cve.parse().unwrap(),
        package: package.into(),
        binaries: binaries.iter().map(|b| (*b).to_owned()).collect(),
        version: Evr::of_log(shipped),
        standing,
        statement: String::new(),
        severity: Some(Severity::High),
        score: None,
        description: format!("A flaw in {package}."),
        weaknesses: Vec::new(),
        references: Vec::new(),
        exploited_since: None,
        ready: None,
        deliveries: fixed
            .then(|| Delivery { at: last, version: shipped.parse().expect("an EVR"), place: Place::Repository("release".into()) })
            .into_iter()
            .collect(),
        due: None,
        revisions: [first, last]
            .into_iter()
            .zip(1..)
            .map(|(at, number)| Revision { number, at, summary: format!("State {number}.") })
            .collect(),
    }
}

pub(crate) fn fixed(version: &str) -> Standing {
    Standing::Fixed { version: version.parse().unwrap(), or_before: false }
}

/// An edition with every standing; with epochs, `~` and `^`; a name of another source's binary package; two packages of one CVE; and
/// hostile text.
pub(crate) fn edition() -> Edition {
    let mut hostile = advisory(9, "CVE-2026-1009", "gcc-c++", &["gcc-c++", "libstdc++"], "13.2.0-7.azl3", Standing::WillNotFix);
    hostile.description = format!("{} <!-- ]]> & \"<\u{0}\u{1b}\u{fffe}\u{1f980}", "Long. ".repeat(2_000));
    hostile.statement = "<script>alert(1)</script>\r\n\ttwo".into();
    hostile.severity = None;
    let mut none = advisory(6, "CVE-2014-10006", "gtk2", &[], "", Standing::Deferred { until: None });
    none.severity = Some(Severity::None);
    none.description.clear();
    Edition {
        distribution: Distribution {
            name: "Azure Linux".into(),
            vendor: "azurelinux".into(),
            line: "3.0".into(),
            prefix: "AZL".into(),
            site: "https://security.example.org/azl".into(),
            contact: "mailto:security@example.org".into(),
            cpe: "cpe:2.3:o:microsoft:azure_linux:3.0:*:*:*:*:*:*:*".into(),
            ecosystem: "Azure Linux:3".into(),
        },
        at: at("2026-03-20T04:00:00.25Z"),
        advisories: vec![
            advisory(1, "CVE-2026-1001", "openssl", &["openssl", "openssl-libs"], "1:3.3.5~rc1-2.azl3", fixed("1:3.3.5~rc1-2.azl3")),
            advisory(2, "CVE-2026-1001", "edk2", &["edk2-ovmf"], "20230301gitf80f052277c8-40.azl3", Standing::Affected),
            advisory(3, "CVE-2026-1001", "nodejs", &["nodejs"], "20.14.0-1.azl3", Standing::NotAffected { justification: None }),
            advisory(4, "CVE-2026-1004", "rust", &["rust"], "1.75.0-9.azl3", Standing::UnderInvestigation),
            advisory(5, "CVE-2026-1005", "libxml2", &["libxml2", "python3-libxml2"], "2.11.5-4.azl3", fixed("2.11.5-3.azl3")),
            none,
            advisory(7, "CVE-2026-1007", "python-jinja2", &["python3-jinja2"], "3.1.3-2.azl3", fixed("3.1.3-1.azl3")),
            advisory(8, "CVE-2026-12345678", "kernel", &["kernel", "kernel-tools"], "6.6.82.1-1.azl3", fixed("6.6.78.1^20260301-1.azl3")),
            hostile,
            advisory(10, "CVE-2025-1007", "curl", &["curl"], "8.8.0-4.azl3", Standing::Withdrawn),
            advisory(11, "CVE-2026-1005", "expat", &["expat"], "2:2.6.2-2.azl3", fixed("2:2.6.2-1.azl3")),
        ],
        images: Vec::new(),
    }
}
