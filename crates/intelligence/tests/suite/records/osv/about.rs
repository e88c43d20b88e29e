//! The format, the summary and the references.

use super::hold_records;
use crate::records::show;

#[test]
fn about() {
    hold_records(
        show::about,
        &[
            ("the summary, and the details behind it", "'summary':'One','details':'Two'", "CVE-2024-1000 \"One\\n\\nTwo\""),
            ("a summary that the details repeat stands once", "'summary':'One','details':'One and two'", "CVE-2024-1000 \"One and two\""),
            ("the summary alone", "'summary':'One'", "CVE-2024-1000 \"One\""),
            ("the details, where there is none", "'details':'Two'", "CVE-2024-1000 \"Two\""),
            ("null is none", "'summary':null,'details':'Two'", "CVE-2024-1000 \"Two\""),
            ("whole", "'details':'{300*x}'", "CVE-2024-1000 \"xxxxxxxx..300\""),
            (
                "references in their order",
                "'references':[{'type':'WEB','url':'https://a.example.org'},{'type':'FIX','url':'https://b.example.org'}]",
                "CVE-2024-1000 -> https://a.example.org -> https://b.example.org",
            ),
        ],
    );
}

#[test]
fn texts() {
    hold_records(
        show::beginning,
        &[
            ("the summary for matching", "'summary':'One','details':'Two'", "One"),
            ("its beginning of 240 bytes", "'details':'{300*x}'", "xxxxxxxx..240"),
        ],
    );
    hold_records(
        show::description,
        &[("cut at the end of a word", "'summary':'One','details':'{1024*Two }'", "One\\n\\nTwo..4094.. Two […]")],
    );
}

#[test]
fn references() {
    hold_records(
        show::references,
        &[
            (
                "with their types as kinds",
                "'references':[{'type':'WEB','url':'https://a.example.org/1'},{'type':'FIX','url':'https://a.example.org/2'},\
                 {'type':'ADVISORY','url':'https://a.example.org/3'},{'type':'EVIDENCE','url':'https://a.example.org/4'},\
                 {'type':'REPORT','url':'https://a.example.org/5'},{'type':'DISCUSSION','url':'https://a.example.org/6'},\
                 {'type':'ARTICLE','url':'https://a.example.org/7'},{'type':'PACKAGE','url':'https://a.example.org/8'}]",
                "https://a.example.org/2 (patch) , https://a.example.org/3 (advisory) , https://a.example.org/4 (exploit) , \
                 https://a.example.org/5 (report) , https://a.example.org/6 (discussion) , https://a.example.org/7 (article) , \
                 https://a.example.org/1 , https://a.example.org/8",
            ),
            ("a type that nobody knows", "'references':[{'type':'SONG','url':'https://a.example.org/1'}]", "https://a.example.org/1"),
            ("without a type", "'references':[{'url':'https://a.example.org/1'}]", "https://a.example.org/1"),
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
