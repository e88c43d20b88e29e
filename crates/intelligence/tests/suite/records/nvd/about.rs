//! The id, the weaknesses, the description and the references.

use super::hold_records;
use crate::records::show;

/// The refusal of an id that is no CVE id.
fn refused(id: &str) -> String {
    format!("refused at 36: {id:?} is not a CVE id: expected CVE-YYYY-N with a year from 1999 on and four or more digits")
}

#[test]
fn ids() {
    hold_records(
        show::about,
        &[
            ("four digits", "'id':'CVE-2024-0001'", "CVE-2024-0001"),
            ("more digits", "'id':'CVE-2024-1000000'", "CVE-2024-1000000"),
            ("case does not count", "'id':'cve-2024-1000'", "CVE-2024-1000"),
            ("three digits are no id", "'id':'CVE-2024-999'", &refused("CVE-2024-999")),
            ("no year before 1999 has ids", "'id':'CVE-1998-1000'", &refused("CVE-1998-1000")),
            ("more than a number holds", "'id':'CVE-2024-99999999999999999999'", &refused("CVE-2024-99999999999999999999")),
            ("a space behind it", "'id':'CVE-2024-1000 '", &refused("CVE-2024-1000 ")),
            ("nothing", "'id':''", &refused("")),
            (
                "without a date as well: the id is named, and no control character of it is printed",
                "'id':'a\\u0007','published':''",
                &refused("a\u{7}"),
            ),
        ],
    );
}

#[test]
fn weaknesses() {
    hold_records(
        show::about,
        &[
            ("one", "'weaknesses':[{'description':[{'lang':'en','value':'CWE-79'}]}]", "CVE-2024-1000 CWE-79"),
            (
                "in one order and once",
                "'weaknesses':[{'description':[{'lang':'en','value':'CWE-89'}]},\
                 {'description':[{'lang':'en','value':'CWE-79'},{'lang':'en','value':'CWE-89'}]}]",
                "CVE-2024-1000 CWE-79 CWE-89",
            ),
            ("NVD's words for none are none", "'weaknesses':[{'description':[{'lang':'en','value':'NVD-CWE-noinfo'}]}]", "CVE-2024-1000"),
            (
                "a long one is cut to 16 bytes",
                "'weaknesses':[{'description':[{'lang':'en','value':'CWE-{20*9}'}]}]",
                "CVE-2024-1000 CWE-999999999999",
            ),
        ],
    );
}

#[test]
fn descriptions_and_references() {
    hold_records(
        show::about,
        &[
            ("the English one", "'descriptions':[{'lang':'es','value':'Uno'},{'lang':'en','value':'One'}]", "CVE-2024-1000 \"One\""),
            ("none in English", "'descriptions':[{'lang':'es','value':'Uno'}]", "CVE-2024-1000"),
            ("the first of two", "'descriptions':[{'lang':'en','value':'One'},{'lang':'en','value':'Two'}]", "CVE-2024-1000 \"One\""),
            ("its beginning of 240 bytes", "'descriptions':[{'lang':'en','value':'{300*x}'}]", "CVE-2024-1000 \"xxxxxxxx..240\""),
            (
                "cut before a letter of two bytes, not inside",
                "'descriptions':[{'lang':'en','value':'{239*x}éé'}]",
                "CVE-2024-1000 \"xxxxxxxx..239\"",
            ),
            (
                "control characters stay: who prints it shows them",
                "'descriptions':[{'lang':'en','value':'a\\u001b[2Jb'}]",
                "CVE-2024-1000 \"a\\u{1b}[2Jb\"",
            ),
            (
                "references in their order",
                "'references':[{'url':'https://acme.example.org/1'},{'url':'https://github.com/acme/ferry'}]",
                "CVE-2024-1000 -> https://acme.example.org/1 -> https://github.com/acme/ferry",
            ),
            ("a reference without an address is an empty one", "'references':[{}]", "CVE-2024-1000 -> "),
        ],
    );
}
