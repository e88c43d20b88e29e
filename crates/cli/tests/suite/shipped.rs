//! Readers of what is shipped, through the binary: repositories by address, unpacked sources beside a spec tree.

use crate::common::{Place, gzip, serve, text};
use seaworthy_model::Digest;

const PRIMARY: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<metadata xmlns="http://linux.duke.edu/metadata/common" xmlns:rpm="http://linux.duke.edu/metadata/rpm" packages="1">
<package type="rpm"><name>anchor-libs</name><arch>x86_64</arch><version epoch="0" ver="1.5" rel="1.hl1"/><url>https://github.com/anchor/anchor</url>
 <location href="anchor-libs-1.5-1.hl1.x86_64.rpm"/><format><rpm:sourcerpm>anchor-1.5-1.hl1.src.rpm</rpm:sourcerpm></format></package>
</metadata>"#;

const UPDATES: &str = r#"<updates><update type="security"><id>HL-1</id><issued date="2024-04-01 00:00:00"/>
<references><reference type="cve" id="CVE-2024-10001" href="x"/></references>
<pkglist><collection><package name="anchor-libs" epoch="0" version="1.5" release="1.hl1" arch="x86_64"/></collection></pkglist></update></updates>"#;

/// Writes a repository below `repo/x86_64`.
fn put_repository(place: &Place) {
    let mut data = String::new();
    for (kind, xml) in [("primary", PRIMARY), ("updateinfo", UPDATES)] {
        let bytes = gzip(xml);
        let (sum, name) = (Digest::of(&bytes).hex(), format!("repodata/{kind}.xml.gz"));
        data += &format!(r#"<data type="{kind}"><checksum type="sha256">{sum}</checksum><location href="{name}"/></data>"#);
        place.put(&format!("repo/x86_64/{name}"), bytes);
    }
    place.put("repo/x86_64/repodata/repomd.xml", format!("<repomd><revision>1700000000</revision>{data}</repomd>"));
}

#[test]
fn a_repository_is_read_from_its_address() {
    let place = Place::new();
    put_repository(&place);
    let url = format!("{}/x86_64/", serve(&place.path("repo")));
    let read = |at: &str| {
        let out = place.run(&["inventory", "list", "--json", "--repository", at]);
        assert!(out.status.success(), "{}", text(&out));
        serde_json::from_slice::<serde_json::Value>(&out.stdout).unwrap()
    };
    let remote = read(&url);
    assert_eq!(remote["origin"]["location"], url);
    assert_eq!(remote["packages"][0]["name"], "anchor");
    assert_eq!(remote["packages"][0]["changelog"][0]["cves"][0], "CVE-2024-10001");
    assert_eq!(remote["packages"], read("repo/x86_64")["packages"], "as from the folder");

    place.put("repo/x86_64/repodata/primary.xml.gz", gzip(&PRIMARY.replace("1.5", "9.5")));
    let wrong = place.run(&["inventory", "list", "--repository", &url]);
    assert_eq!(wrong.status.code(), Some(2));
    let said = text(&wrong);
    assert!(said.contains("repodata/primary.xml.gz: sha256 is ") && said.contains("repomd.xml says"), "{said}");
    let missing = place.run(&["inventory", "list", "--repository", &url.replace("x86_64", "aarch64")]);
    assert_eq!(missing.status.code(), Some(2));
    assert!(text(&missing).contains("/aarch64/repodata/repomd.xml: not found"), "{}", text(&missing));
}

#[test]
fn sources_beside_packages_name_components() {
    let place = Place::new();
    for name in ["anchor", "winch", "rope"] {
        let spec = format!(
            "Name: {name}\nVersion: 1.5\nRelease: 1.hl1\nSummary: s\nLicense: MIT\n%description\nd\n%prep\n%build\n%install\n%files\n"
        );
        place.put(&format!("specs/{name}/{name}.spec"), spec);
    }
    let lock = |version: &str| format!("[[package]]\nname = \"knot\"\nversion = \"{version}\"\nsource = \"registry+x\"\n");
    place.put("unpacked/anchor/src/Cargo.lock", lock("1.0.0"));
    place.put("unpacked/anchor-1.5/src/Cargo.lock", lock("1.1.0"));
    place.put("unpacked/winch/go.mod", "module w\ngo 1.22\nrequire golang.org/x/net v0.17.0\n");
    place.put("unpacked/buoy/requirements.txt", "flask==3.0\n");
    let out = place.run(&["inventory", "list", "--json", "--spec-tree", "specs", "--sources", "unpacked"]);
    assert!(out.status.success(), "{}", text(&out));
    let read: serde_json::Value = serde_json::from_slice(&out.stdout).unwrap();
    let brief: Vec<String> = (read["packages"].as_array().unwrap().iter())
        .flat_map(|p| p["components"].as_array().unwrap().iter().map(move |c| (p, c)))
        .map(|(p, c)| format!("{} {} {} {}", p["name"], c["name"], c["version"], c["found_in"]).replace('"', ""))
        .collect();
    let found = ["anchor knot 1.1.0 anchor-1.5/src/Cargo.lock", "winch golang.org/x/net v0.17.0 winch/go.mod", "winch w v1.5 winch/go.mod"];
    assert_eq!(brief, found);
    assert!(read["problems"].to_string().contains("no package is called so"), "{}", read["problems"]);

    place.put("list.txt", "anchor-1.5-1.hl1.x86_64\n");
    let listed = place.run(&["inventory", "show", "anchor", "--nevras", "list.txt", "--sources", "unpacked"]);
    assert!(listed.status.success() && text(&listed).contains("knot"), "{}", text(&listed));
    let alone = place.run(&["inventory", "list", "--sources", "unpacked"]);
    assert!(alone.status.code() == Some(2) && text(&alone).contains("--spec-tree"), "{}", text(&alone));
    let none = place.run(&["inventory", "list", "--spec-tree", "specs", "--sources", "nowhere"]);
    assert!(none.status.code() == Some(2) && text(&none).contains("nowhere"), "{}", text(&none));
}
