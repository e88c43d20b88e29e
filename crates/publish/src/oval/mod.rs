//! OVAL 5.11 (the language of OpenSCAP, also read by Trivy and Grype): a definition for each advisory with affected versions.
//!
//! **One file serves all three**, because they look at different parts of it:
//! - Trivy and Grype match *source* packages. They read only the criteria that stand directly in a definition, never nested ones,
//!   and do not look at the operator. Grype takes the first object only.
//! - OpenSCAP sees the *binary* packages that are installed, and evaluates everything.
//!
//! So the test of the source package stands alone at the top, and the tests of the binaries in a nested criteria. Where no binary
//! bears the name of its source, that name may belong to a binary of another source: the definition is then
//! `source XOR (source XOR (a binary OR ...))`, which is true exactly when a binary is affected.
//!
//! **What is in it.** Fixed: `patchable` true, every version less than the fixed one. Affected, deferred and will-not-fix:
//! `patchable` false, every version up to [`EVERY`]: Trivy would do without the bound, Grype and OpenSCAP need one that no
//! package passes, or a later build that still lacks the fix would count as clean. `Not Applicable` is never said: both scanners
//! drop such a definition. Not affected, under investigation and withdrawn are left out: a definition can only say that
//! a system is vulnerable.
//!
//! **What else the readers need** (each was found by running them):
//! - a severity always (Grype skips without), in the words that Trivy knows; nobody rated: Medium; rated without impact: Low;
//! - the four elements of the scanners in OVAL's own namespace, after the description: elsewhere the schema refuses them or the
//!   scanners do not see them;
//! - an epoch always: OpenSCAP finds nothing below a bound without one;
//! - `advisory_date` as a full date and time: with less, Grype's reader stops altogether;
//! - Trivy takes the last `reference`, which must be a CVE; Grype takes the first, and keeps only one definition for each id. So the
//!   first advisory of a CVE goes by its CVE; every further one names its own id first and its CVE last. The references of the record
//!   are left out: to this format a reference is an id in another repository, and hosts read the whole file;
//! - Trivy keeps one title per CVE: all definitions of a CVE bear the same;
//! - the prefix `linux-def`, by which Grype's reader finds tests, and UTF-8.
//!
//! Every id is made of what it names, so that it is the same in each edition.
//!
//! The file is the specification's `oval-definitions-schema` with `linux-definitions-schema`, version 5.11.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use seaworthy_host::xml;
use seaworthy_model::text::{cut, masked};
use seaworthy_model::{CveId, Evr, Severity};
use sha2::{Digest, Sha256};

use crate::{Advisory, Edition, Standing};

#[cfg(test)]
pub(crate) mod sample;
#[cfg(test)]
mod tests;

/// The upper bound for packages without a fix, which no version exceeds. Its epoch fits the integers of all readers.
pub const EVERY: &str = "2147483647:99999999999999999999-99999999999999999999";

/// The greatest length of a description, in characters.
const MAX_DESCRIPTION: usize = 8_000;
/// The greatest number of packages in a title.
const MAX_NAMED: usize = 5;

/// The OVAL document of an edition. Without affected versions it is a valid document without definitions.
#[must_use]
pub fn document(edition: &Edition) -> Vec<u8> {
    let said: Vec<&Advisory> = edition.advisories.iter().filter(|a| bound(a).is_some()).collect();
    let mut of_cve: BTreeMap<CveId, Vec<&Advisory>> = BTreeMap::new();
    for advisory in &said {
        of_cve.entry(advisory.cve).or_default().push(advisory);
    }
    let mut writer =
        Writer { edition, ids: namespace(edition), out: String::with_capacity(2_000 * said.len() + 2_000), parts: Parts::default() };
    writer.open();
    if !said.is_empty() {
        writer.out.push_str("  <definitions>\n");
        for advisory in &said {
            let siblings = of_cve.get(&advisory.cve).map_or(&[][..], Vec::as_slice);
            writer.definition(advisory, siblings);
        }
        writer.out.push_str("  </definitions>\n");
        writer.parts();
    } else {
        // The schema wants something to be there.
        let _ = writeln!(writer.out, "  <objects>\n    <linux-def:rpminfo_object id=\"{}:obj:1\" version=\"1\">", writer.ids);
        xml::element(&mut writer.out, "      ", "linux-def:name", &edition.distribution.vendor);
        writer.out.push_str("    </linux-def:rpminfo_object>\n  </objects>\n");
    }
    writer.out.push_str("</oval_definitions>\n");
    writer.out.into_bytes()
}

