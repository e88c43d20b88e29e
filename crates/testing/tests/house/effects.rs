//! The effects on the machine: each has one place in the source.

use std::collections::BTreeSet;

use crate::manifest::packages;
use crate::plan::Plan;
use crate::source::Source;

/// The place of each effect, and the ends of the paths by which other code would have it.
const EFFECTS: [(&str, &[[&str; 2]]); 2] = [
    ("host::Program runs other programs", &[["process", "Command"], ["Command", "new"]]),
    (
        "host::files writes files, with a promise to readers and to the disk",
        &[["fs", "write"], ["fs", "rename"], ["File", "create"], ["File", "create_new"], ["File", "create_buffered"]],
    ),
];

/// The effects of a source outside of their place: each with its file and path.
fn effects(source: &Source) -> Vec<(std::path::PathBuf, String)> {
    let mut found = Vec::new();
    for (file, path) in source.paths() {
        for (place, ends) in EFFECTS {
            if ends.iter().any(|end| path.ends_with(&end.map(str::to_owned))) {
                found.push((file.to_owned(), format!("{}: {place}", path.join("::"))));
            }
        }
    }
    found
}

#[test]
fn effects_are_had_in_one_place() {
    let plan = Plan::read();
    let root = seaworthy_testing::workspace();
    let (mut wrong, mut allowed) = (Vec::new(), BTreeSet::new());
    // What is for tests only may do as it likes.
    for package in packages().iter().filter(|p| !["host", "testing"].contains(&p.short().as_str())) {
        for target in package.product() {
            for (file, effect) in effects(&Source::read(&target.src_path)) {
                let file = file.strip_prefix(&root).unwrap().display().to_string();
                if plan.effects.contains_key(&file) {
                    allowed.insert(file);
                } else {
                    wrong.push(format!("{file} has {effect}"));
                }
            }
        }
    }
    for (file, reason) in &plan.effects {
        assert!(!reason.is_empty());
        if !allowed.contains(file) {
            wrong.push(format!("{file} has no effect of its own any more: take it out of effects"));
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn effects_are_found() {
    for (text, count) in [
        ("fn f() { let _ = std::process::Command::new(\"x\"); }", 1),
        ("use std::process::Command; fn f() { Command::new(\"x\"); }", 2),
        ("use std::fs; fn f() { fs::write(\"a\", \"\"); fs::rename(\"a\", \"b\"); }", 2),
        ("use std::fs::{rename, read}; fn f() { read(\"a\"); }", 1),
        ("use std::fs::File; fn f() { File::create(\"a\"); File::open(\"a\"); }", 1),
        ("fn f() { std::fs::read(\"a\"); std::process::exit(1); }", 0),
        ("#[cfg(test)] mod tests { fn f() { std::fs::write(\"a\", \"\"); } }", 0),
        ("/// `std::fs::write(\"a\", \"b\")`\nfn f() {}", 0),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("lib.rs");
        std::fs::write(&file, text).unwrap();
        let found = effects(&Source::read(&file));
        assert_eq!(found.len(), count, "{text}: {found:?}");
    }
}

#[test]
fn dependencies_of_an_effect_are_where_the_effect_is() {
    let plan = Plan::read();
    let packages = packages();
    let mut wrong = Vec::new();
    for package in &packages {
        let name = package.short();
        for dependency in package.foreign() {
            if plan.only_in.get(dependency).is_some_and(|places| !places.contains(&name)) {
                wrong.push(format!("{name} may not depend on {dependency}: {:?} may", plan.only_in[dependency]));
            }
        }
    }
    for (dependency, places) in &plan.only_in {
        for place in places {
            let there = packages.iter().any(|p| p.short() == *place && p.foreign().any(|d| d == dependency));
            if !there {
                wrong.push(format!("{place} does not depend on {dependency}: take it out of only_in"));
            }
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}
