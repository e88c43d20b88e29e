//! An HTML page that needs nothing else: no other file, no network, and no JavaScript but for the filter.
//!
//! The page is written row by row, so that one with tens of thousands of findings is never in memory as a whole.

use std::io::{self, Write};

use maud::{DOCTYPE, Markup, PreEscaped, Render, html};
use seaworthy_model::{Severity, Status};

use super::report::{Group, Report, clean, cve_page, fixed_in, grouped, kind_word, percent, plural, severity_word, why, words};
use crate::numbers::thousands;
use crate::{Finding, LeftOut};

/// The content security policy: the page loads nothing, whatever a name in the report contains.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; base-uri 'none'; form-action 'none'";

const STYLE: &str = r#"
:root { --bg: #fff; --fg: #1b2430; --dim: #5a6675; --line: #d9dfe6; --soft: #f3f6f9; --link: #0b5cad;
  --critical: #8f1028; --high: #b3400a; --medium: #7d5c00; --low: #1d6a58; --unknown: #5a6675; --kev: #7a1fa2; --on: #fff; }
@media (prefers-color-scheme: dark) { :root { --bg: #12171d; --fg: #e3e8ee; --dim: #9aa7b5; --line: #2d3742; --soft: #1a2129; --link: #7db8f2;
  --critical: #ff8fa1; --high: #ffa36b; --medium: #ecc65a; --low: #78d1bb; --unknown: #9aa7b5; --kev: #dda5f5; --on: #12171d; } }
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 1.5rem clamp(1rem, 3vw, 2.5rem) 3rem; max-width: 100rem; background: var(--bg); color: var(--fg);
  font: 1rem/1.5 system-ui, -apple-system, "Segoe UI", "Noto Sans", "DejaVu Sans", sans-serif; overflow-wrap: anywhere; }
h1 { font-size: 1.6rem; line-height: 1.25; margin: 0 0 .25rem; }
h2 { font-size: 1.2rem; margin: 2.25rem 0 .75rem; }
a { color: var(--link); }
p { margin: .25rem 0; max-width: 50rem; }
.dim { color: var(--dim); }
.counts { display: grid; grid-template-columns: repeat(auto-fit, minmax(8rem, 1fr)); gap: .75rem; margin: 1.25rem 0; padding: 0; list-style: none; }
.counts li { padding: .6rem .9rem; border: 1px solid var(--line); border-radius: .5rem; background: var(--soft); }
.counts b { display: block; font-size: 1.5rem; line-height: 1.2; font-variant-numeric: tabular-nums; }
form { display: flex; flex-wrap: wrap; gap: .6rem 1rem; align-items: center; margin: .75rem 0 1rem; }
form[hidden] { display: none; }
input[type=search], select { font: inherit; color: inherit; background: var(--bg); border: 1px solid var(--dim); border-radius: .4rem; padding: .35rem .6rem; min-width: 0; }
input[type=search] { flex: 0 1 18rem; }
table { width: 100%; border-collapse: collapse; font-size: .92rem; }
th { text-align: left; font-size: .82rem; color: var(--dim); font-weight: 600; white-space: nowrap; }
th, td { padding: .5rem .75rem .5rem 0; border-bottom: 1px solid var(--line); vertical-align: top; }
td.n, th.n { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
td.id, td.s { white-space: nowrap; overflow-wrap: normal; }
td.name { font-weight: 600; min-width: 8rem; }
td.v { min-width: 9.5rem; }
td.why { width: 40%; min-width: 16rem; }
tr[hidden] { display: none; }
.badge { display: inline-block; min-width: 5rem; white-space: nowrap; padding: 0 .5rem; border-radius: .3rem; text-align: center; font-size: .82rem; font-weight: 600; background: var(--c); color: var(--on); }
.soft { background: none; color: var(--c); border: 1px solid var(--c); }
.critical { --c: var(--critical); } .high { --c: var(--high); } .medium { --c: var(--medium); } .low { --c: var(--low); }
.unknown, .none { --c: var(--unknown); } .kev { --c: var(--kev); min-width: 0; }
summary { cursor: pointer; }
summary:focus-visible, a:focus-visible, input:focus-visible, select:focus-visible { outline: 2px solid var(--link); outline-offset: 2px; }
.why ul { margin: .35rem 0 0; padding-left: 1.1rem; color: var(--dim); }
.group { border: 1px solid var(--line); border-radius: .5rem; margin: .5rem 0; }
.group > summary { padding: .55rem .9rem; background: var(--soft); border-radius: .5rem; }
.group[open] > summary { border-radius: .5rem .5rem 0 0; }
.group > table, .group > p { margin: 0 .9rem .5rem; width: calc(100% - 1.8rem); }
.group tr:last-child td { border-bottom: 0; }
.group td.why { width: 60%; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .25rem 1.25rem; margin: .5rem 0; }
dt { color: var(--dim); } dd { margin: 0; }
code { font-family: ui-monospace, "DejaVu Sans Mono", monospace; font-size: .88em; }
@media (max-width: 52rem) {
  table, tbody, td, td.why { display: block; width: auto; min-width: 0; }
  thead { display: none; }
  tr { display: flex; flex-wrap: wrap; gap: 0 .6rem; padding: .6rem 0; border-bottom: 1px solid var(--line); }
  .group tr:last-child { border-bottom: 0; }
  td, td.n { flex: 0 0 100%; order: 1; border: 0; padding: .1rem 0; text-align: left; white-space: normal; }
  td.s, td.id, td.k { flex: 0 0 auto; order: 0; }
  td.name { order: 0; }
  td.why { order: 2; padding-top: .3rem; }
  td:empty { display: none; }
  td[data-label]::before { content: attr(data-label); display: inline-block; min-width: 5.5rem; color: var(--dim); font-weight: 400; }
  dl { grid-template-columns: 1fr; } dd { margin-bottom: .5rem; }
}
@media print { form { display: none; } .group { break-inside: avoid; } }
"#;

/// The script that shows the filter, which does nothing without it, and hides the rows that do not match.
const SCRIPT: &str = r##"
(function () {
  var form = document.getElementById("filter"), shown = document.getElementById("shown");
  if (!form) return;
  var rows = Array.prototype.slice.call(document.querySelectorAll("#affected tbody tr"));
  function filter() {
    var text = form.q.value.trim().toLowerCase(), severity = form.severity.value, kev = form.kev.checked, n = 0;
    rows.forEach(function (row) {
      row.hidden = !((!severity || row.dataset.severity === severity) && (!kev || row.dataset.kev === "1") && (!text || row.textContent.toLowerCase().indexOf(text) >= 0));
      if (!row.hidden) n++;
    });
    shown.textContent = n === rows.length ? "" : n + " of " + rows.length + " shown";
  }
  form.hidden = false;
  form.addEventListener("input", filter);
  form.addEventListener("submit", function (event) { event.preventDefault(); });
})();
"##;

/// Foreign text, escaped and without characters that change how the text around it is shown.
struct Text<'a>(&'a str);

impl Render for Text<'_> {
    fn render_to(&self, out: &mut String) {
        clean(self.0).as_ref().render_to(out);
    }
}

/// The filter, hidden until the script shows it.
fn filter() -> Markup {
    html! {
        form #filter hidden role="search" {
            input type="search" name="q" placeholder="Package, CVE or reason" aria-label="Filter by package, CVE or reason";
            select name="severity" aria-label="Severity" {
                option value="" { "Every severity" }
                @for word in ["critical", "high", "medium", "low", "unknown"] { option { (word) } }
            }
            label { input type="checkbox" name="kev"; " known exploited only" }
            span #shown.dim role="status" {}
        }
    }
}

