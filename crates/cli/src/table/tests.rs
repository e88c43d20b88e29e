//! Tests on a hand-made assessment.

use seaworthy_inventory::{Inventory, SourcePackage};
use seaworthy_matching::{Assessment, BlindSpot, Finding};
use seaworthy_model::{Basis, Bound, Cvss, CvssVersion, Digest, Evidence, EvidenceKind, Evr, Rater, Status, Verdict, VersionRange};
use seaworthy_pipeline::SourceKind;

use super::*;

type Outcome = Result<(), Box<dyn std::error::Error>>;

fn verdict() -> Verdict {
    let range = VersionRange { start: Bound::Including("1.0"), end: Bound::Excluding("9.9.9") };
    Verdict { source: SourceKind::Nvd, version: Some("1.2".into()), basis: Basis::InRange(range.into()) }
}

fn finding(package: &str, cve: &str, status: Status, version: &str, score: Option<f32>) -> Result<Finding, Box<dyn std::error::Error>> {
    let cvss = score.map(|score| Cvss {
        version: CvssVersion::V31,
        rater: Rater::Nvd,
        score,
        vector: "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H".into(),
    });
    Ok(Finding {
        package: package.into(),
        cve: cve.parse()?,
        status,
        version: version.parse().unwrap_or_else(|_| Evr::new(0, version, "")),
        severity: cvss.as_ref().map(Cvss::severity),
        cvss,
        exploited_since: None,
        epss: None,
        product: Some(format!("{package}:{package}")),
        fixed_in: Some("9.9.9".into()),
        published: "2024-05-06".parse().unwrap(),
        decided_by: Some(SourceKind::Nvd),
        rule: Some(verdict().rule()),
        verdict: Some(verdict()),
        evidence: vec![
            Evidence::new(EvidenceKind::Home, format!("9 of 9 records that lead to {package}.org, this package's home, are about it")),
            Evidence::new(EvidenceKind::Version, verdict().to_string()),
        ],
        remark: None,
    })
}

fn package(name: &str, version: &str) -> SourcePackage {
    SourcePackage::new(name, version.parse().unwrap_or_else(|_| Evr::new(0, version, "")), format!("SPECS/{name}/{name}.spec"))
}

fn sample() -> Result<(Assessment, Inventory), Box<dyn std::error::Error>> {
    let mut inventory = Inventory::new("spec tree", "azurelinux");
    inventory.packages = vec![
        package("curl", "8.8.0-1.azl3"),
        package("vim", "5:9.1-2.azl3"),
        package("zlib+", "1.3-1.azl3"),
        package("zlib+", "1.3-1.azl3"),
    ];
    let mut exploited = finding("vim", "CVE-2024-0002", Status::Affected, "5:9.1-2.azl3", Some(5.5))?;
    exploited.exploited_since = Some("2024-06-01".parse().unwrap());
    exploited.epss = Some(0.9412);
    let mut ruled_out = finding("curl", "CVE-2024-0005", Status::NotAffected, "8.8.0-1.azl3", Some(3.1))?;
    ruled_out.verdict = Some(Verdict { basis: Basis::Platform("windows".into()), ..verdict() });
    ruled_out.evidence[1] = Evidence::new(EvidenceKind::Platform, "nvd: needs windows, which this distribution is not");
    let findings = vec![
        finding("curl", "CVE-2024-0001", Status::Affected, "8.8.0-1.azl3", Some(9.8))?,
        finding("curl", "CVE-2024-0003", Status::Suspected, "8.8.0-1.azl3", None)?,
        finding("curl", "CVE-2024-0004", Status::Fixed, "8.8.0-1.azl3", Some(7.5))?,
        ruled_out,
        exploited,
        finding("zlib+", "CVE-2024-0006", Status::Undecided, "1.3-1.azl3", Some(7.5))?,
    ];
    let blind_spot = BlindSpot { records_without_products: 25, records: 1000, packages_without_product: 1 };
    let assessment =
        Assessment { knowledge: Digest::of(b"k"), inventory: inventory.digest(), engine: "engine 1", findings, judged: 12_345, blind_spot };
    Ok((assessment, inventory))
}

fn render(assessment: &Assessment, inventory: &Inventory, style: Style) -> Result<String, Box<dyn std::error::Error>> {
    render_only(&[], assessment, inventory, style)
}

fn render_only(
    statuses: &[Status],
    assessment: &Assessment,
    inventory: &Inventory,
    style: Style,
) -> Result<String, Box<dyn std::error::Error>> {
    let report = Report {
        assessment,
        inventory,
        folder: String::new(),
        title: "A scan".into(),
        vendor: String::new(),
        left_out: &[],
        statuses,
        only_changed: false,
    };
    let mut out = Vec::new();
    write(&report, style, &mut out)?;
    Ok(String::from_utf8(out)?)
}

const TABLE: &str = "\
A scan

