//! Overrides of NVD records, one file for each.

use seaworthy_intelligence::records::parse_override;

use super::{Lens, Reading, hold, plain, show};

fn read(lens: Lens, text: &str) -> String {
    let mut reading = Reading::new(lens);
    let whole = parse_override(plain(&text.replace("NODES", NODES)).as_bytes(), "data/2024/CVE-2024-1000.json", &mut reading);
    reading.line(whole)
}

const NODES: &str = "[{'nodes':[{'cpeMatch':[{'criteria':'cpe:2.3:a:acme:ferry:*:*:*:*:*:*:*:*','versionEndExcluding':'1.4'}]}]}]";

#[test]
fn what_an_override_says() {
    let rows = [
        ("as NVD would", "{'cve':{'id':'CVE-2024-1000','configurations':NODES}}", "a:acme:ferry <1.4"),
        (
            "its annotation beside it",
            "{'_annotation':{'cve_id':'CVE-2024-1000'},'cve':{'id':'CVE-2024-1000','configurations':NODES}}",
            "a:acme:ferry <1.4",
        ),
        ("no products: it says that none is affected", "{'cve':{'id':'CVE-2024-1000'}}", "none"),
    ];
    hold(&rows, |text| read(show::configurations, text));
}

#[test]
fn whom_it_is_about() {
    let rows = [
        ("its own id", "{'cve':{'id':'CVE-2024-1000'}}", "CVE-2024-1000"),
        (
            "that of its annotation, where it has none",
            "{'_annotation':{'cve_id':'CVE-2024-1001'},'cve':{'configurations':NODES}}",
            "CVE-2024-1001",
        ),
        ("its own outweighs that", "{'_annotation':{'cve_id':'CVE-2024-1001'},'cve':{'id':'CVE-2024-1000'}}", "CVE-2024-1000"),
        (
            "references as well",
            "{'_annotation':{'cve_id':'CVE-2024-1001'},'cve':{'references':[{'url':'https://acme.example.org'}]}}",
            "CVE-2024-1001 -> https://acme.example.org",
        ),
    ];
    hold(&rows, |text| read(show::about, text));
}

#[test]
fn what_is_no_override() {
    let rows = [
        ("no record", "{'_annotation':{'cve_id':'CVE-2024-1000'}}", "refused: missing field `cve` at line 1 column 42"),
        ("no id in either", "{'cve':{'configurations':NODES}}", "refused: missing field `id` at line 1 column 127"),
        (
            "an id that is none",
            "{'cve':{'id':'ferry'}}",
            "refused: \"ferry\" is not a CVE id: expected CVE-YYYY-N with a year from 1999 on and four or more digits",
        ),
        ("a list", "[]", "refused: invalid length 0, expected struct Override with 1 element at line 1 column 2"),
        ("cut off", "{'cve':{'id':'CVE-2024", "refused: EOF while parsing a string at line 1 column 22"),
        ("something behind it", "{'cve':{'id':'CVE-2024-1000'}} x", "refused: trailing characters at line 1 column 32"),
        (
            "a name that is none costs its match",
            "{'cve':{'id':'CVE-2024-1000','configurations':[{'nodes':[{'cpeMatch':[{'criteria':'ferry'}]}]}]}}",
            "CVE-2024-1000 / refused at 0: CVE-2024-1000: \"ferry\" is not a CPE 2.3 name: expected cpe:2.3: at its start",
        ),
    ];
    hold(&rows, |text| read(show::id, text));
}