/// The parts of a table that not every table has.
#[derive(Clone, Copy)]
struct Columns {
    /// Whether the filter of the page is for this table.
    filtered: bool,
    /// Whether package and version stand in each row.
    package: bool,
    /// Whether any finding of the page has a score of EPSS.
    epss: bool,
}

/// The row of a finding; its reason unfolds to all the evidence.
fn row(finding: &Finding, columns: Columns) -> Markup {
    let severity = severity_word(finding.severity);
    let kev = finding.exploited_since.map(|day| day.to_string());
    html! {
        tr data-severity=(severity) data-kev=(u8::from(kev.is_some())) {
            td.s { span.{ "badge " (severity) }.soft[!columns.package] { (severity) } }
            td.k {
                @if let Some(day) = &kev {
                    span.badge.kev title={ "known to be exploited since " (Text(day)) } { "KEV" }
                }
            }
            td.id { a href=(cve_page(finding)) rel="noreferrer" { (finding.cve.to_string()) } }
            @if columns.epss { (cell("n", "EPSS", &percent(finding.epss))) }
            @if columns.package {
                td.name { (Text(&finding.package)) }
                td.v data-label="Version" { (Text(&finding.version.to_string())) }
            }
            (cell("f", "Fixed in", &fixed_in(finding)))
            td.why {
                details {
                    summary { (Text(&why(finding))) }
                    ul {
                        @for evidence in &finding.evidence {
                            li { (kind_word(evidence.kind)) ": " (Text(&evidence.detail)) }
                        }
                        @if let Some(cvss) = &finding.cvss {
                            li { "CVSS " (format!("{:.1}", cvss.score)) " " (Text(&cvss.vector)) }
                        }
                        @if let Some(day) = &kev {
                            li { "known to be exploited since " (Text(day)) }
                        }
                        li { "published " (finding.published.to_string()) }
                    }
                }
            }
        }
    }
}

