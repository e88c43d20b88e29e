//! The ratings of a record: rater, specification and score.

use super::{Row, feed, read};
use crate::records::{hold, object, show};

/// Rows of `LIST WORDS` joined by ` | `: a rating with its source, and the list of metrics in which it stands.
fn hold_ratings(rows: &[Row<'_>]) {
    hold(rows, |text| {
        let mut lists: Vec<(&str, Vec<String>)> = Vec::new();
        for rating in text.split(" | ") {
            let (list, words) = rating.split_once(' ').unwrap();
            let (source, words) = words.split_once(' ').unwrap_or((words, ""));
            let rating = format!("{},\"cvssData\":{}}}", object(source).trim_end_matches('}'), object(words));
            match lists.iter_mut().find(|(name, _)| *name == list) {
                Some((_, ratings)) => ratings.push(rating),
                None => lists.push((list, vec![rating])),
            }
        }
        let lists = lists.iter().map(|(name, ratings)| format!("\"cvssMetric{name}\":[{}]", ratings.join(",")));
        read(show::ratings, &feed(&format!("\"metrics\":{{{}}}", lists.collect::<Vec<_>>().join(","))))
    });
}

#[test]
fn raters() {
    hold_ratings(&[
        ("NVD's own", "V31 source=nvd@nist.gov baseScore:=7.5 vectorString=CVSS:3.1/AV:N", "3.1 NVD 7.5 CVSS:3.1/AV:N"),
        ("CISA's, by its number", "V31 source=134c704f-9b21-4f2e-91b3-4a467353bcc0 baseScore:=7.5", "3.1 CISA 7.5"),
        ("anybody else is the CNA", "V31 source=security@acme.example.org baseScore:=7.5", "3.1 CNA 7.5"),
        ("a number that is not CISA's as well", "V31 source=134c704f-0000-4f2e-91b3-4a467353bcc0 baseScore:=7.5", "3.1 CNA 7.5"),
        ("nobody said who", "V31 source= baseScore:=7.5", "3.1 CNA 7.5"),
        (
            "two who rated, in the source's order",
            "V31 source=security@acme.example.org baseScore:=9.8 | V31 source=nvd@nist.gov baseScore:=7.5",
            "3.1 CNA 9.8 , 3.1 NVD 7.5",
        ),
    ]);
}

#[test]
fn specifications() {
    hold_ratings(&[
        ("version 4", "V40 source=nvd@nist.gov baseScore:=9.3 vectorString=CVSS:4.0/AV:N", "4.0 NVD 9.3 CVSS:4.0/AV:N"),
        ("version 3.0", "V30 source=nvd@nist.gov baseScore:=9.8", "3.0 NVD 9.8"),
        ("version 2", "V2 source=nvd@nist.gov baseScore:=10.0 vectorString=AV:N/AC:L", "2 NVD 10 AV:N/AC:L"),
        (
            "the newest specification first",
            "V2 source=nvd@nist.gov baseScore:=5 | V30 source=nvd@nist.gov baseScore:=6 | V40 source=nvd@nist.gov baseScore:=8 | \
             V31 source=nvd@nist.gov baseScore:=7",
            "4.0 NVD 8 , 3.1 NVD 7 , 3.0 NVD 6 , 2 NVD 5",
        ),
        ("a specification that is not known says nothing", "V50 source=nvd@nist.gov baseScore:=9.3", "none"),
    ]);
}

#[test]
fn scores() {
    hold_ratings(&[
        ("nought is a score", "V31 source=nvd@nist.gov baseScore:=0.0", "3.1 NVD 0"),
        ("ten is the highest", "V31 source=nvd@nist.gov baseScore:=10", "3.1 NVD 10"),
        ("more than ten is none", "V31 source=nvd@nist.gov baseScore:=10.1", "none"),
        ("less than nought is none", "V31 source=nvd@nist.gov baseScore:=-0.1", "none"),
        ("a number that no computer holds is none", "V31 source=nvd@nist.gov baseScore:=1e39", "none"),
        ("no score, no rating", "V31 source=nvd@nist.gov vectorString=CVSS:3.1/AV:N", "none"),
        ("null is no score", "V31 source=nvd@nist.gov baseScore:=null", "none"),
        ("a vector is cut to 300 bytes", "V31 source=nvd@nist.gov baseScore:=5 vectorString={301*C}", "3.1 NVD 5 CCCCCCCC..300"),
        (
            "one score that is none costs no other",
            "V31 source=nvd@nist.gov baseScore:=11 | V31 source=security@acme.example.org baseScore:=5",
            "3.1 CNA 5",
        ),
        (
            "a text is no score, and costs the record",
            "V31 source=nvd@nist.gov baseScore=7.5",
            "refused at 36: invalid type: string \"7.5\", expected f32 at line 1 column 149",
        ),
    ]);
}
