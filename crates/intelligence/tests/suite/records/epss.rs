//! EPSS: the probability that a CVE is exploited.

use seaworthy_intelligence::records::{Refused, parse_epss};
use seaworthy_model::CveId;

use super::{hold, plain};

/// The facts and refusals that a file gives, such as `CVE-2024-1000 0.5 0.9` with the probability and its percentile.
fn read(text: &[u8]) -> String {
    let mut refused: Vec<Refused> = Vec::new();
    let facts = match parse_epss(text, "epss.csv", &mut refused) {
        Ok(facts) => facts,
        Err(message) => return format!("refused: {message}"),
    };
    let facts = facts.iter().map(|fact| format!("{} {} {}", CveId::from_key(fact.key), fact.value, fact.extra));
    let all: Vec<String> = facts.chain(refused.iter().map(|r| format!("refused at {}: {}", r.offset, r.message))).collect();
    if all.is_empty() { "nothing".to_owned() } else { all.join(" / ") }
}

/// The header, 20 bytes with its line end.
const HEADER: &str = "cve,epss,percentile\n";

#[test]
fn lines() {
    let none = |line: &str| format!("refused at 20: expected CVE,probability,percentile, found {line:?}");
    let rows = [
        ("a score", "CVE-2024-1000,0.5,0.9", "CVE-2024-1000 0.5 0.9"),
        ("spaces around it", "CVE-2024-1000 , 0.5 , 0.9 ", "CVE-2024-1000 0.5 0.9"),
        ("nought and one", "CVE-2024-1000,0,1", "CVE-2024-1000 0 1"),
        ("an exponent", "CVE-2024-1000,5e-1,0.9", "CVE-2024-1000 0.5 0.9"),
        ("lines of another system", "CVE-2024-1000,0.5,0.9\r\nCVE-2024-1001,0.5,0.9\r\n", "CVE-2024-1000 0.5 0.9 / CVE-2024-1001 0.5 0.9"),
        ("empty lines and comments", "\n# x\nCVE-2024-1000,0.5,0.9\n\n", "CVE-2024-1000 0.5 0.9"),
        ("in the order of ids", "CVE-2024-2000,0.5,0.9\nCVE-2024-1000,0.5,0.9", "CVE-2024-1000 0.5 0.9 / CVE-2024-2000 0.5 0.9"),
        ("the first of two lines of one CVE", "CVE-2024-1000,0.5,0.9\nCVE-2024-1000,0.1,0.2", "CVE-2024-1000 0.5 0.9"),
        ("a fourth column is passed over", "CVE-2024-1000,0.5,0.9,2024", "CVE-2024-1000 0.5 0.9"),
        ("nothing but the header", "", "nothing"),
        ("more than one", "CVE-2024-1000,1.5,0.9", &none("CVE-2024-1000,1.5,0.9")),
        ("less than nought", "CVE-2024-1000,-0.5,0.9", &none("CVE-2024-1000,-0.5,0.9")),
        ("no number", "CVE-2024-1000,NaN,0.9", &none("CVE-2024-1000,NaN,0.9")),
        ("without an end", "CVE-2024-1000,inf,0.9", &none("CVE-2024-1000,inf,0.9")),
        ("no percentile", "CVE-2024-1000,0.5", &none("CVE-2024-1000,0.5")),
        ("no id", "0.5,0.9", &none("0.5,0.9")),
        ("a long line is shown by its beginning", "{100*x}", &none(&"x".repeat(80))),
        (
            "a line that is none costs itself, and is named by its place",
            "CVE-2024-1000,0.5,0.9\nx\nCVE-2024-1001,0.5,0.9",
            "CVE-2024-1000 0.5 0.9 / CVE-2024-1001 0.5 0.9 / refused at 42: expected CVE,probability,percentile, found \"x\"",
        ),
    ];
    hold(&rows, |text| read(format!("{HEADER}{}", plain(text)).as_bytes()));
}

#[test]
fn headers() {
    let rows = [
        (
            "the day of the scores before it",
            "#model_version:v2023.03.01,score_date:2024-05-01T00:00:00+0000\ncve,epss,percentile\nCVE-2024-1000,0.5,0.9",
            "CVE-2024-1000 0.5 0.9",
        ),
        ("columns behind the three", "cve,epss,percentile,date\nCVE-2024-1000,0.5,0.9,x", "CVE-2024-1000 0.5 0.9"),
        (
            "other columns",
            "cve,percentile,epss\nCVE-2024-1000,0.5,0.9",
            "refused: expected the header cve,epss,percentile, found \"cve,percentile,epss\"",
        ),
        ("none", "CVE-2024-1000,0.5,0.9", "refused: expected the header cve,epss,percentile, found \"CVE-2024-1000,0.5,0.9\""),
        ("nothing", "", "refused: no header cve,epss,percentile: fetch it again"),
        ("a comment alone", "# x", "refused: no header cve,epss,percentile: fetch it again"),
    ];
    hold(&rows, |text| read(text.as_bytes()));
    assert_eq!(read(b"cve,epss,percentile\n\xff"), "refused: not UTF-8 at byte 20");
}
