//! The circles of files inside a crate: there are none but those in `architecture.toml`.

use std::collections::BTreeSet;

use crate::manifest::packages;
use crate::plan::Plan;
use crate::source::Source;

/// The sets of two files or more in which each file reaches each other.
fn circles(uses: &[BTreeSet<usize>]) -> Vec<BTreeSet<usize>> {
    let reach: Vec<BTreeSet<usize>> = (0..uses.len())
        .map(|from| {
            let mut found = BTreeSet::new();
            let mut next: Vec<usize> = uses[from].iter().copied().collect();
            while let Some(file) = next.pop() {
                if found.insert(file) {
                    next.extend(&uses[file]);
                }
            }
            found
        })
        .collect();
    let mut circles: Vec<BTreeSet<usize>> = Vec::new();
    for (file, found) in reach.iter().enumerate() {
        if found.contains(&file) && !circles.iter().any(|c| c.contains(&file)) {
            circles.push(found.iter().copied().filter(|other| reach[*other].contains(&file)).collect());
        }
    }
    circles
}

#[test]
fn files_use_each_other_in_one_direction() {
    let plan = Plan::read();
    let root = seaworthy_testing::workspace();
    let mut found: Vec<BTreeSet<String>> = Vec::new();
    let mut shown = Vec::new();
    for package in packages() {
        for target in package.product() {
            let source = Source::read(&target.src_path);
            let name = |file: usize| source.files[file].strip_prefix(&root).unwrap().display().to_string();
            let uses = source.uses();
            for circle in circles(&uses) {
                let arrows: Vec<String> = circle
                    .iter()
                    .map(|file| {
                        let to: Vec<String> = uses[*file].intersection(&circle).map(|other| name(*other)).collect();
                        format!("  {} uses {}", name(*file), to.join(", "))
                    })
                    .collect();
                shown.push(arrows.join("\n"));
                found.push(circle.into_iter().map(name).collect());
            }
        }
    }
    let mut wrong: Vec<String> = Vec::new();
    for (circle, arrows) in found.iter().zip(&shown) {
        if !plan.circles.iter().any(|allowed| circle.is_subset(&allowed.files)) {
            wrong.push(format!("a circle of {} files:\n{arrows}", circle.len()));
        }
    }
    for allowed in &plan.circles {
        assert!(!allowed.reason.is_empty());
        if !found.iter().any(|circle| circle.is_subset(&allowed.files)) {
            wrong.push(format!("this circle is gone, and can be taken out of architecture.toml: {:?}", allowed.files));
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

/// The names of the files that a file uses, in a crate that is made of the files.
fn uses_of(files: &[(&str, &str)], from: &str) -> Vec<String> {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        let path = folder.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
    let source = Source::read(&folder.path().join("lib.rs"));
    let name = |file: usize| source.files[file].strip_prefix(folder.path()).unwrap().display().to_string();
    let at = (0..source.files.len()).find(|file| name(*file) == from).unwrap();
    let mut names: Vec<String> = source.uses()[at].iter().map(|file| name(*file)).collect();
    names.sort();
    names
}

#[test]
fn a_use_leads_to_the_file_that_defines_the_name() {
    let door = "mod a; mod b; pub mod c; pub use a::One; pub use c::*; pub fn own() {}";
    let a = "pub struct One; pub(crate) mod inner { pub(crate) fn deep() {} }";
    let c = "mod d; pub use d::Three; pub struct Four;";
    let d = "pub struct Three; pub fn three() {}";
    for (b, expected) in [
        ("use crate::One;", vec!["a.rs"]),
        ("use super::{a::One as First, c::Three};", vec!["a.rs", "c/d.rs"]),
        ("fn f() { crate::a::inner::deep() }", vec!["a.rs"]),
        ("use crate::c; fn f() -> c::Four { c::Four }", vec!["c/mod.rs"]),
        ("use crate::c;", vec![]),
        ("use crate::{Four, Three};", vec!["c/d.rs", "c/mod.rs"]),
        ("fn f() { println!(\"{}\", crate::own()) }", vec!["lib.rs"]),
        ("pub(crate) use crate::a::One;", vec![]),
        ("pub(crate) use crate::a::One; fn f(_: One) {}", vec!["a.rs"]),
        ("/// See [crate::a::One].\nfn f() { let _ = std::fs::read(\"crate::a::One\"); }", vec![]),
        ("#[cfg(test)] mod tests { use crate::One; }", vec![]),
    ] {
        assert_eq!(uses_of(&[("lib.rs", door), ("a.rs", a), ("b.rs", b), ("c/mod.rs", c), ("c/d.rs", d)], "b.rs"), expected, "{b}");
    }
    let circle = [("lib.rs", "mod a; mod b;"), ("a.rs", "use crate::b::f; pub fn g() {}"), ("b.rs", "pub fn f() { super::a::g() }")];
    assert_eq!((uses_of(&circle, "a.rs"), uses_of(&circle, "b.rs")), (vec!["b.rs".to_owned()], vec!["a.rs".to_owned()]));
}

#[test]
fn circles_are_found() {
    let uses = [vec![1], vec![2], vec![0], vec![0], vec![]].map(BTreeSet::from_iter);
    assert_eq!(circles(&uses), [BTreeSet::from([0, 1, 2])]);
}
