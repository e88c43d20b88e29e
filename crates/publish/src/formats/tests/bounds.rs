//! What each format says of the versions before a fix, where the first version with it is known and where it is not.

use super::*;
use crate::{Place, pages};

/// The edition of one advisory with a fix, which had been delivered before.
fn edition(or_before: bool) -> Edition {
    let mut edition = fixture::edition();
    edition.advisories.retain(|advisory| advisory.id == "AZL-2026-1");
    let advisory = &mut edition.advisories[0];
    advisory.standing = Standing::Fixed { version: "1:3.3.5-2".parse().unwrap(), or_before };
    advisory.revisions.truncate(1);
    advisory.deliveries.truncate(1);
    advisory.deliveries[0].place = Place::Earlier;
    edition
}

/// The words of a format for the versions before the fix.
fn said(format: &str, edition: &Edition) -> String {
    let advisory = &edition.advisories[0];
    let first = |value: &Value, at: &str| value.pointer(at).map_or_else(|| "nothing".to_owned(), ToString::to_string);
    match format {
        "OSV" => osv::record(edition, advisory)
            .map_or_else(|| "no record".into(), |record| first(&value(&record), "/affected/0/ranges/0/events/1")),
        "OVAL" => {
            let definitions = String::from_utf8(crate::oval::document(edition)).unwrap();
            if definitions.contains("is earlier than 1:3.3.5-2") { "earlier is affected".into() } else { "no definition".into() }
        }
        "CSAF" => {
            let document = value(&crate::formats::csaf::advisory(edition, advisory));
            let vulnerability = &document["vulnerabilities"][0];
            let status = vulnerability["product_status"].as_object().unwrap().keys().cloned().collect::<Vec<_>>().join(", ");
            format!("{status}; {}", vulnerability["remediations"][0]["category"])
        }
        "CycloneDX" => {
            let document = value(&cyclonedx::vex(edition));
            let ranges = document["vulnerabilities"][0]["affects"][0]["versions"].as_array().unwrap().clone();
            ranges.iter().map(|range| range["status"].as_str().unwrap()).collect::<Vec<_>>().join(", ")
        }
        "JSON" => {
            let document = value(&json::document(edition, advisory));
            format!("fixed {}, fixed_by {}", document["fixed"], document["fixed_by"])
        }
        "OpenVEX" => {
            let (cve, advisories) = (advisory.cve, vec![advisory]);
            let document = value(&openvex::document(edition, cve, &advisories).unwrap());
            first(&document, "/statements/0/status_notes")
        }
        _ => {
            let page = String::from_utf8(pages::advisory(edition, advisory)).unwrap();
            let has = |words: &str| page.contains(words);
            format!(
                "every {}, not known {}, repository {}",
                has("Every version before"),
                has("it is not known"),
                has("from the repository")
            )
        }
    }
}

#[test]
fn a_version_is_called_the_first_with_a_fix_only_where_that_is_known() {
    let rows = [
        ("OSV", false, "{\"fixed\":\"1:3.3.5-2\"}"),
        ("OSV", true, "no record"),
        ("OVAL", false, "earlier is affected"),
        ("OVAL", true, "no definition"),
        ("CSAF", false, "fixed, known_affected; \"vendor_fix\""),
        ("CSAF", true, "fixed; \"vendor_fix\""),
        ("CycloneDX", false, "affected, unaffected"),
        ("CycloneDX", true, "unknown, unaffected"),
        ("JSON", false, "fixed \"1:3.3.5-2\", fixed_by null"),
        ("JSON", true, "fixed null, fixed_by \"1:3.3.5-2\""),
        ("OpenVEX", false, "\"openssl is fixed from version 1:3.3.5-2 on. Fixed by taking the patch of the upstream project.\""),
        (
            "OpenVEX",
            true,
            "\"openssl is fixed in version 1:3.3.5-2, or before: the first version with the fix is not known. Fixed by taking the patch of \
             the upstream project.\"",
        ),
        ("page", false, "every true, not known false, repository false"),
        ("page", true, "every false, not known true, repository false"),
    ];
    seaworthy_testing::hold(rows.map(|(format, or_before, expected)| (format, expected.to_owned(), said(format, &edition(or_before)))));
}
