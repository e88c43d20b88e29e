//! The containers of a record: that of the CNA that assigned the id, that of CISA, and those of others.

use super::{read, record};
use crate::records::{hold, plain, show};

const CISA: &str = "'providerMetadata':{'shortName':'CISA-ADP'}";

#[test]
fn products_of_both() {
    let rows = [
        ("the CNA's", "{'affected':[{'product':'ferry'}]}|", "a::ferry default=unknown"),
        ("CISA's are marked", "{}|{CISA,'affected':[{'product':'ferry'}]}", "added a::ferry default=unknown"),
        (
            "those of any other container are as well",
            "{}|{'providerMetadata':{'shortName':'CVE'},'affected':[{'product':'ferry'}]}",
            "added a::ferry default=unknown",
        ),
        ("and those of one that does not say whose it is", "{}|{'affected':[{'product':'ferry'}]}", "added a::ferry default=unknown"),
        (
            "unknown by default leaves open what the CNA's entries do not decide, and is a habit elsewhere",
            "{'affected':[{'product':'pier','defaultStatus':'unknown'}]}|{CISA,'affected':[{'product':'ferry','defaultStatus':'unknown'}]}",
            "a::pier default=unknown: unknown * ; added a::ferry default=unknown",
        ),
        (
            "the CNA's come first",
            "{'affected':[{'product':'pier'}]}|{CISA,'affected':[{'product':'ferry'}]}",
            "a::pier default=unknown ; added a::ferry default=unknown",
        ),
        ("neither names one", "{}|{CISA}", "none"),
    ];
    hold(&rows, |text| containers(show::affected, text));
}

#[test]
fn ratings_of_both() {
    let rows = [
        ("the CNA's", "{'metrics':[{'cvssV3_1':{'baseScore':7.5,'vectorString':'CVSS:3.1/AV:N'}}]}|", "3.1 CNA 7.5 CVSS:3.1/AV:N"),
        ("CISA's", "{}|{CISA,'metrics':[{'cvssV3_1':{'baseScore':7.5}}]}", "3.1 CISA 7.5"),
        (
            "anybody else's counts as the CNA's",
            "{}|{'providerMetadata':{'shortName':'CVE'},'metrics':[{'cvssV3_1':{'baseScore':7.5}}]}",
            "3.1 CNA 7.5",
        ),
        (
            "the newest specification of an entry first",
            "{'metrics':[{'cvssV2_0':{'baseScore':5},'cvssV3_0':{'baseScore':6},'cvssV3_1':{'baseScore':7},'cvssV4_0':{'baseScore':8}}]}|",
            "4.0 CNA 8 , 3.1 CNA 7 , 3.0 CNA 6 , 2 CNA 5",
        ),
        ("entries in their order", "{'metrics':[{'cvssV2_0':{'baseScore':5}},{'cvssV4_0':{'baseScore':8}}]}|", "2 CNA 5 , 4.0 CNA 8"),
        ("what is no CVSS is passed over", "{}|{CISA,'metrics':[{'other':{'type':'ssvc','content':{'id':1}}}]}", "none"),
        ("a score above ten is none", "{'metrics':[{'cvssV3_1':{'baseScore':10.5}}]}|", "none"),
        ("null is none", "{'metrics':[{'cvssV3_1':null}]}|", "none"),
    ];
    hold(&rows, |text| containers(show::ratings, text));
}

#[test]
fn the_rest_of_both() {
    let rows = [
        (
            "weaknesses of both, in one order and once",
            "{'problemTypes':[{'descriptions':[{'cweId':'CWE-89'}]}]}|\
             {CISA,'problemTypes':[{'descriptions':[{'cweId':'CWE-79'},{'cweId':'CWE-89'}]}]}",
            "CVE-2024-1000 CWE-79 CWE-89",
        ),
        ("a weakness in words has no number", "{'problemTypes':[{'descriptions':[{'description':'overflow'}]}]}|", "CVE-2024-1000"),
        (
            "references of both, and the repositories of their products",
            "{'references':[{'url':'https://a.example.org'}],'affected':[{'repo':'https://b.example.org'}]}|\
             {CISA,'references':[{'url':'https://c.example.org'}],'affected':[{'repo':'https://d.example.org'}]}",
            "CVE-2024-1000 -> https://a.example.org -> https://b.example.org -> https://c.example.org -> https://d.example.org",
        ),
        (
            "the description is the CNA's",
            "{'descriptions':[{'lang':'en','value':'One'}]}|{CISA,'descriptions':[{'lang':'en','value':'Two'}]}",
            "CVE-2024-1000 \"One\"",
        ),
        ("nobody else's stands in for it", "{}|{CISA,'descriptions':[{'lang':'en','value':'Two'}]}", "CVE-2024-1000"),
    ];
    hold(&rows, |text| containers(show::about, text));
}

/// The views of the containers in a row `CNA|OTHER`.
fn containers(lens: crate::records::Lens, text: &str) -> String {
    let text = plain(&text.replace("CISA,", &format!("{CISA},")).replace("CISA}", &format!("{CISA}}}")));
    let (cna, adp) = text.split_once('|').unwrap();
    read(lens, &record(cna, adp))
}
