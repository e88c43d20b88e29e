//! The description of a record, and its tags.

use super::{Row, read, record};
use crate::records::{Lens, hold, plain, show};

fn hold_cna(lens: Lens, rows: &[Row<'_>]) {
    hold(rows, |cna| read(lens, &record(&plain(cna), "")));
}

#[test]
fn descriptions() {
    hold_cna(
        show::about,
        &[
            ("in English", "{'descriptions':[{'lang':'es','value':'Uno'},{'lang':'en','value':'One'}]}", "CVE-2024-1000 \"One\""),
            ("in the English of a country", "{'descriptions':[{'lang':'en-US','value':'One'}]}", "CVE-2024-1000 \"One\""),
            ("whole", "{'descriptions':[{'lang':'en','value':'{300*x}'}]}", "CVE-2024-1000 \"xxxxxxxx..300\""),
            ("none", "{'descriptions':[]}", "CVE-2024-1000"),
        ],
    );
}

#[test]
fn beginnings() {
    hold_cna(show::beginning, &[("240 bytes", "{'descriptions':[{'lang':'en','value':'{300*x}'}]}", "xxxxxxxx..240")]);
}

#[test]
fn long_descriptions() {
    hold_cna(
        show::description,
        &[("cut at the end of a word", "{'descriptions':[{'lang':'en','value':'{1024*One }Two'}]}", "One One ..4093.. One […]")],
    );
}

#[test]
fn references() {
    hold_cna(
        show::references,
        &[(
            "with their tags as kinds",
            "{'references':[{'url':'https://a.example.org/1','tags':['vendor-advisory','patch','x_refsource_MISC']},\
                 {'url':'https://a.example.org/2','tags':['issue-tracking']},{'url':'https://a.example.org/3','name':'Three'}]}",
            "https://a.example.org/1 (patch, advisory) , https://a.example.org/2 (report) , https://a.example.org/3",
        )],
    );
    hold(
        &[(
            "those of both containers, each once",
            "{'references':[{'url':'https://a.example.org/2','tags':['exploit','x_transferred']},\
             {'url':'https://a.example.org/1','tags':['x_transferred']}]}",
            "https://a.example.org/2 (exploit) , https://a.example.org/1",
        )],
        |adp| read(show::references, &record("{\"references\":[{\"url\":\"https://a.example.org/1\"}]}", &plain(adp))),
    );
}

#[test]
fn tags() {
    hold_cna(
        show::state,
        &[
            ("disputed", "{'tags':['disputed']}", "disputed"),
            ("disputed beside another", "{'tags':['unsupported-when-assigned','disputed']}", "disputed"),
            ("another tag", "{'tags':['unsupported-when-assigned']}", "published"),
            ("no tag", "{}", "published"),
        ],
    );
}