/// The cell of a table. An empty one has no label, so that the narrow layout leaves it out.
fn cell(class: &str, label: &str, text: &str) -> Markup {
    html! {
        @if text.is_empty() { td.(class) {} } @else { td.(class) data-label=(label) { (Text(text)) } }
    }
}

fn heading(columns: Columns) -> Markup {
    html! {
        thead {
            tr {
                th scope="col" { "Severity" }
                th scope="col" { abbr title="known to be exploited (CISA)" { "KEV" } }
                th scope="col" { "CVE" }
                @if columns.epss { th.n scope="col" { abbr title="probability of exploitation within 30 days (FIRST)" { "EPSS" } } }
                @if columns.package {
                    th scope="col" { "Package" }
                    th scope="col" { "Version" }
                }
                th scope="col" { "Fixed in" }
                th scope="col" { "Why" }
            }
        }
    }
}

fn table(out: &mut dyn Write, findings: &[&Finding], columns: Columns) -> io::Result<()> {
    writeln!(out, "<table{}>\n{}\n<tbody>", if columns.filtered { " id=\"affected\"" } else { "" }, heading(columns).into_string())?;
    findings.iter().try_for_each(|f| writeln!(out, "{}", row(f, columns).into_string()))?;
    writeln!(out, "</tbody>\n</table>")
}

fn group(out: &mut dyn Write, group: &Group<'_>, columns: Columns) -> io::Result<()> {
    let (worst, kev) = (severity_word(group.worst()), group.exploited());
    let epss = percent(group.epss());
    let summary = html! {
        summary {
            span.{ "badge soft " (worst) } { (worst) } " "
            @if kev > 0 { span.badge.soft.kev { (kev) " KEV" } " " }
            b { (Text(group.package)) } " " (Text(&group.version.to_string())) " "
            span.dim { (plural(group.findings.len(), "CVE", "CVEs")) @if !epss.is_empty() { ", highest EPSS " (epss) } }
        }
    };
    writeln!(out, "<details class=\"group\">{}", summary.into_string())?;
    table(out, &group.findings, columns)?;
    writeln!(out, "</details>")
}

fn head(title: &str) -> Markup {
    html! {
        (DOCTYPE)
        (PreEscaped("<html lang=\"en\">"))
        head {
            meta charset="utf-8";
            meta http-equiv="Content-Security-Policy" content=(POLICY);
            meta name="viewport" content="width=device-width, initial-scale=1";
            meta name="color-scheme" content="light dark";
            meta name="generator" content="Seaworthy";
            title { (Text(title)) }
            style { (PreEscaped(STYLE)) }
        }
    }
}

