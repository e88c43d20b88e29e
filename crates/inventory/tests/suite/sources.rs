//! The components of unpacked sources.

use seaworthy_inventory::{Inventory, SourcePackage, add_sources};
use seaworthy_model::Evr;

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
    put(dir.path(), "kedge/go.mod", "go 1.22\nrequire b\n");
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
    let problems: Vec<_> = out.problems.iter().map(|p| (p.file.as_str(), p.line)).collect();
    assert_eq!(problems, [("kedge/go.mod", Some(2)), ("unknown-1", None)]);
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
    put(dir.path(), "ferry/docs/go.mod", "go 1.22\nrequire a v1\n");
    put(dir.path(), "ferry/go.mod", "go 1.22\nrequire b v1\n");
    let mut out = inventory(&["ferry"]);
    add_sources(&mut out, dir.path()).unwrap();
    let read: Inventory = serde_json::from_str(&serde_json::to_string(&out).unwrap()).unwrap();
    assert_eq!(read, out);
}