Affected: 2 findings
Severity  KEV   EPSS  CVE            Package  Version       Fixed in  Why
────────  ───  ─────  ─────────────  ───────  ────────────  ────────  ─────────────────────────────────────────────────────
medium    yes  94.1%  CVE-2024-0002  vim      5:9.1-2.azl3  9.9.9     contains 1.2, affects from 1.0 before 9.9.9 (by home)
critical              CVE-2024-0001  curl     8.8.0-1.azl3  9.9.9     contains 1.2, affects from 1.0 before 9.9.9 (by home)
";

/// The same on a terminal of 80 columns: the reason below its row.
const NARROW: &str = "\
A scan

Affected: 2 findings
Severity  KEV   EPSS  CVE            Package  Version       Fixed in
────────  ───  ─────  ─────────────  ───────  ────────────  ────────
medium    yes  94.1%  CVE-2024-0002  vim      5:9.1-2.azl3  9.9.9
    contains 1.2, affects from 1.0 before 9.9.9 (by home)
critical              CVE-2024-0001  curl     8.8.0-1.azl3  9.9.9
    contains 1.2, affects from 1.0 before 9.9.9 (by home)
";

#[test]
fn table_shows_affected_first_and_fits() -> Outcome {
    let (assessment, inventory) = sample()?;
    let text = render(&assessment, &inventory, Style::default())?;
    println!("{text}");
    assert!(text.starts_with(TABLE), "{text}");
    assert!(text.contains("2 affected, 1 suspected, 1 undecided, 1 fixed, 1 not affected"));
    assert!(text.contains("25 of 1,000 records (2.5%) name no product"));
    assert!(text.contains(&assessment.knowledge.short()) && !text.contains('\x1b'));
    let narrow = render(&assessment, &inventory, Style { colour: false, width: Some(80) })?;
    assert!(narrow.starts_with(NARROW), "{narrow}");
    for width in [60, 80, 100, 200] {
        let text = render(&assessment, &inventory, Style { colour: false, width: Some(width) })?;
        assert!(text.lines().all(|l| l.chars().count() <= width.max(66)), "{width}: {text}");
        assert!(text.contains("CVE-2024-0002") && text.lines().all(|l| !l.ends_with(' ')), "{text}");
    }
    Ok(())
}

#[test]
fn without_a_terminal_nothing_is_cut_and_on_one_the_names_stay_whole() -> Outcome {
    let (mut assessment, inventory) = sample()?;
    let (name, reason) = ("a-package-with-the-longest-name-of-all-packages-of-a-release", "a reason of many words ".repeat(12));
    assessment.findings.clear();
    for n in 1000..1070 {
        let mut finding = finding(name, &format!("CVE-2025-{n}"), Status::Affected, "20240524git3e722403cd16-15.azl3", Some(7.0))?;
        finding.verdict = None;
        finding.evidence[1].detail.clone_from(&reason);
        assessment.findings.push(finding);
    }
    let row = |width| -> Result<String, Box<dyn std::error::Error>> {
        let text = render(&assessment, &inventory, Style { colour: false, width })?;
        let rows: Vec<&str> = text.lines().skip_while(|line| !line.contains("CVE-2025-1000")).collect();
        Ok(rows.into_iter().take_while(|line| !line.contains("CVE-2025-1001")).collect::<Vec<_>>().join("\n"))
    };
    let whole = row(None)?;
    assert!(whole.contains(name) && whole.contains(reason.trim_end()) && whole.lines().count() == 1, "{whole}");
    for width in [80, 120, 200] {
        let shown = row(Some(width))?;
        let letters = |text: &str| text.replace([' ', '\n'], "");
        assert!(letters(&shown).contains("packages") && !shown.contains("releas…") && !shown.contains("azl…"), "{width}: {shown}");
        assert!(shown.lines().all(|line| line.chars().count() <= width), "{width}: {shown}");
        assert!(width < 100 || shown.contains('…'), "a long list has one line for each reason: {shown}");
        assert!(width > 100 || letters(&shown).matches("manywords").count() == 12, "{shown}");
    }
    Ok(())
}

#[test]
fn a_column_without_a_value_is_left_out() -> Outcome {
    let (mut assessment, inventory) = sample()?;
    let heading = |assessment: &Assessment| -> Result<String, Box<dyn std::error::Error>> {
        let text = render(assessment, &inventory, Style::default())?;
        Ok(text.lines().find(|line| line.starts_with("Severity")).unwrap_or_default().to_owned())
    };
    assert!(heading(&assessment)?.contains("EPSS"));
    assessment.findings.iter_mut().for_each(|finding| finding.epss = None);
    let without = heading(&assessment)?;
    assert!(!without.contains("EPSS") && without.contains("KEV"), "{without}");
    Ok(())
}