/// The affected versions; `None` where none is affected, or it is not known.
fn bound(advisory: &Advisory) -> Option<Bound> {
    match &advisory.standing {
        // Which versions are affected is not known.
        Standing::Fixed { or_before: true, .. } => None,
        Standing::Fixed { version, or_before: false } => Some(Bound { operation: "less than", evr: with_epoch(version), patchable: true }),
        Standing::Affected | Standing::Deferred { .. } | Standing::WillNotFix | Standing::NotShipped => {
            Some(Bound { operation: "less than or equal", evr: EVERY.to_owned(), patchable: false })
        }
        Standing::NotAffected { .. } | Standing::UnderInvestigation | Standing::Withdrawn => None,
    }
}

struct Bound {
    operation: &'static str,
    evr: String,
    patchable: bool,
}

/// `EPOCH:VERSION-RELEASE` with the epoch written even where it is 0.
fn with_epoch(evr: &Evr) -> String {
    if evr.epoch == 0 { format!("0:{evr}") } else { evr.to_string() }
}

/// The beginning of all ids: the host of the site backwards, and the vendor.
fn namespace(edition: &Edition) -> String {
    let site = &edition.distribution.site;
    let host = site.split_once("://").map_or(site.as_str(), |(_, rest)| rest).split(['/', ':']).next().unwrap_or_default();
    let mut parts: Vec<&str> = host.split('.').filter(|p| !p.is_empty()).rev().collect();
    parts.push(&edition.distribution.vendor);
    let name: String = parts.join(".").chars().filter(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_')).collect();
    format!("oval:{name}")
}

/// The number in an id, a digest of the names that the id stands for.
fn number(parts: &[&str]) -> u64 {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update(part.as_bytes());
        hash.update([0]);
    }
    // 52 bits: some readers keep such numbers as floating point.
    let taken = hash.finalize().iter().take(7).fold(0_u64, |all, byte| all << 8 | u64::from(*byte));
    (taken >> 4).max(1)
}

/// The number of an advisory's definition: its year and, in at least six digits, its number.
fn definition_number(advisory: &Advisory) -> String {
    match advisory.order() {
        (year, number) if year > 0 => format!("{year}{number:06}"),
        _ => number(&[&advisory.id]).to_string(),
    }
}

/// The tests, objects and states of the definitions, by their numbers. Two of the same number (one chance in a million among 90,000) become
/// one, which the replay before publication finds.
#[derive(Default)]
struct Parts {
    tests: BTreeMap<u64, Test>,
    objects: BTreeMap<u64, String>,
    states: BTreeMap<u64, (&'static str, String)>,
}

struct Test {
    object: u64,
    state: u64,
    comment: String,
}

struct Writer<'e> {
    edition: &'e Edition,
    ids: String,
    out: String,
    parts: Parts,
}

