//! Hostile and broken records.

use super::{read, record};
use crate::records::{hold, plain, show};

#[test]
fn what_is_no_record() {
    let rows = [
        ("nothing", "", "EOF while parsing a value at line 1 column 0"),
        ("a number", "7", "invalid type: integer `7`, expected struct Record at line 1 column 1"),
        ("no id", "{}", "missing field `id` at line 1 column 2"),
        ("two ids", "{'id':'CVE-2024-1000','id':'CVE-2024-1001'}", "duplicate field `id` at line 1 column 26"),
        ("an id that is a number", "{'id':1}", "invalid type: integer `1`, expected a string at line 1 column 7"),
        (
            "aliases that are a text",
            "{'id':'x','aliases':'CVE-2024-1000'}",
            "invalid type: string \"CVE-2024-1000\", expected a sequence at line 1 column 35",
        ),
        (
            "a version that is a number",
            "{'id':'x','affected':[{'versions':[1.4]}]}",
            "invalid type: floating point `1.4`, expected a string at line 1 column 38",
        ),
        (
            "events that are an object",
            "{'id':'x','affected':[{'ranges':[{'type':'GIT','events':{}}]}]}",
            "invalid type: map, expected a sequence at line 1 column 56",
        ),
        ("a range without a type", "{'id':'x','affected':[{'ranges':[{'events':[]}]}]}", "missing field `type` at line 1 column 46"),
        ("a package without a name", "{'id':'x','affected':[{'package':{'ecosystem':'npm'}}]}", "missing field `name` at line 1 column 52"),
        ("cut off", "{'id':'CVE-2024", "EOF while parsing a string at line 1 column 15"),
        ("two records", "{'id':'x'}{}", "trailing characters at line 1 column 11"),
        ("objects of a thousand floors", "DEEP", "missing field `id` at line 1 column 6001"),
    ];
    hold(&rows, |text| {
        let text = plain(&text.replace("DEEP", &format!("{}1{}", "{'a':".repeat(1000), "}".repeat(1000))));
        let line = read(show::id, &text);
        line.strip_prefix("refused: not an OSV record: ").map_or(line.clone(), str::to_owned)
    });
}

#[test]
fn a_huge_list_is_read() {
    let list = |of: &dyn Fn(usize) -> String| (0..100_000).map(of).collect::<Vec<_>>().join(",");
    let (versions, same) = (list(&|n| format!("\"1.{n}\"")), list(&|_| "\"2.0\"".to_owned()));
    let events = list(&|n| format!(r#"{{"introduced":"3.{}"}},{{"fixed":"3.{}"}}"#, 2 * n, 2 * n + 1));
    let ranges = format!(r#"[{{"type":"SEMVER","events":[{events}]}}]"#);
    let text =
        record(&format!(r#""affected":[{{"package":{{"ecosystem":"npm","name":"a"}},"versions":[{versions},{same}],"ranges":{ranges}}}]"#));
    assert_eq!(read(|seen| seen.view.affected[0].ranges.len().to_string(), &text), "200001");
}
