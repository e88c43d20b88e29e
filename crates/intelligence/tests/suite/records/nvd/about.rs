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
            ("whole", "'descriptions':[{'lang':'en','value':'{300*x}'}]", "CVE-2024-1000 \"xxxxxxxx..300\""),
            ("without the blanks around it", "'descriptions':[{'lang':'en','value':' One\\n'}]", "CVE-2024-1000 \"One\""),
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

#[test]
fn beginnings() {
    hold_records(
        show::beginning,
        &[
            ("240 bytes", "'descriptions':[{'lang':'en','value':'{300*x}'}]", "xxxxxxxx..240"),
            ("cut before a letter of two bytes, not inside", "'descriptions':[{'lang':'en','value':'{239*x}éé'}]", "xxxxxxxx..239"),
        ],
    );
}

#[test]
fn long_descriptions() {
    hold_records(
        show::description,
        &[
            ("the longest of NVD", "'descriptions':[{'lang':'en','value':'{1000*One }'}]", "One One ..3999.. One One"),
            ("4 KiB are whole", "'descriptions':[{'lang':'en','value':'{1023*One }Two.'}]", "One One ..4096..One Two."),
            (
                "more are cut at the end of a word, with a mark",
                "'descriptions':[{'lang':'en','value':'{1024*One }Two'}]",
                "One One ..4093.. One […]",
            ),
            (
                "a word without an end is cut between letters",
                "'descriptions':[{'lang':'en','value':'{3000*é}'}]",
                "éééééééé..4096..éééé […]",
            ),
            (
                "what turns the order of reading stays: who shows it names it",
                "'descriptions':[{'lang':'en','value':'a\\u202eb'}]",
                "a\\u{202e}b",
            ),
        ],
    );
}

#[test]
fn references() {
    hold_records(
        show::references,
        &[
            ("none", "'references':[]", "none"),
            ("an address", "'references':[{'url':'https://a.example.org/1','source':'mia'}]", "https://a.example.org/1"),
            (
                "with its tags as kinds, each once and in one order",
                "'references':[{'url':'https://a.example.org/1','tags':['Third Party Advisory','Patch','Vendor Advisory','VDB Entry']}]",
                "https://a.example.org/1 (patch, advisory)",
            ),
            (
                "every tag that says what is there",
                "'references':[{'url':'https://a.example.org/1','tags':['US Government Resource','Mitigation','Exploit','Release Notes',\
                 'Issue Tracking','Mailing List','Press/Media Coverage','Technical Description']}]",
                "https://a.example.org/1 (advisory, mitigation, exploit, release notes, report, discussion, article)",
            ),
            (
                "what helps to act comes first, what leads nowhere last",
                "'references':[{'url':'https://a.example.org/1','tags':['Broken Link']},{'url':'https://a.example.org/2'},\
                 {'url':'https://a.example.org/3','tags':['Exploit']},{'url':'https://a.example.org/4','tags':['Patch']}]",
                "https://a.example.org/4 (patch) , https://a.example.org/3 (exploit) , https://a.example.org/2 , \
                 https://a.example.org/1 (broken link)",
            ),
            (
                "one that two sources name stands once, with the kinds of both",
                "'references':[{'url':'https://a.example.org/1','source':'mia'},\
                 {'url':'https://a.example.org/1','source':'leo','tags':['Patch']}]",
                "https://a.example.org/1 (patch)",
            ),
            (
                "what is no address of the web is left out",
                "'references':[{'url':'javascript:alert(1)'},{'url':'CVSS:3.1/AV:L'},{'url':'https://'},{},\
                 {'url':'ftp://a.example.org/1'}]",
                "ftp://a.example.org/1",
            ),
            (
                "an address with a secret is left out",
                "'references':[{'url':'https://mia:p@a.example.org/'},{'url':'https://a.example.org/?sig=x'}]",
                "none",
            ),
            (
                "what deceives and what ends a link is encoded",
                "'references':[{'url':'https://a.example.org/\\u202e\\u001b[2J\\u0022> x'}]",
                "https://a.example.org/%E2%80%AE%1B%5B2J%22%3E%20x",
            ),
            ("a long one is left out: its beginning leads elsewhere", "'references':[{'url':'https://a.example.org/{479*x}'}]", "none"),
            ("500 bytes are not too long", "'references':[{'url':'https://a.example.org/{478*x}'}]", "https://..500"),
            (
                "an exploit or a change that a third party has is no advisory",
                "'references':[{'url':'https://a.example.org/1','tags':['Exploit','Third Party Advisory']},\
                 {'url':'https://a.example.org/2','tags':['Third Party Advisory','Patch','VDB Entry']},\
                 {'url':'https://a.example.org/3','tags':['Third Party Advisory','VDB Entry']},\
                 {'url':'https://a.example.org/4','tags':['Vendor Advisory','Patch']}]",
                "https://a.example.org/2 (patch) , https://a.example.org/4 (patch, advisory) , https://a.example.org/3 (advisory) , \
                 https://a.example.org/1 (exploit)",
            ),
            (
                "tags of another form cost themselves only",
                "'references':[{'url':'https://a.example.org/1','tags':'Patch'},{'url':'https://a.example.org/2','tags':[null]},\
                 {'url':'https://a.example.org/3','tags':{'a':1}}]",
                "https://a.example.org/1 , https://a.example.org/2 , https://a.example.org/3",
            ),
            ("null says nothing", "'references':[{'url':'https://a.example.org/1','tags':null}]", "https://a.example.org/1"),
        ],
    );
}

#[test]
fn references_are_32_of_which_the_most_telling_stay() {
    let plain = (0..40).map(|n| format!("{{'url':'https://a.example.org/{n}'}},")).collect::<String>();
    let record = format!("'references':[{plain}{{'url':'https://a.example.org/fix','tags':['Patch']}}]");
    let kept: Vec<String> = (0..31).map(|n| format!("https://a.example.org/{n}")).collect();
    let expected = format!("https://a.example.org/fix (patch) , {}", kept.join(" , "));
    hold_records(show::references, &[("of 41", &record, &expected)]);
}
