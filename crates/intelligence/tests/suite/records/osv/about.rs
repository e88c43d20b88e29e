//! The format, the summary and the references.

use super::hold_records;
use crate::records::show;

#[test]
fn about() {
    hold_records(
        show::about,
        &[
            ("the summary", "'summary':'One','details':'Two'", "CVE-2024-1000 \"One\""),
            ("the details, where there is none", "'details':'Two'", "CVE-2024-1000 \"Two\""),
            ("null is none", "'summary':null,'details':'Two'", "CVE-2024-1000 \"Two\""),
            ("its beginning of 240 bytes", "'details':'{300*x}'", "CVE-2024-1000 \"xxxxxxxx..240\""),
            (
                "references in their order",
                "'references':[{'type':'WEB','url':'https://a.example.org'},{'type':'FIX','url':'https://b.example.org'}]",
                "CVE-2024-1000 -> https://a.example.org -> https://b.example.org",
            ),
        ],
    );
}

#[test]
fn formats() {
    hold_records(
        show::id,
        &[
            ("none is the first", "", "CVE-2024-1000"),
            ("of schema 1", "'schema_version':'1.7.0'", "CVE-2024-1000"),
            ("null says nothing", "'schema_version':null", "CVE-2024-1000"),
            (
                "of schema 2",
                "'schema_version':'2.0.0'",
                "refused: HARBOR-2024-1: schema version 2.0.0 is not known here (1.x is): upgrade seaworthy",
            ),
            (
                "eleven is not one",
                "'schema_version':'11.0'",
                "refused: HARBOR-2024-1: schema version 11.0 is not known here (1.x is): upgrade seaworthy",
            ),
        ],
    );
}