impl Writer<'_> {
    fn open(&mut self) {
        const DEFINITIONS: &str = "http://oval.mitre.org/XMLSchema/oval-definitions-5";
        const COMMON: &str = "http://oval.mitre.org/XMLSchema/oval-common-5";
        let (at, version) = (time(self.edition.at), env!("CARGO_PKG_VERSION"));
        let _ = write!(
            self.out,
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
             <oval_definitions xmlns=\"{DEFINITIONS}\" xmlns:oval=\"{COMMON}\" xmlns:linux-def=\"{DEFINITIONS}#linux\" \
             xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" xsi:schemaLocation=\"{COMMON} oval-common-schema.xsd \
             {DEFINITIONS} oval-definitions-schema.xsd {DEFINITIONS}#linux linux-definitions-schema.xsd\">\n  <generator>\n    \
             <oval:product_name>seaworthy</oval:product_name>\n    <oval:product_version>{version}</oval:product_version>\n    \
             <oval:schema_version>5.11</oval:schema_version>\n    <oval:timestamp>{at}</oval:timestamp>\n  </generator>\n"
        );
    }

    fn definition(&mut self, advisory: &Advisory, siblings: &[&Advisory]) {
        let Some(bound) = bound(advisory) else { return };
        let distribution = &self.edition.distribution;
        let revision = advisory.revisions.last().map_or(1, |r| r.number);
        let _ = writeln!(
            self.out,
            "    <definition class=\"vulnerability\" id=\"{}:def:{}\" version=\"{revision}\">\n      <metadata>",
            self.ids,
            definition_number(advisory)
        );
        let out = &mut self.out;
        xml::element(out, "        ", "title", &title(advisory, siblings));
        out.push_str("        <affected family=\"unix\">\n");
        xml::element(out, "          ", "platform", &format!("{} {}", distribution.name, distribution.line));
        out.push_str("        </affected>\n");
        let cve = advisory.cve.to_string();
        if siblings.first().is_some_and(|first| first.id != advisory.id) {
            let page = format!("{}/advisory/{}/{}.html", distribution.site, advisory.year(), advisory.id);
            reference(out, &distribution.prefix, &advisory.id, &page);
        }
        reference(out, "CVE", &cve, &format!("https://www.cve.org/CVERecord?id={cve}"));
        xml::element(out, "        ", "description", &masked(&description(advisory)));
        xml::element(out, "        ", "patchable", if bound.patchable { "true" } else { "false" });
        let since = advisory.deliveries.first().filter(|_| bound.patchable).map_or_else(|| advisory.issued(), |d| d.at);
        xml::element(out, "        ", "advisory_date", &time(since));
        xml::element(out, "        ", "advisory_id", &advisory.id);
        xml::element(out, "        ", "severity", severity(advisory.severity));
        self.criteria(advisory, &bound);
    }

    fn criteria(&mut self, advisory: &Advisory, bound: &Bound) {
        let source = advisory.package.as_str();
        let others: Vec<&str> = advisory.binaries.iter().map(String::as_str).filter(|name| *name != source).collect();
        let exact = others.is_empty() || others.len() < advisory.binaries.len();
        let operator = if exact { "OR" } else { "XOR" };
        let _ = writeln!(self.out, "      </metadata>\n      <criteria operator=\"{operator}\">");
        self.criterion("        ", source, bound);
        if !others.is_empty() {
            if exact {
                self.out.push_str("        <criteria operator=\"OR\" comment=\"the other binary packages\">\n");
            } else {
                self.out.push_str("        <criteria operator=\"XOR\" comment=\"takes back what the source package's name says of a binary of that name, which is built of another source\">\n");
                self.criterion("          ", source, bound);
                self.out.push_str("          <criteria operator=\"OR\" comment=\"the binary packages\">\n");
            }
            for name in others {
                self.criterion("            ", name, bound);
            }
            self.out.push_str(if exact { "        </criteria>\n" } else { "          </criteria>\n        </criteria>\n" });
        }
        self.out.push_str("      </criteria>\n    </definition>\n");
    }

    fn criterion(&mut self, indent: &str, name: &str, bound: &Bound) {
        let (object, state) = (number(&["object", name]), number(&["state", bound.operation, &bound.evr]));
        let test = number(&["test", name, bound.operation, &bound.evr]);
        let comment = if bound.patchable { format!("{name} is earlier than {}", bound.evr) } else { format!("{name} is installed") };
        self.out.push_str(indent);
        self.out.push_str("<criterion");
        xml::attribute(&mut self.out, "comment", &comment);
        let _ = writeln!(self.out, " test_ref=\"{}:tst:{test}\"/>", self.ids);
        self.parts.objects.entry(object).or_insert_with(|| name.to_owned());
        self.parts.states.entry(state).or_insert_with(|| (bound.operation, bound.evr.clone()));
        self.parts.tests.entry(test).or_insert(Test { object, state, comment });
    }

    fn parts(&mut self) {
        let Self { ids, out, parts, .. } = self;
        out.push_str("  <tests>\n");
        for (id, test) in &parts.tests {
            out.push_str("    <linux-def:rpminfo_test check=\"at least one\" check_existence=\"at_least_one_exists\"");
            xml::attribute(out, "comment", &test.comment);
            let _ = writeln!(
                out,
                " id=\"{ids}:tst:{id}\" version=\"1\">\n      <linux-def:object object_ref=\"{ids}:obj:{}\"/>\n      \
                 <linux-def:state state_ref=\"{ids}:ste:{}\"/>\n    </linux-def:rpminfo_test>",
                test.object, test.state
            );
        }
        out.push_str("  </tests>\n  <objects>\n");
        for (id, name) in &parts.objects {
            let _ = writeln!(out, "    <linux-def:rpminfo_object id=\"{ids}:obj:{id}\" version=\"1\">");
            xml::element(out, "      ", "linux-def:name", name);
            out.push_str("    </linux-def:rpminfo_object>\n");
        }
        out.push_str("  </objects>\n  <states>\n");
        for (id, (operation, evr)) in &parts.states {
            let _ = write!(
                out,
                "    <linux-def:rpminfo_state id=\"{ids}:ste:{id}\" version=\"1\">\n      <linux-def:evr datatype=\"evr_string\" operation=\"{operation}\">"
            );
            xml::push(out, evr);
            out.push_str("</linux-def:evr>\n    </linux-def:rpminfo_state>\n");
        }
        out.push_str("  </states>\n");
    }
}

