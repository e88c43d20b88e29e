//! The packages of a module of Go that have the flaw.

use super::{read, record};
use crate::records::{hold, show};

#[test]
fn import_paths() {
    let of = |ecosystem: &str, specific: &str| {
        let package = format!("'package':{{'ecosystem':'{ecosystem}','name':'a.b/c'}}");
        read(show::affected, &record(&format!("'affected':[{{{package},'ecosystem_specific':{specific}}}]")))
    };
    hold(
        &[
            ("one", "Go {'imports':[{'path':'a.b/c/d','symbols':['E']}]}", "parts=a.b/c/d"),
            ("several, in order", "Go {'imports':[{'path':'a.b/c/e'},{'path':'a.b/c/d'},{'path':'a.b/c/e'}]}", "parts=a.b/c/d,a.b/c/e"),
            ("none: the whole module", "Go {'imports':[]}", "none"),
            ("none of one: the whole module", "Go {'imports':[{'path':'a.b/c/d'},{'symbols':['E']}]}", "none"),
            ("a path that is none", "Go {'imports':[{'path':'a.b/c/d'},{'path':'{301*a}'}]}", "none"),
            ("something else under that name", "Go {'imports':'all'}", "none"),
            ("nothing at all", "Go null", "none"),
            ("of another ecosystem it is something else", "npm {'imports':[{'path':'a.b/c/d'}]}", "none"),
        ],
        |row| {
            let (ecosystem, specific) = row.split_once(' ').unwrap();
            let line = of(ecosystem, specific);
            line.split_once(" parts=").map_or("none".to_owned(), |(_, parts)| format!("parts={parts}"))
        },
    );
}
