//! One page that needs nothing else: no other file, no network, and no JavaScript but for filtering.

use std::fmt::{self, Display, Formatter};
use std::io::Write;

use seaworthy_matching::Finding;
use seaworthy_model::{Severity, Status};

use super::{
    Group, Report, blind_spot, clean, count, cve_page, findings_of, grouped, kind_word, nothing_affected, percent, plural, severity_word,
    thousands, why,
};

/// Text as HTML, in an element or a quoted attribute.
struct Text<'a>(&'a str);

impl Display for Text<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let text = clean(self.0);
        let mut rest = text.as_ref();
        while let Some(at) = rest.find(['&', '<', '>', '"', '\'']) {
            f.write_str(&rest[..at])?;
            f.write_str(match rest.as_bytes()[at] {
                b'&' => "&amp;",
                b'<' => "&lt;",
                b'>' => "&gt;",
                b'"' => "&quot;",
                _ => "&#39;",
            })?;
            rest = &rest[at + 1..];
        }
        f.write_str(rest)
    }
}

// Nothing may be loaded, whatever a name in the report says.
const HEAD: &str = r#"<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; base-uri 'none'; form-action 'none'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="generator" content="Seaworthy">
"#;

const STYLE: &str = r#"<style>
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
</style>
"#;

/// Shows the form, which is of no use without a script, and hides the rows that do not match it.
const SCRIPT: &str = r##"<script>
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
</script>
"##;

const FILTER: &str = r#"<form id="filter" hidden role="search">
<input type="search" name="q" placeholder="Package, CVE or reason" aria-label="Filter by package, CVE or reason">
<select name="severity" aria-label="Severity"><option value="">Every severity</option><option>critical</option><option>high</option><option>medium</option><option>low</option><option>unknown</option></select>
<label><input type="checkbox" name="kev"> known exploited only</label>
<span id="shown" class="dim" role="status"></span>
</form>
"#;

/// A row; the class `why` unfolds to all the evidence.
fn row(out: &mut dyn Write, finding: &Finding, named: bool) -> std::io::Result<()> {
    let severity = severity_word(finding.severity);
    let kev = finding.exploited_since.as_deref();
    write!(out, "<tr data-severity=\"{severity}\" data-kev=\"{}\">", u8::from(kev.is_some()))?;
    write!(out, "<td class=\"s\"><span class=\"badge {severity}{}\">{severity}</span></td>", if named { "" } else { " soft" })?;
    match kev {
        Some(day) => {
            write!(out, "<td class=\"k\"><span class=\"badge kev\" title=\"known to be exploited since {}\">KEV</span></td>", Text(day))?
        }
        None => write!(out, "<td class=\"k\"></td>")?,
    }
    write!(out, "<td class=\"id\"><a href=\"{}\" rel=\"noreferrer\">{}</a></td>", Text(&cve_page(finding)), finding.cve)?;
    cell(out, "n", "EPSS", &percent(finding.epss))?;
    if named {
        write!(
            out,
            "<td class=\"name\">{}</td><td class=\"v\" data-label=\"Version\">{}</td>",
            Text(&finding.package),
            Text(&finding.version)
        )?;
    }
    cell(out, "f", "Fixed in", finding.fixed_in.as_deref().unwrap_or(""))?;
    write!(out, "<td class=\"why\"><details><summary>{}</summary><ul>", Text(&why(finding)))?;
    for evidence in &finding.evidence {
        write!(out, "<li>{}: {}</li>", kind_word(evidence.kind), Text(&evidence.detail))?;
    }
    if let Some(cvss) = &finding.cvss {
        write!(out, "<li>CVSS {:.1} {}</li>", cvss.score, Text(&cvss.vector))?;
    }
    if let Some(day) = kev {
        write!(out, "<li>known to be exploited since {}</li>", Text(day))?;
    }
    writeln!(out, "<li>published {}</li></ul></details></td></tr>", Text(&finding.published))
}

/// An empty cell has no label either: the narrow layout leaves it out.
fn cell(out: &mut dyn Write, class: &str, label: &str, text: &str) -> std::io::Result<()> {
    if text.is_empty() {
        return write!(out, "<td class=\"{class}\"></td>");
    }
    write!(out, "<td class=\"{class}\" data-label=\"{label}\">{}</td>", Text(text))
}

