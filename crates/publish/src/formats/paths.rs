//! The paths of the documents below the site's address.

use seaworthy_model::CveId;

use crate::{Advisory, Distribution, Edition};

/// The directory of the CSAF advisories.
pub const CSAF: &str = "security/csaf";
/// The directory of the CSAF VEX documents.
pub const VEX: &str = "security/vex";

/// The file name that CSAF requires for a tracking id (CSAF 2.0, section 5.1): lower case, and one underscore for each run of characters
/// that are neither letters nor digits nor `+` nor `-`.
#[must_use]
pub fn csaf_name(id: &str) -> String {
    let mut name = String::with_capacity(id.len() + 5);
    for c in id.chars().flat_map(char::to_lowercase) {
        match c {
            'a'..='z' | '0'..='9' | '+' | '-' => name.push(c),
            _ if name.ends_with('_') => {}
            _ => name.push('_'),
        }
    }
    name + ".json"
}

/// The CSAF document of an advisory, in the folder of the year in which it was first published.
#[must_use]
pub fn csaf(advisory: &Advisory) -> String {
    format!("{CSAF}/{}/{}", year(advisory), csaf_name(&advisory.id))
}

fn year(advisory: &Advisory) -> String {
    advisory.issued().to_string().split('-').next().unwrap_or_default().to_owned()
}

/// The CSAF VEX document of a CVE.
#[must_use]
pub fn vex(cve: CveId) -> String {
    format!("{VEX}/{}/{}", cve.year(), csaf_name(&cve.to_string()))
}

/// The OSV record of an advisory.
#[must_use]
pub fn osv(advisory: &Advisory) -> String {
    format!("security/osv/{}/{}.json", advisory.year(), advisory.id)
}

/// The OpenVEX document of a CVE.
#[must_use]
pub fn openvex(cve: CveId) -> String {
    format!("security/openvex/{}/{cve}.json", cve.year())
}

/// The list of the OSV records, with the time of the last change of each.
pub const OSV_INDEX: &str = "security/osv/modified_id.csv";

/// The OVAL file. The reader of Trivy expects a file name `VENDOR-LINE-oval.xml`.
#[must_use]
pub fn oval(distribution: &Distribution) -> String {
    format!("security/oval/{}-{}-oval.xml", distribution.vendor, distribution.line)
}

/// The CycloneDX document of the release line.
pub const CYCLONEDX: &str = "security/vex.cdx.json";

/// The plain JSON of an advisory.
#[must_use]
pub fn json(advisory: &Advisory) -> String {
    format!("security/json/{}/{}.json", advisory.year(), advisory.id)
}

/// The list of all advisories in plain JSON.
pub const JSON_INDEX: &str = "security/json/index.json";

/// The Atom feed.
pub const ATOM: &str = "feed.atom";

/// The page of an advisory for people.
#[must_use]
pub fn advisory_page(advisory: &Advisory) -> String {
    format!("advisory/{}/{}.html", advisory.year(), advisory.id)
}

/// The page of a CVE for people.
#[must_use]
pub fn cve_page(cve: CveId) -> String {
    format!("cve/{}/{cve}.html", cve.year())
}

/// The metadata of the CSAF provider. Readers look for it at the root of a host.
pub const PROVIDER: &str = ".well-known/csaf/provider-metadata.json";
/// The ROLIE feed of the CSAF advisories.
pub const CSAF_FEED: &str = "security/csaf/feed-tlp-white.json";
/// The ROLIE feed of the CSAF VEX documents.
pub const VEX_FEED: &str = "security/vex/feed-tlp-white.json";
/// The ROLIE service document, which lists the feeds.
pub const SERVICE: &str = "security/service.json";

/// The address of a path.
#[must_use]
pub fn url(edition: &Edition, path: &str) -> String {
    format!("{}/{path}", edition.distribution.site)
}

/// NVD's page of a CVE.
pub(super) fn nvd(cve: CveId) -> String {
    format!("https://nvd.nist.gov/vuln/detail/{cve}")
}
