//! Hostile and broken records: each costs only itself, and is refused with its position.

use super::{feed, hold_records, read};
use crate::records::{hold, plain, show};

/// Broken records between two good ones.
#[test]
fn what_is_no_record_costs_itself() {
    let rows = [
        ("a number", "7", "refused at 77: invalid type: integer `7`, expected struct Record at line 1 column 1"),
        ("nothing", "null", "refused at 77: invalid type: null, expected struct Record at line 1 column 4"),
        ("an object without a record", "{}", "refused at 77: missing field `cve` at line 1 column 2"),
        ("a record without an id", "{'cve':{'published':'2024-01-10'}}", "refused at 77: missing field `id` at line 1 column 33"),
        (
            "an id that is a number",
            "{'cve':{'id':20241000}}",
            "refused at 77: invalid type: integer `20241000`, expected a string at line 1 column 21",
        ),
        (
            "two ids",
            "{'cve':{'id':'CVE-2024-1001','id':'CVE-2024-1002','published':'2024-01-10'}}",
            "refused at 77: duplicate field `id` at line 1 column 33",
        ),
        (
            "two records in one",
            "{'cve':{'id':'CVE-2024-1001','published':'2024-01-10'},'cve':{'id':'CVE-2024-1002','published':'2024-01-10'}}",
            "refused at 77: duplicate field `cve` at line 1 column 60",
        ),
        ("objects of a thousand floors", "DEEP", "refused at 77: missing field `cve` at line 1 column 6001"),
    ];
    hold(&rows, |record| {
        let good = |id| plain(&format!("{{'cve':{{'id':'{id}','published':'2024-01-10'}}}}"));
        let record = plain(&record.replace("DEEP", &format!("{}1{}", "{'a':".repeat(1000), "}".repeat(1000))));
        let text = format!(r#"{{"vulnerabilities":[{}, {record}, {}]}}"#, good("CVE-2024-1000"), good("CVE-2024-2000"));
        let line = read(show::id, &text);
        line.strip_prefix("CVE-2024-1000 / CVE-2024-2000 / ").map_or(line.clone(), str::to_owned)
    });
}

#[test]
fn wrong_types() {
    hold_records(
        show::configurations,
        &[
            (
                "configurations that are an object",
                "'configurations':{}",
                "refused at 36: invalid type: map, expected a sequence at line 1 column 84",
            ),
            ("that are null", "'configurations':null", "refused at 36: invalid type: null, expected a sequence at line 1 column 88"),
            (
                "a match without a name",
                "'configurations':[{'nodes':[{'cpeMatch':[{}]}]}]",
                "refused at 36: missing field `criteria` at line 1 column 110",
            ),
            (
                "a bound that is a number",
                "'configurations':[{'nodes':[{'cpeMatch':[{'criteria':'cpe:2.3:a:acme:ferry:*:*:*:*:*:*:*:*',\
                 'versionEndExcluding':1.4}]}]}]",
                "refused at 36: invalid type: floating point `1.4`, expected a string at line 1 column 184",
            ),
            (
                "a word for yes or no",
                "'configurations':[{'nodes':[{'cpeMatch':[{'criteria':'cpe:2.3:a:acme:ferry:*:*:*:*:*:*:*:*','vulnerable':'yes'}]}]}]",
                "refused at 36: invalid type: string \"yes\", expected a boolean at line 1 column 177",
            ),
        ],
    );
}

#[test]
fn names_that_are_none() {
    let rows = [
        ("nothing", "", "\"\" is not a CPE 2.3 name: expected cpe:2.3: at its start"),
        ("too few components", "cpe:2.3:a:acme:ferry", "\"cpe:2.3:a:acme:ferry\" is not a CPE 2.3 name: fewer than eleven components"),
        (
            "too many",
            "cpe:2.3:a:acme:ferry:1:2:3:4:5:6:7:8:9",
            "\"cpe:2.3:a:acme:ferry:1:2:3:4:5:6:7:8:9\" is not a CPE 2.3 name: more than eleven components",
        ),
        (
            "a part that is none",
            "cpe:2.3:x:acme:ferry:*:*:*:*:*:*:*:*",
            "\"cpe:2.3:x:acme:ferry:*:*:*:*:*:*:*:*\" is not a CPE 2.3 name: the part is not a, o or h",
        ),
        ("an escape of nothing at its end is passed over", "cpe:2.3:a:acme:ferry:*:*:*:*:*:*:*:\\\\", "a:acme:ferry *"),
    ];
    hold(&rows, |name| {
        let line = read(show::configurations, &feed(&format!("'configurations':[{{'nodes':[{{'cpeMatch':[{{'criteria':'{name}'}}]}}]}}]")));
        line.split_once("CVE-2024-1000: ").map_or(line.clone(), |(_, message)| message.to_owned())
    });
}

#[test]
fn control_characters_stay_in_versions() {
    hold_records(
        show::configurations,
        &[
            (
                "a control character in a version is no other version",
                "'configurations':[{'nodes':[{'cpeMatch':[{'criteria':'cpe:2.3:a:acme:ferry:1.0\\u0007:*:*:*:*:*:*:*'}]}]}]",
                "a:acme:ferry =1.0\\u{7}",
            ),
            (
                "a colon inside of a name does not make a component",
                "'configurations':[{'nodes':[{'cpeMatch':[{'criteria':'cpe:2.3:a:ac\\\\:me:ferry:*:*:*:*:*:*:*:*'}]}]}]",
                "a:ac me:ferry *",
            ),
        ],
    );
}

/// A hundred thousand matches of one node.
#[test]
fn a_huge_list_is_read() {
    let one = r#"{"vulnerable":true,"criteria":"cpe:2.3:a:acme:ferry:1.0:*:*:*:*:*:*:*"}"#;
    let list = vec![one; 100_000].join(",");
    let count = read(
        |seen| seen.view.configurations[0].nodes[0].products[0].versions.len().to_string(),
        &feed(&format!("\"configurations\":[{{\"nodes\":[{{\"cpeMatch\":[{list}]}}]}}]")),
    );
    assert_eq!(count, "100000");
}
