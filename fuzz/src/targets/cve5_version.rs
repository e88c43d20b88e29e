//! The text of a version in a record of the CVE List, which may be an expression.

use crate::looker::Looker;
use seaworthy_intelligence::records::parse_cve5;

pub fn run(data: &[u8]) {
    let version = serde_json::Value::from(String::from_utf8_lossy(data));
    let record = format!(
        r#"{{"dataVersion":"5.1","cveMetadata":{{"cveId":"CVE-2024-1000"}},"containers":{{"cna":{{"affected":[{{"product":"x","versions":[
            {{"version":{version},"status":"affected"}},{{"version":"1","lessThan":{version},"status":"affected"}},
            {{"version":{version},"lessThanOrEqual":"2","status":"unaffected","changes":[{{"at":{version},"status":"affected"}}]}}]}}]}}}}}}"#
    );
    let taken = parse_cve5(record.as_bytes(), "CVE-2024-1.json", &mut Looker::new(record.as_bytes()));
    assert_eq!(taken, Ok(()), "any text is a version, or is refused alone");
}
