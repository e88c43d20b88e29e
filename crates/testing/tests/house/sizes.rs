//! The sizes of crates and lines, so that they can be read.

use crate::manifest::packages;
use crate::plan::Plan;
use crate::source::Source;

#[test]
fn crates_are_small_enough() {
    let plan = Plan::read();
    let mut wrong = Vec::new();
    for package in packages() {
        let name = package.short();
        let lines: usize = package.product().map(|target| Source::read(&target.src_path).lines.iter().sum::<usize>()).sum();
        let Some(room) = plan.crates.get(&name) else { continue };
        let target = room.lines.unwrap_or(plan.source.crate_lines);
        println!("{name:>12} {lines:>6} lines of code, {target} at most");
        if lines > target {
            wrong.push(format!("{name} has {lines} lines of code, and may have {target}"));
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn lines_can_be_read_without_scrolling() {
    let plan = Plan::read();
    let root = seaworthy_testing::workspace();
    let mut long = Vec::new();
    for file in crate::files::all(&root.join("crates"), "rs") {
        let text = std::fs::read_to_string(&file).unwrap();
        let name = file.strip_prefix(&root).unwrap().display().to_string();
        let lines = text.lines().enumerate().filter(|(_, line)| line.chars().count() > plan.source.columns);
        long.extend(lines.map(|(n, _)| format!("{name}:{}", n + 1)));
    }
    let (found, allowed) = (long.len(), plan.source.longer_today);
    assert!(found <= allowed, "{found} lines of more than {} columns, {allowed} may be there:\n{}", plan.source.columns, long.join("\n"));
}

#[test]
fn tests_comments_and_blank_lines_do_not_count() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().join("lib.rs");
    let text = "//! Story.\n\n/// Meaning.\npub fn one() -> u32 {\n    // Why.\n    1 // so\n}\n\nstruct Two {\n    /// Unit.\n    #[allow(unused)]\n    a: &'static str,\n}\n\n#[cfg(test)]\nmod tests {\n    #[test]\n    fn t() {}\n}\n";
    std::fs::write(&root, text).unwrap();
    assert_eq!(Source::read(&root).lines, [7]);
}
