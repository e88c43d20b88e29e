//! Every target over its seeds, and over seeds that were cut short, changed or joined: what libFuzzer begins with.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use seaworthy_fuzz::TARGETS;

fn here() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn sorted(folder: &Path) -> Vec<PathBuf> {
    let mut files: Vec<PathBuf> = fs::read_dir(folder).unwrap().map(|e| e.unwrap().path()).collect();
    files.sort();
    files
}

/// Steps of a generator (`SplitMix64`): the same numbers in each run.
fn next(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let z = (*state ^ (*state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// `count` inputs that were made of a seed: ends cut off, bytes changed, a piece repeated.
fn changed(seed: &[u8], count: u64) -> impl Iterator<Item = Vec<u8>> {
    let mut state = seed.len() as u64;
    (0..count).filter(|_| !seed.is_empty()).map(move |nth| {
        let mut bytes = seed.to_vec();
        let place = |state: &mut u64| (next(state) % seed.len() as u64) as usize;
        match nth % 3 {
            0 => bytes.truncate(place(&mut state)),
            1 => (0..=nth % 4).for_each(|_| bytes[place(&mut state)] = next(&mut state) as u8),
            _ => {
                let (from, to) = (place(&mut state), place(&mut state));
                let piece = seed[from.min(to)..from.max(to)].to_vec();
                bytes.splice(from..from, piece);
            }
        }
        bytes
    })
}

#[test]
fn every_target_takes_its_seeds_and_changed_ones() {
    for (name, run) in TARGETS {
        let seeds = sorted(&here().join("seeds").join(name));
        assert!(!seeds.is_empty(), "the target {name} has no seeds");
        run(b"");
        for seed in seeds {
            let bytes = fs::read(&seed).unwrap();
            // Shown by the test runner where the target panics.
            println!("{}", seed.display());
            run(&bytes);
            changed(&bytes, 60).for_each(|bytes| run(&bytes));
        }
    }
}

#[test]
fn every_target_has_its_program_and_every_program_its_target() {
    let targets: BTreeSet<&str> = TARGETS.iter().map(|(name, _)| *name).collect();
    for name in &targets {
        let program = fs::read_to_string(here().join(format!("fuzz_targets/{name}.rs"))).unwrap();
        // The stable compiler does not see it: it holds nothing that could be wrong.
        assert_eq!(program, format!("#![no_main]\nlibfuzzer_sys::fuzz_target!(|bytes: &[u8]| seaworthy_fuzz::{name}(bytes));\n"));
    }
    let manifest: toml::Table = fs::read_to_string(here().join("Cargo.toml")).unwrap().parse().unwrap();
    let programs: BTreeSet<&str> = manifest["bin"].as_array().unwrap().iter().map(|bin| bin["name"].as_str().unwrap()).collect();
    assert_eq!(programs, targets);
    for kind in ["fuzz_targets", "src/targets"] {
        let files = sorted(&here().join(kind));
        assert_eq!(files.iter().map(|f| f.file_stem().unwrap().to_str().unwrap()).collect::<BTreeSet<_>>(), targets, "{kind}");
    }
}
