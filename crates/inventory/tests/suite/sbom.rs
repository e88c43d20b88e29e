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

/// Rows of documents with one RPM package, in the ways in which programs name its source.
#[test]
fn an_rpm_package_stands_under_its_source() {
    let cyclonedx = |purl: &str, properties: &[(&str, &str)]| {
        let properties: Vec<String> = properties.iter().map(|(name, value)| format!(r#"{{"name":"{name}","value":"{value}"}}"#)).collect();
        format!(
            r#"{{"bomFormat":"CycloneDX","specVersion":"1.6","components":[
            {{"type":"library","name":"x","version":"1","purl":"{purl}","properties":[{}]}}]}}"#,
            properties.join(",")
        )
    };
    let spdx = |purl: &str, source: &str| {
        format!(
            r#"{{"spdxVersion":"SPDX-2.3","packages":[{{"SPDXID":"a","name":"x","versionInfo":"1","sourceInfo":"{source}",
            "externalRefs":[{{"referenceType":"purl","referenceLocator":"{purl}"}}]}}]}}"#
        )
    };
    let trivy = |more: &[(&'static str, &'static str)]| {
        let all =
            [("aquasecurity:trivy:SrcName", "perl"), ("aquasecurity:trivy:SrcVersion", "5.38.0"), ("aquasecurity:trivy:SrcRelease", "500")];
        [&all[..], more].concat()
    };
    let (same, own) = ("pkg:rpm/a/perl-libs@5.38.0-500?arch=x86_64&epoch=4", "pkg:rpm/a/perl-Pod-Escapes@1.07-500?arch=noarch&epoch=1");
    let upstream = |purl: &str| format!("{purl}&upstream=perl-5.38.0-500.src.rpm");
    let rows = [
        ("by the package URL", cyclonedx(&upstream(same), &[]), "perl 4:5.38.0-500"),
        ("the epoch of a subpackage with a version of its own is not the source's", cyclonedx(&upstream(own), &[]), "perl 5.38.0-500"),
        ("by the properties of Trivy", cyclonedx(same, &trivy(&[])), "perl 4:5.38.0-500"),
        ("with the epoch of the source", cyclonedx(own, &trivy(&[("aquasecurity:trivy:SrcEpoch", "4")])), "perl 4:5.38.0-500"),
        ("an epoch that is no number costs itself", cyclonedx(own, &trivy(&[("aquasecurity:trivy:SrcEpoch", "x")])), "perl 5.38.0-500"),
        ("by the property of Syft", cyclonedx(same, &[("syft:metadata:sourceRpm", "perl-5.38.0-500.src.rpm")]), "perl 4:5.38.0-500"),
        ("by the name alone", cyclonedx(same, &[("aquasecurity:trivy:SrcName", "perl")]), "perl 4:5.38.0-500"),
        ("by the text of SPDX", spdx(own, "built package from: perl 4:5.38.0-500"), "perl 4:5.38.0-500"),
        ("another text", spdx(own, "acquired package info from RPM DB: /var/lib/rpm"), "perl-Pod-Escapes 1:1.07-500"),
        ("behind a byte order mark", format!("\u{feff}{}", spdx(own, "built package from: perl 4:5.38.0-500")), "perl 4:5.38.0-500"),
    ];
    seaworthy_testing::hold(rows.iter().map(|(why, text, expected)| {
        let found: Vec<String> = read(text).packages.iter().map(|p| format!("{} {}", p.name, p.evr)).collect();
        (*why, (*expected).to_owned(), found.join(", "))
    }));
}

#[test]
fn the_subject_of_a_document_needs_no_version() {
    let file = tempfile::NamedTempFile::new().unwrap();
    let component = r#"{"type":"library","name":"rope","version":"1.2","purl":"pkg:npm/rope@1.2"}"#;
    let text = format!(
        r#"{{"bomFormat":"CycloneDX","specVersion":"1.6","metadata":{{"component":{{"type":"application","name":"app"}}}},
        "components":[{component}]}}"#
    );
    std::fs::write(file.path(), text).unwrap();
    let out = seaworthy_inventory::read(&Source::Sbom(file.path().to_owned())).unwrap();
    assert_eq!((shown(&out), out.problems.as_slice()), (vec!["app  0 [npm:rope@1.2]".to_owned()], &[][..]));
}

#[test]
fn an_operating_system_without_packages_is_a_component() {
    let system =
        r#"{"type":"operating-system","name":"linux_kernel","version":"5.4","cpe":"cpe:2.3:o:linux:linux_kernel:5.4:*:*:*:*:*:*:*"}"#;
    let package = r#"{"type":"library","name":"a","version":"1-1","purl":"pkg:rpm/a@1-1"}"#;
    let document = |components: &str| format!(r#"{{"bomFormat":"CycloneDX","specVersion":"1.6","components":[{components}]}}"#);
    let rows = [
        ("alone", document(system), "bom.json  0 [generic:linux_kernel@5.4]"),
        ("beside its packages", document(&format!("{system},{package}")), "a 1-1 1 []"),
        ("without a name that can be judged", document(r#"{"type":"operating-system","name":"x","version":"1"}"#), ""),
    ];
    seaworthy_testing::hold(rows.iter().map(|(why, text, expected)| (*why, (*expected).to_owned(), shown(&read(text)).join(", "))));
}

#[test]
fn a_component_is_named_by_either_form_of_cpe() {
    let package = |kind: &str, cpe: &str| {
        format!(
            r#"{{"spdxVersion":"SPDX-2.3","packages":[{{"name":"zlib","versionInfo":"1.2","externalRefs":[
            {{"referenceType":"{kind}","referenceLocator":"{cpe}"}}]}}]}}"#
        )
    };
    for (kind, cpe) in [("cpe23Type", "cpe:2.3:a:zlib:zlib:1.2:*:*:*:*:*:*:*"), ("cpe22Type", "cpe:/a:zlib:zlib:1.2")] {
        assert_eq!(read(&package(kind, cpe)).packages[0].components[0].cpe.as_deref(), Some(cpe));
    }
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
