//! KEV: CISA's catalogue of exploited vulnerabilities.

use seaworthy_intelligence::records::{Refused, parse_kev};
use seaworthy_model::{CveId, Day};

use super::{Row, hold, object, plain};

/// The facts and refusals that a catalogue gives, such as `CVE-2024-1000 since 2024-05-03`, with `by ransomware` where it has that.
fn read(text: &str) -> String {
    let mut refused: Vec<Refused> = Vec::new();
    let facts = match parse_kev(text.as_bytes(), "kev.json", &mut refused) {
        Ok(facts) => facts,
        Err(message) => return format!("refused: {message}"),
    };
    let facts = facts.iter().map(|fact| {
        let ransomware = if fact.extra > 0.0 { " by ransomware" } else { "" };
        format!("{} since {}{ransomware}", CveId::from_key(fact.key), Day::of_epoch_days(fact.value as i32))
    });
    let all: Vec<String> = facts.chain(refused.iter().map(|r| format!("refused at {}: {}", r.offset, r.message))).collect();
    if all.is_empty() { "nothing".to_owned() } else { all.join(" / ") }
}

/// Rows of the words of entries, joined by ` | `.
fn hold_entries(rows: &[Row<'_>]) {
    hold(rows, |words| {
        let entries: Vec<String> = words.split(" | ").map(object).collect();
        read(&format!(r#"{{"vulnerabilities":[{}]}}"#, entries.join(",")))
    });
}

#[test]
fn entries() {
    hold_entries(&[
        ("the day it was added", "cveID=CVE-2024-1000 dateAdded=2024-05-03", "CVE-2024-1000 since 2024-05-03"),
        (
            "ransomware uses it",
            "cveID=CVE-2024-1000 dateAdded=2024-05-03 knownRansomwareCampaignUse=Known",
            "CVE-2024-1000 since 2024-05-03 by ransomware",
        ),
        (
            "in whatever case",
            "cveID=CVE-2024-1000 dateAdded=2024-05-03 knownRansomwareCampaignUse=KNOWN",
            "CVE-2024-1000 since 2024-05-03 by ransomware",
        ),
        ("nobody knows", "cveID=CVE-2024-1000 dateAdded=2024-05-03 knownRansomwareCampaignUse=Unknown", "CVE-2024-1000 since 2024-05-03"),
        (
            "in the order of ids",
            "cveID=CVE-2024-2000 dateAdded=2024-05-03 | cveID=CVE-2024-1000 dateAdded=2024-05-04",
            "CVE-2024-1000 since 2024-05-04 / CVE-2024-2000 since 2024-05-03",
        ),
        (
            "the first of two entries of one CVE",
            "cveID=CVE-2024-1000 dateAdded=2024-05-03 | cveID=CVE-2024-1000 dateAdded=2024-06-03",
            "CVE-2024-1000 since 2024-05-03",
        ),
        (
            "other fields are passed over",
            "cveID=CVE-2024-1000 vendorProject=acme cwes:=['CWE-79'] dateAdded=2024-05-03",
            "CVE-2024-1000 since 2024-05-03",
        ),
    ]);
}

/// A bad entry between two good ones: it costs only itself, and is refused with its position.
#[test]
fn entries_that_are_none() {
    let none = |id: &str, day: &str| format!("refused at 71: an entry without an id and a date: {id:?}, {day:?}");
    let rows = [
        ("an id that is none", "{'cveID':'CVE-24','dateAdded':'2024-05-03'}", &*none("CVE-24", "2024-05-03")),
        ("a day that no year has", "{'cveID':'CVE-2024-1001','dateAdded':'2024-02-30'}", &none("CVE-2024-1001", "2024-02-30")),
        ("hour 25", "{'cveID':'CVE-2024-1001','dateAdded':'2024-05-03T25:00:00Z'}", &none("CVE-2024-1001", "2024-05-03T25:00:00Z")),
        ("a day at which clocks begin", "{'cveID':'CVE-2024-1001','dateAdded':'0001-01-01'}", &none("CVE-2024-1001", "0001-01-01")),
        ("words for a day", "{'cveID':'CVE-2024-1001','dateAdded':'soon'}", &none("CVE-2024-1001", "soon")),
        ("an empty day", "{'cveID':'CVE-2024-1001','dateAdded':''}", &none("CVE-2024-1001", "")),
        ("no day", "{'cveID':'CVE-2024-1001'}", "refused at 71: not an entry of KEV: missing field `dateAdded` at line 1 column 25"),
        ("no id", "{'dateAdded':'2024-05-03'}", "refused at 71: not an entry of KEV: missing field `cveID` at line 1 column 26"),
        (
            "an id that is a number",
            "{'cveID':20241001,'dateAdded':'2024-05-03'}",
            "refused at 71: not an entry of KEV: invalid type: integer `20241001`, expected a string at line 1 column 17",
        ),
        (
            "two ids",
            "{'cveID':'CVE-2024-1001','cveID':'CVE-2024-1002','dateAdded':'2024-05-03'}",
            "refused at 71: not an entry of KEV: duplicate field `cveID` at line 1 column 32",
        ),
        (
            "a number of days",
            "{'cveID':'CVE-2024-1001','dateAdded':19000}",
            "refused at 71: not an entry of KEV: invalid type: integer `19000`, expected a string at line 1 column 42",
        ),
        ("nothing", "null", "refused at 71: not an entry of KEV: invalid type: null, expected struct Entry at line 1 column 4"),
        (
            "a text",
            "'CVE-2024-1001'",
            "refused at 71: not an entry of KEV: invalid type: string \"CVE-2024-1001\", expected struct Entry at line 1 column 15",
        ),
        (
            "ransomware is a list",
            "{'cveID':'CVE-2024-1001','dateAdded':'2024-05-03','knownRansomwareCampaignUse':[]}",
            "refused at 71: not an entry of KEV: invalid type: sequence, expected a string at line 1 column 79",
        ),
    ];
    hold(&rows, |entry| {
        let good = |id: &str| object(&format!("cveID={id} dateAdded=2024-05-03"));
        let line = read(&format!(r#"{{"vulnerabilities":[{},{},{}]}}"#, good("CVE-2024-1000"), plain(entry), good("CVE-2024-2000")));
        let beside = "CVE-2024-1000 since 2024-05-03 / CVE-2024-2000 since 2024-05-03 / ";
        line.strip_prefix(beside).map_or(line.clone(), str::to_owned)
    });
}

#[test]
fn catalogues() {
    let rows = [
        ("an empty one", "{'vulnerabilities':[]}", "nothing"),
        ("no list", "{'title':'x'}", "refused: not a KEV catalogue: missing field `vulnerabilities` at line 1 column 13"),
        (
            "another type",
            "{'vulnerabilities':'none'}",
            "refused: not a KEV catalogue: invalid type: string \"none\", expected a sequence at line 1 column 25",
        ),
        (
            "two lists",
            "{'vulnerabilities':[],'vulnerabilities':[]}",
            "refused: not a KEV catalogue: duplicate field `vulnerabilities` at line 1 column 39",
        ),
        (
            "cut off",
            "{'vulnerabilities':[{'cveID':'CVE-2024-1000'",
            "refused: not a KEV catalogue: EOF while parsing an object at line 1 column 44",
        ),
        ("nothing at all", "", "refused: not a KEV catalogue: EOF while parsing a value at line 1 column 0"),
        ("something behind it", "{'vulnerabilities':[]}x", "refused: not a KEV catalogue: trailing characters at line 1 column 23"),
    ];
    hold(&rows, |text| read(&plain(text)));
}