/// The title of a definition, the same for all advisories of a CVE, since Trivy shows the last one for all.
fn title(advisory: &Advisory, siblings: &[&Advisory]) -> String {
    let mut packages: Vec<&str> = siblings.iter().map(|a| a.package.as_str()).collect();
    packages.sort_unstable();
    packages.dedup();
    let shown = packages.iter().take(MAX_NAMED).copied().collect::<Vec<_>>().join(", ");
    match packages.len().saturating_sub(MAX_NAMED) {
        0 => format!("{} in {shown}", advisory.cve),
        more => format!("{} in {shown} and {more} more", advisory.cve),
    }
}

fn description(advisory: &Advisory) -> String {
    let mut out = match advisory.description.trim() {
        "" => format!("{} affects {}.", advisory.cve, advisory.package),
        text => cut(text, MAX_DESCRIPTION).into_owned(),
    };
    if !advisory.statement.trim().is_empty() {
        out.push('\n');
        out.push_str(&cut(advisory.statement.trim(), MAX_DESCRIPTION));
    }
    out
}

fn reference(out: &mut String, source: &str, id: &str, address: &str) {
    out.push_str("        <reference");
    xml::attribute(out, "source", source);
    xml::attribute(out, "ref_id", id);
    xml::attribute(out, "ref_url", address);
    out.push_str("/>\n");
}

/// The severity in the words of Trivy and Grype; Medium where nobody rated it.
fn severity(of: Option<Severity>) -> &'static str {
    match of {
        Some(Severity::None | Severity::Low) => "Low",
        Some(Severity::Medium) | None => "Medium",
        Some(Severity::High) => "High",
        Some(Severity::Critical) => "Critical",
    }
}

/// The time to the second, in the form of `xsd:dateTime`.
fn time(at: jiff::Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}
