//! CISA's catalogue of what is exploited.

use seaworthy_intelligence::records::{Refused, parse_kev};
use seaworthy_model::{CveId, Day};

use super::{Row, hold, object, plain};

/// What a catalogue's text comes to: `CVE-2024-1000 since 2024-05-03`, `by ransomware` where it says so.
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

#[test]
fn entries_that_are_none() {
    const BESIDE: &str = "CVE-2024-1000 since 2024-05-03 / ";
    let rows = [
        ("an id that is none", "cveID=CVE-24 dateAdded=2024-05-03", "an entry without an id and a date: \"CVE-24\", \"2024-05-03\""),
        (
            "a day that no year has",
            "cveID=CVE-2024-1001 dateAdded=2024-02-30",
            "an entry without an id and a date: \"CVE-2024-1001\", \"2024-02-30\"",
        ),
        ("hour 25", "cveID=CVE-2024-1001 dateAdded=2024-05-03T25:00:00Z", "an entry without an id and a date: \"CVE-2024-1001\", \"2024-05-03T25:00:00Z\""),
        ("a day at which clocks begin", "cveID=CVE-2024-1001 dateAdded=0001-01-01", "an entry without an id and a date: \"CVE-2024-1001\", \"0001-01-01\""),
        ("words for a day", "cveID=CVE-2024-1001 dateAdded=soon", "an entry without an id and a date: \"CVE-2024-1001\", \"soon\""),
        ("no day", "cveID=CVE-2024-1001 dateAdded=", "an entry without an id and a date: \"CVE-2024-1001\", \"\""),
    ];
    hold(&rows, |words| {
        let line = read(&format!(r#"{{"vulnerabilities":[{},{}]}}"#, object("cveID=CVE-2024-1000 dateAdded=2024-05-03"), object(words)));
        let line = line.strip_prefix(BESIDE).map_or(line.clone(), str::to_owned);
        line.split_once(": ").map_or(line.clone(), |(_, message)| message.to_owned())
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
