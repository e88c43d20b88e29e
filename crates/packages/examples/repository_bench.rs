//! The program that `benches/repository` measures. `repository_bench TREE STATE REPODATA [gzip]` scans a tree of packages with the cache of
//! the last scan in STATE and writes its metadata; `repository_bench add PACKAGE.rpm STATE REPODATA [gzip]` adds one package to the set
//! without looking at the others.

use std::error::Error;
use std::fs;
use std::path::Path;
use std::time::Instant;

use seaworthy_packages::repository::{
    ChunkStore, Compression, Entry, Limits, Manifest, Options, Package, ScanCache, ScanOptions, pool_path, scan, write_metadata,
};

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let started = Instant::now();
    let step = |what: &str| {
        if std::env::var_os("VERBOSE").is_some() {
            eprintln!("{:8.1} ms  {what}", started.elapsed().as_secs_f64() * 1000.0);
        }
    };
    let usage = "usage: repository_bench [add PACKAGE.rpm | TREE] STATE REPODATA [gzip]";
    let (add, subject, rest) = match arguments.as_slice() {
        ["add", subject, rest @ ..] => (true, Path::new(subject), rest),
        [subject, rest @ ..] => (false, Path::new(subject), rest),
        [] => return Err(usage.into()),
    };
    let [state, repodata, more @ ..] = rest else { return Err(usage.into()) };
    let state = Path::new(state);
    fs::create_dir_all(state)?;
    let store = ChunkStore::new(&state.join("chunks"));
    let list = state.join("manifest.json");
    let before = if list.exists() { Manifest::load(&list)? } else { Manifest::default() };
    step("list loaded");
    let manifest = if add {
        let package = Package::read(subject, &Limits::default())?;
        let entry = Entry::new(&package, &format!("../../../{}", pool_path(&package)));
        before.update(&store, &[], vec![entry])?
    } else {
        let memory = state.join("scan.json");
        let known = ScanCache::load(&memory)?;
        step("memory loaded");
        let found = scan(subject, &known, &ScanOptions::default())?;
        step("scanned");
        let manifest = before.update(&store, &found.removed, found.added)?;
        step("set made");
        if found.cache != known {
            found.cache.save(&memory)?;
        }
        manifest
    };
    step("set known");
    if manifest != before {
        manifest.save(&list)?;
    }
    let compression = if more.contains(&"gzip") { Compression::Gzip } else { Compression::Zstd };
    let timestamp = jiff::Timestamp::from_second(1_700_000_000)?;
    let options = Options { compression, revision: "1".to_owned(), timestamp, previous: None };
    let out = Path::new(repodata);
    let repomd = write_metadata(&manifest, &store, out, &options, &[])?;
    fs::write(out.join("repomd.xml"), &repomd.bytes)?;
    step("metadata written");
    println!("{} packages, {} chunks, set {}", manifest.packages(), manifest.chunks().count(), manifest.digest());
    for file in repomd.files {
        println!("{:10} {:>10} bytes, {:>10} of text", file.kind, file.size, file.open_size);
    }
    Ok(())
}
