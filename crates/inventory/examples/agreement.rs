//! Agreement of a spec tree with a list of packages that was made from it by other means: `agreement GIT_DIR@REVISION PACKAGES`.
//! `tests/real-data` runs it where it is given the specs; less than 99 in 100 packages are a failure.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::collections::BTreeMap;
use std::io::Read as _;

use seaworthy_inventory::{SpecOptions, read_spec_tree};
use serde_json::Value;

/// Whether our value is that of the list; where the list has an unexpanded macro, its plain text must occur in ours, in order.
fn agrees(ours: &str, theirs: &str) -> bool {
    if ours == theirs {
        return true;
    }
    let Some((before, _)) = theirs.split_once('%') else { return false };
    ours.starts_with(before)
}

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [tree, list] = arguments.as_slice() else { panic!("agreement GIT_DIR@REVISION PACKAGES") };
    let mut text = String::new();
    flate2::read::GzDecoder::new(std::fs::File::open(list).unwrap()).read_to_string(&mut text).unwrap();
    let list: Value = serde_json::from_str(&text).unwrap();
    let start = std::time::Instant::now();
    let inventory = read_spec_tree(tree, &SpecOptions::default()).unwrap();
    eprintln!("read {} packages in {:?}, {} problems", inventory.packages.len(), start.elapsed(), inventory.problems.len());
    if std::env::var("SEAWORTHY_SHOW_PROBLEMS").is_ok() {
        inventory.problems.iter().for_each(|p| eprintln!("{}:{} {}", p.file, p.line.unwrap_or(0), p.message));
    }
    let ours: BTreeMap<(String, String), _> = inventory
        .packages
        .iter()
        .map(|p| {
            let mut parts = p.found_in.split('/');
            ((parts.next().unwrap().to_owned(), parts.next_back().unwrap_or_default().to_owned()), p)
        })
        .collect();
    let (mut good, mut exact, mut total) = (0, 0, 0);
    let mut differ: BTreeMap<&str, usize> = BTreeMap::new();
    for theirs in list["packages"].as_array().unwrap() {
        total += 1;
        let text = |key: &str| theirs[key].as_str().unwrap_or_default();
        let names = |key: &str| -> Vec<String> { theirs[key].as_array().unwrap().iter().map(|v| v.as_str().unwrap().to_owned()).collect() };
        let Some(package) = ours.get(&(text("section").to_owned(), text("spec").to_owned())) else {
            eprintln!("{}: not read", text("spec"));
            continue;
        };
        let (declared, lying) = (names("patches"), names("cve_patches"));
        let mut patches: Vec<&str> = package.patches.iter().map(|p| p.file.as_str()).collect();
        patches.retain(|p| {
            declared.iter().any(|d| d == p) || !(lying.iter().any(|l| l == p) || package.sources.iter().any(|s| s.ends_with(p)))
        });
        let mut expected: Vec<&str> = declared.iter().map(String::as_str).collect();
        expected.sort_unstable();
        expected.dedup();
        patches.sort_unstable();
        patches.dedup();
        let same_patches = patches.len() == expected.len() && patches.iter().zip(&expected).all(|(o, t)| agrees(o, t));
        let own = [("name", package.name.as_str()), ("version", &package.evr.version), ("release", &package.evr.release)];
        let same = own.iter().all(|(key, value)| agrees(value, text(key)));
        good += usize::from(same && same_patches);
        exact += usize::from(own.iter().all(|(key, value)| *value == text(key)) && patches == expected);
        if !(same && same_patches) {
            eprintln!("{}/{}: {own:?} against {} {} {}", text("section"), text("spec"), text("name"), text("version"), text("release"));
            if !same_patches {
                eprintln!("   patches {patches:?} against {expected:?}");
            }
        }
        let epoch = theirs["epoch"].as_str().map_or(0, |e| e.parse().unwrap_or(0));
        let subs: Vec<String> = package.binaries.iter().map(|b| b.name.clone()).collect();
        for (what, equal) in [
            ("epoch", epoch == package.evr.epoch),
            ("url", agrees(package.url.as_deref().unwrap_or_default(), text("url"))),
            ("source", agrees(package.sources.first().map_or("", |s| s.as_str()), text("source"))),
            ("subpackages", names("subpackages").iter().all(|n| subs.iter().any(|s| agrees(s, n)))),
            ("build_requires", names("build_requires").iter().all(|n| package.build_requires.iter().any(|s| agrees(s, n)))),
            ("bundled", theirs["bundled"].as_array().unwrap().len() == package.components.len()),
            ("nopatch", names("cve_nopatches").iter().all(|n| package.decisions.iter().any(|d| d.file == *n))),
        ] {
            if !equal {
                *differ.entry(what).or_default() += 1;
                if std::env::var("SEAWORTHY_SHOW").is_ok_and(|w| w == what) {
                    eprintln!(
                        "{what} of {}: {:?} {:?} {:?} against {}",
                        text("spec"),
                        package.url,
                        package.sources.first(),
                        package.evr.epoch,
                        theirs[what]
                    );
                }
            }
        }
    }
    let applied = inventory.packages.iter().flat_map(|p| &p.patches).filter(|p| p.applied == Some(true)).count();
    let all: usize = inventory.packages.iter().map(|p| p.patches.len()).sum();
    eprintln!("{good} of {total} agree ({exact} to the letter); other fields differ: {differ:?}; {applied} of {all} patches are applied");
    assert!(good * 100 >= total * 99, "{good} of {total} agree");
}
