//! The frame of a feed: its own values, and the places of its records.

use seaworthy_intelligence::records::parse_nvd;

use super::read;
use crate::records::{Reading, hold, plain, show};

const ONE: &str = "{'cve':{'id':'CVE-2024-1000','published':'2024-01-10'}}";

#[test]
fn frames() {
    let rows = [
        ("one record, with the bytes in which it lies", "{'vulnerabilities':[ONE]}", "CVE-2024-1000 at 20..75"),
        ("two", "{'vulnerabilities':[ONE, ONE]}", "CVE-2024-1000 at 20..75 / CVE-2024-1000 at 77..132"),
        ("none", "{'vulnerabilities':[]}", "nothing"),
        (
            "what is not known of the frame is passed over",
            "{'format':'NVD_CVE','x':{'vulnerabilities':3},'vulnerabilities':[ONE]}",
            "CVE-2024-1000 at 65..120",
        ),
        (
            "records that stand twice are read twice",
            "{'vulnerabilities':[ONE],'vulnerabilities':[ONE]}",
            "CVE-2024-1000 at 20..75 / CVE-2024-1000 at 96..151",
        ),
        ("version 2", "{'version':'2.0','vulnerabilities':[]}", "nothing"),
        ("a later one of the same layout", "{'version':'2.1','vulnerabilities':[]}", "nothing"),
        (
            "another layout",
            "{'version':'3.0','vulnerabilities':[ONE]}",
            "refused: not an NVD JSON 2.0 feed: schema version 3.0 is not known here (2.x is): upgrade seaworthy, or give it a feed of \
             version 2.0 at line 1 column 16",
        ),
        (
            "twenty is not two",
            "{'version':'20','vulnerabilities':[]}",
            "refused: not an NVD JSON 2.0 feed: schema version 20 is not known here \
          (2.x is): upgrade seaworthy, or give it a feed of version 2.0 at line 1 column 15",
        ),
        ("no records", "{'version':'2.0'}", "refused: not an NVD JSON 2.0 feed: missing field `vulnerabilities` at line 1 column 17"),
        (
            "a list is no feed",
            "[]",
            "refused: not an NVD JSON 2.0 feed: invalid type: sequence, expected an object with vulnerabilities at line 1 column 0",
        ),
        (
            "records that are no list",
            "{'vulnerabilities':7}",
            "refused: not an NVD JSON 2.0 feed: invalid type: integer `7`, expected a list of records at line 1 column 20",
        ),
        ("nothing at all", "", "refused: cut off at line 1 column 0: fetch it again"),
        (
            "cut off inside of a record",
            "{'vulnerabilities':[ONE,{'cve':",
            "CVE-2024-1000 at 20..75 / refused: cut off at line 1 column 83: fetch it again",
        ),
        ("cut off behind one", "{'vulnerabilities':[ONE", "CVE-2024-1000 at 20..75 / refused: cut off at line 1 column 75: fetch it again"),
        ("something behind it", "{'vulnerabilities':[]}x", "refused: not an NVD JSON 2.0 feed: trailing characters at line 1 column 23"),
    ];
    hold(&rows, |text| read(show::place, &plain(&text.replace("ONE", ONE))));
}

#[test]
fn what_a_feed_says_of_itself() {
    let text = plain(&format!("{{'version':'2.0','timestamp':'2024-05-01T00:00:00.000','totalResults':3,'vulnerabilities':[{ONE},7]}}"));
    let feed = parse_nvd(text.as_bytes(), "nvdcve-2.0-2024.json", &mut Reading::new(show::id)).unwrap();
    assert_eq!((&*feed.version, &*feed.timestamp, feed.total, feed.seen), ("2.0", "2024-05-01T00:00:00.000", 3, 2));
}

#[test]
fn a_feed_of_other_bytes_than_text_is_refused_with_the_place() {
    let mut text = plain("{'vulnerabilities':[]}").into_bytes();
    text[5] = 0xff;
    let error = parse_nvd(&text, "nvdcve-2.0-2024.json", &mut Reading::new(show::id)).unwrap_err();
    assert_eq!(error, "not UTF-8 at byte 5: fetch it again");
}