fn table(out: &mut dyn Write, findings: &[&Finding], named: bool) -> std::io::Result<()> {
    let names = if named { "<th scope=\"col\">Package</th><th scope=\"col\">Version</th>" } else { "" };
    writeln!(
        out,
        "<table{}>\n<thead><tr><th scope=\"col\">Severity</th><th scope=\"col\"><abbr title=\"known to be exploited (CISA)\">KEV</abbr></th><th scope=\"col\">CVE</th><th scope=\"col\" class=\"n\"><abbr title=\"probability of exploitation within 30 days (FIRST)\">EPSS</abbr></th>{names}<th scope=\"col\">Fixed in</th><th scope=\"col\">Why</th></tr></thead>\n<tbody>",
        if named { " id=\"affected\"" } else { "" }
    )?;
    findings.iter().try_for_each(|f| row(out, f, named))?;
    writeln!(out, "</tbody>\n</table>")
}

fn group(out: &mut dyn Write, group: &Group<'_>) -> std::io::Result<()> {
    let (worst, kev) = (severity_word(group.worst()), group.exploited());
    write!(out, "<details class=\"group\"><summary><span class=\"badge soft {worst}\">{worst}</span> ")?;
    if kev > 0 {
        write!(out, "<span class=\"badge soft kev\">{kev} KEV</span> ")?;
    }
    let epss = percent(group.epss());
    let epss = if epss.is_empty() { String::new() } else { format!(", highest EPSS {epss}") };
    write!(out, "<b>{}</b> {} ", Text(group.package), Text(group.version))?;
    writeln!(out, "<span class=\"dim\">{}{}</span></summary>", plural(group.findings.len(), "CVE", "CVEs"), Text(&epss))?;
    table(out, &group.findings, false)?;
    writeln!(out, "</details>")
}

pub(super) fn write(report: &Report<'_>, out: &mut dyn Write) -> std::io::Result<()> {
    let (assessment, inventory) = (report.assessment, report.inventory);
    let title = if report.title.is_empty() { "Seaworthy scan" } else { &report.title };
    write!(out, "{HEAD}<title>{}</title>\n{STYLE}</head>\n<body>\n<header>\n<h1>{}</h1>\n", Text(title), Text(title))?;
    write!(
        out,
        "<p class=\"dim\">{} of the {} {}",
        plural(inventory.packages.len(), "source package", "source packages"),
        Text(&inventory.origin.kind),
        Text(&inventory.origin.location)
    )?;
    if let Some(date) = &inventory.date {
        write!(out, " as of {}", Text(date))?;
    }
    writeln!(out, "</p>\n</header>\n<main>\n<ul class=\"counts\">")?;
    for status in Status::ALL {
        writeln!(out, "<li><b>{}</b>{}</li>", thousands(count(assessment, status) as u64), status.as_str().replace('_', " "))?;
    }
    writeln!(out, "</ul>\n<h2>Affected</h2>")?;
    let affected = findings_of(assessment, Status::Affected);
    if affected.is_empty() {
        writeln!(out, "<p>{}</p>", Text(&nothing_affected(report)))?;
    } else {
        let critical = affected.iter().filter(|f| f.severity == Some(Severity::Critical)).count();
        let exploited = affected.iter().filter(|f| f.exploited_since.is_some()).count();
        writeln!(
            out,
            "<p class=\"dim\">{exploited} known to be exploited, {critical} critical; the most urgent ones first.</p>\n{FILTER}"
        )?;
        table(out, &affected, true)?;
    }
    let suspected = findings_of(assessment, Status::Suspected);
    if !suspected.is_empty() {
        writeln!(
            out,
            "<h2>Suspected</h2>\n<p class=\"dim\">A person has to look: the package may contain the component, or its version cannot be told.</p>"
        )?;
        for g in grouped(&suspected) {
            group(out, &g)?;
        }
    }
    writeln!(out, "<h2>Not judged</h2>\n<p>{}</p>", Text(&blind_spot(report)))?;
    if !inventory.problems.is_empty() {
        writeln!(out, "<details><summary>{} could not be read in full</summary><ul>", plural(inventory.problems.len(), "place", "places"))?;
        for problem in &inventory.problems {
            let line = problem.line.map(|l| format!(":{l}")).unwrap_or_default();
            writeln!(out, "<li>{}{line}: {}</li>", Text(&problem.file), Text(&problem.message))?;
        }
        writeln!(out, "</ul></details>")?;
    }
    writeln!(out, "<h2>Made from</h2>\n<dl>")?;
    for (name, value) in [
        ("Knowledge", assessment.knowledge.to_string()),
        ("Inventory", assessment.inventory.to_string()),
        ("Engine", assessment.engine.to_owned()),
    ] {
        writeln!(out, "<dt>{name}</dt><dd><code>{}</code></dd>", Text(&value))?;
    }
    if let Some(image) = &inventory.image {
        writeln!(out, "<dt>Image</dt><dd>{} {}</dd>", Text(&image.sku), Text(&image.version))?;
    }
    writeln!(out, "</dl>\n</main>\n{SCRIPT}</body>\n</html>")?;
    Ok(())
}