/// The overview: the inventory, and the number of findings of each status.
fn overview(report: &Report<'_>, title: &str) -> Markup {
    let inventory = report.inventory;
    html! {
        header {
            h1 { (Text(title)) }
            p.dim {
                (plural(inventory.packages.len(), "source package", "source packages")) " of the " (Text(&inventory.origin.kind)) " "
                (Text(&inventory.origin.location))
                @if let Some(date) = &inventory.date { " as of " (Text(date)) }
            }
        }
        (PreEscaped("<main>"))
        ul.counts {
            @for status in Status::ALL {
                li { b { (thousands(report.count(status) as u64)) } (words(status)) }
            }
        }
        @if !report.left_out.is_empty() { p { (Text(&LeftOut::sentence(report.left_out))) } }
        @if let Some(hidden) = report.not_listed() { p { (Text(&hidden)) } }
        @if report.lists(Status::Affected) { h2 { "Affected" } }
    }
}

/// The end of the page: blind spot, problems, and the digests of knowledge and inventory.
fn rest(report: &Report<'_>) -> Markup {
    let (assessment, inventory) = (report.assessment, report.inventory);
    html! {
        h2 { "Not judged" }
        p { (Text(&report.blind_spot())) }
        @if !inventory.problems.is_empty() {
            details {
                summary { (plural(inventory.problems.len(), "place", "places")) " could not be read in full" }
                ul {
                    @for problem in &inventory.problems {
                        li { (Text(&problem.file)) @if let Some(line) = problem.line { ":" (line) } ": " (Text(&problem.message)) }
                    }
                }
            }
        }
        h2 { "Made from" }
        dl {
            dt { "Knowledge" } dd { code { (assessment.knowledge.to_string()) } }
            dt { "Inventory" } dd { code { (assessment.inventory.to_string()) } }
            dt { "Engine" } dd { code { (Text(assessment.engine)) } }
            @if let Some(image) = &inventory.image {
                dt { "Image" } dd { (Text(&image.sku)) " " (Text(&image.version)) }
            }
        }
        (PreEscaped("</main>"))
        script { (PreEscaped(SCRIPT)) }
    }
}

pub(super) fn write(report: &Report<'_>, out: &mut dyn Write) -> io::Result<()> {
    let title = if report.title.is_empty() { "Seaworthy scan" } else { &report.title };
    writeln!(out, "{}\n<body>\n{}", head(title).into_string(), overview(report, title).into_string())?;
    let epss = report.assessment.findings.iter().any(|f| f.epss.is_some());
    let affected = report.findings(Status::Affected);
    if affected.is_empty() && report.lists(Status::Affected) {
        writeln!(out, "{}", html! { p { (Text(&report.nothing_affected())) } }.into_string())?;
    } else if !affected.is_empty() {
        let critical = affected.iter().filter(|f| f.severity == Some(Severity::Critical)).count();
        let exploited = affected.iter().filter(|f| f.exploited_since.is_some()).count();
        let summary = html! {
            p.dim { (exploited) " known to be exploited, " (critical) " critical; the most urgent ones first." }
            (filter())
        };
        writeln!(out, "{}", summary.into_string())?;
        table(out, &affected, Columns { filtered: true, package: true, epss })?;
    }
    let suspected = report.findings(Status::Suspected);
    if !suspected.is_empty() {
        let heading = html! {
            h2 { "Suspected" }
            p.dim { "A person has to look: the package may contain the component, or its version cannot be told." }
        };
        writeln!(out, "{}", heading.into_string())?;
        grouped(&suspected).iter().try_for_each(|g| group(out, g, Columns { filtered: false, package: false, epss }))?;
    }
    for (status, findings) in report.asked_for() {
        let count = plural(findings.len(), "finding", "findings");
        writeln!(out, "{}", html! { h2 { (words(status)) } p.dim { (count) } }.into_string())?;
        table(out, &findings, Columns { filtered: false, package: true, epss })?;
    }
    writeln!(out, "{}\n</body>\n</html>", rest(report).into_string())
}
