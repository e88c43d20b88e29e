//! Hostile and broken records.

use super::{hold_versions, read, record};
use crate::records::{hold, plain, show};

#[test]
fn what_is_no_record() {
    let rows = [
        ("nothing", "", "EOF while parsing a value at line 1 column 0"),
        ("a number", "7", "invalid type: integer `7`, expected struct Record at line 1 column 1"),
        ("an empty object", "{}", "missing field `dataVersion` at line 1 column 2"),
        (
            "no containers",
            "{'dataVersion':'5.1','cveMetadata':{'cveId':'CVE-2024-1000'}}",
            "missing field `containers` at line 1 column 61",
        ),
        ("no id", "{'dataVersion':'5.1','cveMetadata':{},'containers':{'cna':{}}}", "missing field `cveId` at line 1 column 37"),
        (
            "no CNA",
            "{'dataVersion':'5.1','cveMetadata':{'cveId':'CVE-2024-1000'},'containers':{}}",
            "missing field `cna` at line 1 column 76",
        ),
        (
            "two CNAs",
            "{'dataVersion':'5.1','cveMetadata':{'cveId':'CVE-2024-1000'},'containers':{'cna':{},'cna':{}}}",
            "duplicate field `cna` at line 1 column 89",
        ),
        ("cut off", "{'dataVersion':'5.1','cveMeta", "EOF while parsing a string at line 1 column 29"),
        (
            "two records",
            "{'dataVersion':'5.1','cveMetadata':{'cveId':'CVE-2024-1000'},'containers':{'cna':{}}}{}",
            "trailing characters at line 1 column 86",
        ),
        ("objects of a thousand floors", "DEEP", "missing field `dataVersion` at line 1 column 6001"),
    ];
    hold(&rows, |text| {
        let text = plain(&text.replace("DEEP", &format!("{}1{}", "{'a':".repeat(1000), "}".repeat(1000))));
        let line = read(show::id, &text);
        line.strip_prefix("refused: not a CVE record of format 5: ").map_or(line.clone(), str::to_owned)
    });
}

#[test]
fn wrong_types() {
    let rows = [
        (
            "a version that is a number",
            "{'affected':[{'product':'x','versions':[{'version':1.4,'status':'affected'}]}]}",
            "invalid type: floating point `1.4`, expected a string at line 1 column 198",
        ),
        (
            "an entry without a version",
            "{'affected':[{'product':'x','versions':[{'status':'affected'}]}]}",
            "missing field `version` at line 1 column 205",
        ),
        (
            "versions that are null",
            "{'affected':[{'product':'x','versions':null}]}",
            "invalid type: null, expected a sequence at line 1 column 187",
        ),
        (
            "a product that is a text",
            "{'affected':['ferry']}",
            "invalid type: string \"ferry\", expected struct Product at line 1 column 164",
        ),
        (
            "a score that is a text",
            "{'metrics':[{'cvssV3_1':{'baseScore':'7.5'}}]}",
            "invalid type: string \"7.5\", expected f32 at line 1 column 186",
        ),
    ];
    hold(&rows, |cna| {
        let line = read(show::affected, &record(&plain(cna), ""));
        line.strip_prefix("refused: not a CVE record of format 5: ").map_or(line.clone(), str::to_owned)
    });
}

#[test]
fn odd_versions_stay_as_they_are_written() {
    hold_versions(&[
        ("a control character", "version:='1.0\\u0007' status=affected", "=1.0\\u{7}"),
        ("a huge number", "version=99999999999999999999999999 lessThan=1e400 status=affected", ">=99999999999999999999999999 <1e400"),
        ("letters of another script", "version=１.０ status=affected", "=１.０"),
    ]);
}

/// A hundred thousand versions of one product.
#[test]
fn a_huge_list_is_read() {
    let versions = vec![r#"{"version":"1.0","status":"affected"}"#; 100_000].join(",");
    let text = record(&format!(r#"{{"affected":[{{"product":"x","versions":[{versions}]}}]}}"#), "");
    assert_eq!(read(|seen| seen.view.affected[0].ranges.len().to_string(), &text), "100000");
}
