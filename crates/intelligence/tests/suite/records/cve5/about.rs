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
            ("its beginning of 240 bytes", "{'descriptions':[{'lang':'en','value':'{300*x}'}]}", "CVE-2024-1000 \"xxxxxxxx..240\""),
            ("none", "{'descriptions':[]}", "CVE-2024-1000"),
        ],
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
