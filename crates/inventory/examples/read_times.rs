//! The times of the readers on given files: `read_times packages FILE`, `history FILE`, `notes FILE`, `repo DIR`, `root DIR`, `sbom FILE`.
//! The output is the best time of twenty reads, and the numbers of what was read.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::time::Instant;

use seaworthy_inventory::*;

fn best<T>(read: impl Fn() -> T) -> (f64, T) {
    let mut best = f64::MAX;
    let mut last = None;
    for _ in 0..20 {
        let start = Instant::now();
        let value = read();
        best = best.min(start.elapsed().as_secs_f64() * 1000.0);
        last = Some(value);
    }
    (best, last.unwrap())
}

fn main() {
    let args: Vec<String> = std::env::args().collect();
    let [_, kind, path] = args.as_slice() else { panic!("read_times KIND PATH") };
    let (ms, (count, problems)) = match kind.as_str() {
        "history" => best(|| read_history(path).map(|h| (h.rows.len(), h.problems)).unwrap()),
        _ => best(|| {
            let inventory = match kind.as_str() {
                "packages" => read_packages_file(path),
                "notes" => read_image_notes(path, None),
                "repo" => read_repository(path),
                "root" => read_root(path),
                "sbom" => read_sbom(path),
                other => panic!("unknown kind {other}"),
            };
            let inventory = inventory.unwrap();
            (inventory.packages.len(), inventory.problems)
        }),
    };
    println!("{kind} {path}: {ms:.2} ms, {count} entries, {} problems", problems.len());
    for problem in problems.iter().take(5) {
        println!("  {problem:?}");
    }
}
