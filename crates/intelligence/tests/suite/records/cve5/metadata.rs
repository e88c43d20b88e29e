//! The part above the containers: format, id, state and dates.

use super::{Row, read};
use crate::records::{Lens, hold, object, show};

/// Rows of the words of `cveMetadata`.
fn hold_metadata(lens: Lens, rows: &[Row<'_>]) {
    hold(rows, |words| {
        let id = if words.contains("cveId") { "" } else { "cveId=CVE-2024-1000 " };
        read(lens, &format!(r#"{{"dataVersion":"5.1","cveMetadata":{},"containers":{{"cna":{{}}}}}}"#, object(&format!("{id}{words}"))))
    });
}

#[test]
fn dates() {
    hold_metadata(
        show::dates,
        &[
            (
                "publication and change",
                "datePublished=2024-05-01T13:45:59.123Z dateUpdated=2024-05-02T23:59:59.999Z",
                "published 2024-05-01T13:45 changed 2024-05-02T23:59:59Z",
            ),
            (
                "times without a zone are of UTC, as the schema says",
                "datePublished=2024-05-01T13:45:59",
                "published 2024-05-01T13:45 changed 2024-05-01T13:45:59Z",
            ),
            (
                "without a day of publication that of the reservation",
                "dateReserved=2024-04-01T00:00:00Z dateUpdated=2024-05-02T00:00:00Z",
                "published 2024-04-01T00:00 changed 2024-05-02T00:00:00Z",
            ),
            (
                "a change at no time counts as that of publication",
                "datePublished=2024-05-01 dateUpdated=soon",
                "published 2024-05-01T00:00 changed 2024-05-01T00:00:00Z",
            ),
            ("a zone is respected", "datePublished=2024-05-01T01:30:00+02:00", "published 2024-04-30T23:30 changed 2024-04-30T23:30:00Z"),
            ("neither: the schema asks for none", "state=PUBLISHED", "published unknown changed unknown"),
            ("the change alone", "dateUpdated=2024-05-02T00:00:00Z", "published unknown changed 2024-05-02T00:00:00Z"),
            ("a time at which clocks begin", "datePublished=0001-01-01T00:00:00Z", "published unknown changed unknown"),
            ("hour 25", "datePublished=2024-05-01T25:00:00Z", "refused: CVE-2024-1000: \"2024-05-01T25:00:00Z\" is no date of publication"),
            ("words are no date", "datePublished=yesterday", "refused: CVE-2024-1000: \"yesterday\" is no date of publication"),
            ("nor is month 13", "datePublished=2024-13-01", "refused: CVE-2024-1000: \"2024-13-01\" is no date of publication"),
            ("an empty text", "datePublished=", "refused: CVE-2024-1000: \"\" is no date of publication"),
        ],
    );
}

#[test]
fn states() {
    hold_metadata(
        show::state,
        &[
            ("published", "state=PUBLISHED datePublished=2024-05-01", "published"),
            ("withdrawn", "state=REJECTED datePublished=2024-05-01", "rejected"),
            ("reserved counts as published: the CVE List has none of them", "state=RESERVED datePublished=2024-05-01", "published"),
            ("no word of it", "datePublished=2024-05-01", "published"),
        ],
    );
}

#[test]
fn ids() {
    hold_metadata(
        show::id,
        &[
            ("its own", "cveId=CVE-2024-1234 datePublished=2024-05-01", "CVE-2024-1234"),
            (
                "what is none",
                "cveId=CVE-24 datePublished=2024-05-01",
                "refused: \"CVE-24\" is not a CVE id: expected CVE-YYYY-N with a year from 1999 on and four or more digits",
            ),
        ],
    );
}

#[test]
fn formats() {
    let rows = [
        ("5.0", "5.0", "CVE-2024-1000"),
        ("5.1.1", "5.1.1", "CVE-2024-1000"),
        ("a later one of format 5", "5.99", "CVE-2024-1000"),
        ("format 4", "4.0", "refused: record format 4.0 is not known here (5.x is): upgrade seaworthy"),
        ("format 6", "6.0", "refused: record format 6.0 is not known here (5.x is): upgrade seaworthy"),
        ("fifty is not five", "50", "refused: record format 50 is not known here (5.x is): upgrade seaworthy"),
        ("five alone is none", "5", "refused: record format 5 is not known here (5.x is): upgrade seaworthy"),
        ("nothing", "", "refused: record format  is not known here (5.x is): upgrade seaworthy"),
    ];
    hold(&rows, |version| {
        let metadata = r#"{"cveId":"CVE-2024-1000","datePublished":"2024-05-01"}"#;
        read(show::id, &format!(r#"{{"dataVersion":"{version}","cveMetadata":{metadata},"containers":{{"cna":{{}}}}}}"#))
    });
}
