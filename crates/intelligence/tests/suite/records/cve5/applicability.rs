//! The configurations of CPE names beside the products (`cpeApplicability`), in the form of NVD's.

use super::{read, record};
use crate::records::{hold, plain, show};

#[test]
fn configurations() {
    let ferry = "'nodes':[{'operator':'OR','cpeMatch':[{'criteria':'cpe:2.3:a:acme:ferry:*:*:*:*:*:*:*:*','versionEndExcluding':'1.4'}]}]";
    let rows = [
        ("the CNA's", "{'cpeApplicability':[{FERRY}]}|", "a:acme:ferry <1.4"),
        ("another's, where the CNA has none", "{}|{'cpeApplicability':[{FERRY}]}", "a:acme:ferry <1.4"),
        (
            "the CNA's alone, where both have some",
            "{'cpeApplicability':[{FERRY}]}|{'cpeApplicability':[{FERRY},{FERRY}]}",
            "a:acme:ferry <1.4",
        ),
        ("negated", "{'cpeApplicability':[{'negate':true,FERRY}]}|", "unless a:acme:ferry <1.4"),
        ("none", "{'cpeApplicability':[]}|", "none"),
        (
            "a name that cannot be read costs itself",
            "{'cpeApplicability':[{'nodes':[{'cpeMatch':[{'criteria':'ferry'}]}]}]}|",
            "none / refused at 0: CVE-2024-1000: \"ferry\" is not a CPE 2.3 name: expected cpe:2.3: at its start",
        ),
    ];
    hold(&rows, |text| {
        let text = plain(&text.replace("FERRY", ferry));
        let (cna, adp) = text.split_once('|').unwrap();
        read(show::configurations, &record(cna, adp))
    });
}