#[test]
fn colours_are_only_added() -> Outcome {
    let (assessment, inventory) = sample()?;
    let plain = render(&assessment, &inventory, Style::default())?;
    let mut coloured = render(&assessment, &inventory, Style { colour: true, width: None })?;
    assert!(coloured.contains("\x1b[1;31mcritical\x1b[0m"));
    for code in ["0", "1", "2", "31", "33", "36", "1;31", "1;35"] {
        coloured = coloured.replace(&format!("\x1b[{code}m"), "");
    }
    assert_eq!(coloured, plain);
    Ok(())
}

#[test]
fn long_lists_have_a_line_each_and_many_suspicions_are_summed_up() -> Outcome {
    let (mut assessment, inventory) = sample()?;
    assessment.findings.clear();
    for n in 1000..1070 {
        assessment.findings.push(finding("curl", &format!("CVE-2025-{n}"), Status::Affected, "8.8.0-1.azl3", Some(7.0))?);
        assessment.findings.push(finding("vim", &format!("CVE-2025-{n}"), Status::Suspected, "5:9.1-2.azl3", Some(4.0))?);
    }
    let text = render(&assessment, &inventory, Style { colour: false, width: Some(100) })?;
    assert_eq!(text.lines().filter(|l| l.starts_with("high ")).count(), 70, "{text}");
    assert_eq!(text.lines().filter(|l| l.contains("vim")).count(), 1);
    assert!(text.contains("Suspected, to be looked at: 70 findings") && text.lines().all(|l| l.chars().count() <= 100), "{text}");
    Ok(())
}

#[test]
fn a_filter_lists_what_it_names_and_counts_what_it_hides() -> Outcome {
    let (mut assessment, inventory) = sample()?;
    let text = render_only(&[Status::Undecided, Status::Fixed], &assessment, &inventory, Style::default())?;
    assert!(!text.contains("No known vulnerability"), "{text}");
    for line in ["undecided: 1 finding", "fixed: 1 finding", "2 affected, 1 suspected, 1 undecided, 1 fixed, 1 not affected"] {
        assert!(text.lines().any(|l| l == line), "{line}: {text}");
    }
    assert!(text.contains("CVE-2024-0006") && text.contains("CVE-2024-0004") && !text.contains("CVE-2024-0001"), "{text}");
    assert!(text.contains("Not listed here: 2 affected, 1 suspected, 1 not affected."), "{text}");
    let whole = render(&assessment, &inventory, Style::default())?;
    assert!(!whole.contains("Not listed") && !whole.contains("CVE-2024-0006"), "{whole}");

    for n in 1000..1070 {
        assessment.findings.push(finding("vim", &format!("CVE-2025-{n}"), Status::Suspected, "5:9.1-2.azl3", Some(4.0))?);
    }
    let text = render_only(&[Status::Suspected], &assessment, &inventory, Style::default())?;
    assert_eq!(text.lines().filter(|l| l.contains("vim")).count(), 70, "each one, where they are asked for: {text}");
    Ok(())
}

#[test]
fn nothing_found_is_said_in_a_sentence() -> Outcome {
    let (mut assessment, inventory) = sample()?;
    assessment.findings.clear();
    let text = render(&assessment, &inventory, Style::default())?;
    assert!(text.contains("No known vulnerability affects the 4 source packages; 12,345 pairs were judged."), "{text}");
    Ok(())
}

#[test]
fn hostile_names_move_no_cursor() -> Outcome {
    let (mut assessment, inventory) = sample()?;
    let name = "\x1b[31m\u{202e}\u{9b}\n\0x";
    for f in &mut assessment.findings {
        f.package = name.into();
        f.fixed_in = Some(name.into());
        f.verdict = None;
        f.evidence[0].detail = name.into();
        f.evidence[1].detail = name.into();
    }
    let table = render(&assessment, &inventory, Style::default())?;
    assert!(table.lines().all(|line| clean(line) == line), "{table:?}");
    Ok(())
}

#[test]
fn columns_that_can_be_spared_are_left_out_one_by_one() -> Outcome {
    let columns = vec![number(""), fixed("state").spare(1), fixed("CVE"), fixed("who").spare(0)];
    let row = ["97", "under_investigation [embargo]", "CVE-2024-0001", "mia-of-the-harbor"];
    let table = Table::new(columns, vec![row.map(Cell::plain).into()]);
    for (width, shown) in [
        (None, &row[..]),
        (Some(67), &row[..]),
        (Some(66), &row[..3]),
        (Some(48), &row[..3]),
        (Some(47), &["97", "CVE-2024-0001"][..]),
        (Some(1), &["97", "CVE-2024-0001"][..]),
    ] {
        let mut out = Vec::new();
        table.write(&mut out, Style { colour: false, width }, false)?;
        let text = String::from_utf8(out)?;
        assert_eq!(text.lines().next_back(), Some(&*shown.join("  ")), "{width:?}: {text}");
        assert_eq!(text.lines().count(), 3, "{width:?}: {text}");
    }
    Ok(())
}
