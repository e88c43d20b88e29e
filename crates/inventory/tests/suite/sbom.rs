//! SBOMs of both formats.

use std::path::Path;

use proptest::prelude::*;
use seaworthy_inventory::*;

const CYCLONEDX: &str = r#"{"bomFormat":"CycloneDX","specVersion":"1.5","serialNumber":"urn:uuid:1","metadata":{"timestamp":"2026-08-01T00:00:00Z",
"component":{"type":"container","name":"harbor-image","version":"1.0"}},"components":[
{"type":"operating-system","name":"azurelinux","version":"3.0"},
{"type":"library","name":"curl-libs","version":"8.8.0-3.azl3","purl":"pkg:rpm/azurelinux/curl-libs@8.8.0-3.azl3?arch=x86_64&epoch=1&upstream=curl-8.8.0-3.azl3.src.rpm",
 "cpe":"cpe:2.3:a:x:curl:8.8.0:*:*:*:*:*:*:*",
 "components":[{"type":"library","group":"golang.org/x","name":"net","version":"v0.17.0","purl":"pkg:golang/golang.org/x/net@v0.17.0"}]},
{"type":"library","name":"curl","version":"8.8.0-3.azl3","purl":"pkg:rpm/azurelinux/curl@8.8.0-3.azl3?arch=x86_64&epoch=1&upstream=curl"},
{"type":"library","name":"core","purl":"pkg:npm/%40babel/core@7.1.0","cpe":"cpe:2.3:a:babel:core:7.1.0:*:*:*:*:*:*:*"},
{"type":"library","name":"nameless","version":"2","purl":"what"},
{"type":"library","name":"bad","purl":"pkg:rpm/azurelinux/bad"},
{"type":"library"}]}"#;

const SPDX: &str = r#"{"spdxVersion":"SPDX-2.3","SPDXID":"SPDXRef-DOCUMENT","documentNamespace":"https://x/1","creationInfo":{"created":"2026-08-02T00:00:00Z"},
"packages":[{"SPDXID":"SPDXRef-r","name":"harbor-image","versionInfo":"1.0"},
{"SPDXID":"SPDXRef-c","name":"bash","versionInfo":"5.2-1","externalRefs":[{"referenceCategory":"PACKAGE-MANAGER","referenceType":"purl","referenceLocator":"pkg:rpm/azurelinux/bash@5.2-1?arch=x86_64"}]},
{"SPDXID":"SPDXRef-d","name":"net","versionInfo":"v0.17.0","externalRefs":[{"referenceType":"purl","referenceLocator":"pkg:golang/golang.org/x/net@v0.17.0"},{"referenceType":"cpe23Type","referenceLocator":"cpe:2.3:a:golang:net:0.17.0:*:*:*:*:*:*:*"}]},
{"SPDXID":"SPDXRef-e","name":"log4j","versionInfo":"2.14","externalRefs":[{"referenceType":"purl","referenceLocator":"pkg:maven/org.apache/log4j@2.14"}]}],
"relationships":[{"spdxElementId":"SPDXRef-DOCUMENT","relationshipType":"DESCRIBES","relatedSpdxElement":"SPDXRef-r"},
{"spdxElementId":"SPDXRef-c","relationshipType":"CONTAINS","relatedSpdxElement":"SPDXRef-d"},
{"spdxElementId":"SPDXRef-e","relationshipType":"CONTAINED_BY","relatedSpdxElement":"SPDXRef-e"}]}"#;

fn read(text: &str) -> Inventory {
    parse_sbom(text.as_bytes(), Path::new("bom.json")).unwrap()
}

fn shown(out: &Inventory) -> Vec<String> {
    out.packages
        .iter()
        .map(|p| {
            let inside: Vec<String> =
                p.components.iter().map(|c| format!("{}:{}@{}", c.ecosystem, c.name, c.version.as_deref().unwrap_or("?"))).collect();
            format!("{} {} {} [{}]", p.name, p.evr, p.binaries.len(), inside.join(" "))
        })
        .collect()
}

#[test]
fn cyclonedx() {
    let out = read(CYCLONEDX);
    assert_eq!(
        shown(&out),
        ["curl 1:8.8.0-3.azl3 2 [golang:golang.org/x/net@v0.17.0]", "harbor-image 1.0 0 [generic:nameless@2 npm:@babel/core@7.1.0]"]
    );
    assert_eq!(out.date.as_deref(), Some("2026-08-01"));
    assert_eq!(out.image.as_ref().unwrap().os_version.as_deref(), Some("3.0"));
    assert!(out.packages[1].components[1].cpe.is_some());
    let messages: Vec<&str> = out.problems.iter().map(|p| p.message.as_str()).collect();
    assert_eq!(messages.len(), 3, "{messages:?}");
    assert!(messages.iter().any(|m| m.starts_with("/components/5: RPM package left out")), "{messages:?}");
    assert!(messages.iter().any(|m| m.starts_with("/components/6: ")));
}

#[test]
fn spdx() {
    let out = read(SPDX);
    assert_eq!(shown(&out), ["bash 5.2-1 1 [golang:golang.org/x/net@v0.17.0]", "harbor-image 1.0 0 [maven:org.apache/log4j@2.14]"]);
    assert!(out.packages[0].components[0].cpe.is_some());
    assert!(out.problems[0].message.contains("name no source package"), "{:?}", out.problems);
}

#[test]
fn refuses_what_is_neither() {
    let error = |text: &str| parse_sbom(text.as_bytes(), Path::new("bom.json")).unwrap_err().to_string();
    assert!(error("{\n,").starts_with("bom.json:2: not JSON"));
    assert!(error("{}").contains("neither"));
    assert!(error(r#"{"@graph":[]}"#).contains("SPDX 3"));
    assert!(error(&("[".repeat(1000) + &"]".repeat(1000))).contains("recursion"));
}

proptest! {
    #[test]
    fn no_panic_on_any_bytes(edits in prop::collection::vec((0..SPDX.len().min(CYCLONEDX.len()), any::<u8>()), 0..8), bytes in prop::collection::vec(any::<u8>(), 0..100)) {
        for text in [CYCLONEDX.as_bytes(), SPDX.as_bytes(), &bytes] {
            let mut changed = text.to_vec();
            for (at, byte) in &edits {
                if let Some(slot) = changed.get_mut(*at) {
                    *slot = *byte;
                }
            }
            let _ = parse_sbom(&changed, Path::new("x"));
        }
    }
}
