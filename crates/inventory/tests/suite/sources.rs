//! The components of unpacked sources.

use seaworthy_inventory::{Inventory, SourcePackage, add_sources};
use seaworthy_model::Evr;

use super::common;

fn inventory(names: &[&str]) -> Inventory {
    let mut inventory = Inventory::new("spec tree", "specs");
    inventory.packages = names.iter().map(|name| SourcePackage::new(*name, Evr::new(0, "1.0", "1"), format!("{name}.spec"))).collect();
    inventory
}

fn put(dir: &std::path::Path, name: &str, text: &str) {
    let path = dir.join(name);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, text).unwrap();
}

/// The components and the lists of a package, those that are not shipped in parentheses.
fn shown(inventory: &Inventory, name: &str) -> (Vec<String>, Vec<String>) {
    let package = inventory.packages.iter().find(|p| p.name == name).unwrap();
    let component = |c: &seaworthy_inventory::Component| format!("{} {}{}", c.name, c.found_in, if c.shipped { "" } else { " (aside)" });
    (package.components.iter().map(component).collect(), package.lists.iter().map(|l| format!("{} {}", l.ecosystem, l.found_in)).collect())
}

#[test]
fn components_and_lists_say_where_they_were_found() {
    let dir = tempfile::tempdir().unwrap();
    put(dir.path(), "ferry-1.0/go.mod", "go 1.22\nrequire a v1\n");
    put(dir.path(), "ferry-1.0/website/package-lock.json", r#"{"packages":{"node_modules/n":{"version":"1"}}}"#);
    put(dir.path(), "ferry/go.mod", "go 1.22\nrequire of-another-version v1\n");
    put(dir.path(), "kedge-1.0/go.mod", "go 1.22\nrequire b\n");
    put(dir.path(), "mast/go.mod", "go 1.22\nrequire of-some-version v1\n");
    put(dir.path(), "unknown-1/go.mod", "go 1.22\n");
    let mut out = inventory(&["ferry", "kedge", "mast"]);
    let before = out.digest();
    add_sources(&mut out, dir.path()).unwrap();
    let strings = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>();
    assert_eq!(
        shown(&out, "ferry"),
        (strings(&["a ferry-1.0/go.mod", "n ferry-1.0/website/package-lock.json (aside)"]), strings(&["golang ferry-1.0/go.mod"]))
    );
    assert_eq!(shown(&out, "kedge"), (Vec::new(), Vec::new()), "a list that cannot be read whole is none");
    let mast = (strings(&["of-some-version mast/go.mod"]), Vec::new());
    assert_eq!(shown(&out, "mast"), mast, "a folder of some version has components, and no list");
    let problems: Vec<_> = out.problems.iter().map(|p| (p.file.as_str(), p.line)).collect();
    assert_eq!(problems, [("kedge-1.0/go.mod", Some(2)), ("unknown-1", None)]);
    assert_ne!(out.digest(), before);
}

#[test]
fn an_inventory_without_lists_is_written_as_before() {
    let dir = tempfile::tempdir().unwrap();
    put(dir.path(), "ferry/requirements.txt", "a==1\n");
    let mut out = inventory(&["ferry"]);
    add_sources(&mut out, dir.path()).unwrap();
    let text = serde_json::to_string(&out).unwrap();
    assert!(!text.contains("lists") && !text.contains("shipped"), "{text}");
    let read: Inventory = serde_json::from_str(&text).unwrap();
    assert!(read.packages[0].components[0].shipped);
    put(dir.path(), "ferry-1.0/docs/go.mod", "go 1.22\nrequire a v1\n");
    put(dir.path(), "ferry-1.0/go.mod", "go 1.22\nrequire b v1\n");
    let mut out = inventory(&["ferry"]);
    add_sources(&mut out, dir.path()).unwrap();
    let read: Inventory = serde_json::from_str(&serde_json::to_string(&out).unwrap()).unwrap();
    assert_eq!(read, out);
}

#[test]
fn an_archive_is_read_like_a_folder_and_a_broken_one_costs_itself() {
    let dir = tempfile::tempdir().unwrap();
    let pack = |files: &[(&str, &str)]| {
        let mut out = seaworthy_host::archive::TarGz::default();
        files.iter().for_each(|(path, text)| out.add(path, text.as_bytes()).unwrap());
        out.finish().unwrap()
    };
    let archive = pack(&[("ferry-1.0/go.mod", "go 1.22\nrequire a v1\n"), ("ferry-1.0/main.go", "")]);
    std::fs::write(dir.path().join("ferry-1.0.tar.gz"), &archive).unwrap();
    std::fs::write(dir.path().join("kedge-1.0.tgz"), &archive[..archive.len() / 2]).unwrap();
    std::fs::write(dir.path().join("unknown-2.zip"), b"").unwrap();
    std::fs::write(dir.path().join("README"), b"").unwrap();
    std::fs::write(dir.path().join("mast.tar.gz"), &archive).unwrap();
    put(dir.path(), "mast/go.mod", "go 1.22\nrequire of-the-folder v1\n");
    let mut out = inventory(&["ferry", "kedge", "mast"]);
    add_sources(&mut out, dir.path()).unwrap();
    assert_eq!(shown(&out, "ferry"), (vec!["a ferry-1.0.tar.gz/go.mod".to_owned()], vec!["golang ferry-1.0.tar.gz/go.mod".to_owned()]));
    assert_eq!(shown(&out, "mast").0, ["of-the-folder mast/go.mod"]);
    assert_eq!(shown(&out, "kedge"), (Vec::new(), Vec::new()));
    let problems: Vec<_> = out.problems.iter().map(|p| (p.file.as_str(), p.message.as_str())).collect();
    assert_eq!(problems.len(), 2, "{problems:?}");
    assert!(problems[0].0 == "kedge-1.0.tgz" && problems[0].1.contains("not looked into: kedge-1.0.tgz: "), "{problems:?}");
    assert!(problems[1].0 == "unknown-2.zip" && problems[1].1.contains("no package is called so"), "{problems:?}");
}

#[test]
fn the_archives_of_a_source_package_are_read() {
    seaworthy_testing::needs!(RPMBUILD);
    let dir = tempfile::tempdir().unwrap();
    let mut archive = seaworthy_host::archive::TarGz::default();
    archive.add("harbor-1.4.0/go.mod", b"go 1.22\nrequire a v1\n").unwrap();
    archive.add("harbor-1.4.0/main.go", b"").unwrap();
    let rpms = common::files(&common::build(dir.path(), &archive.finish().unwrap(), "harbor"), ".src.rpm");
    let sources = tempfile::tempdir().unwrap();
    let file = rpms[0].file_name().unwrap().to_str().unwrap().to_owned();
    let bytes = std::fs::read(&rpms[0]).unwrap();
    std::fs::write(sources.path().join(&file), &bytes).unwrap();
    let read = || {
        let mut out = Inventory::new("spec tree", "specs");
        out.packages = vec![SourcePackage::new("harbor", Evr::new(2, "1.4.0", "3.sw1"), "harbor.spec")];
        add_sources(&mut out, sources.path()).unwrap();
        out
    };
    let out = read();
    assert!(out.problems.is_empty(), "{:?}", out.problems);
    assert_eq!(shown(&out, "harbor"), (vec![format!("a {file}/go.mod")], vec![format!("golang {file}/go.mod")]));
    for cut in [bytes.len() / 2, bytes.len() - 100, 50] {
        std::fs::write(sources.path().join(&file), &bytes[..cut]).unwrap();
        let out = read();
        assert_eq!(shown(&out, "harbor"), (Vec::new(), Vec::new()));
        assert!(out.problems[0].file.starts_with(&file) && out.problems[0].message.contains("not looked into"), "{:?}", out.problems);
    }
}
