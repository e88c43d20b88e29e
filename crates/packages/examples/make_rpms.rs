//! Makes small packages for measuring: `make_rpms FOLDER COUNT [FIRST]`. Each has 15 files, 20 dependencies and 8 changelog
//! entries; the same arguments give the same bytes.

use std::error::Error;
use std::fs::{self, File};
use std::io::BufWriter;
use std::path::Path;

use rayon::prelude::*;
use rpm::{BuildConfig, Dependency, FileOptions, PackageBuilder};

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [folder, count, first @ ..] = arguments.as_slice() else { return Err("usage: make_rpms FOLDER COUNT [FIRST]".into()) };
    let first = first.first().map_or(Ok(0), |f| f.parse())?;
    let count: u32 = count.parse()?;
    fs::create_dir_all(folder)?;
    (first..first + count).into_par_iter().try_for_each(|n| make(Path::new(folder), n).map_err(|e| e.to_string()))?;
    Ok(())
}

fn make(folder: &Path, n: u32) -> Result<(), Box<dyn Error>> {
    // A thousand source packages with twenty binaries each, roughly.
    let (stem, part) = (n / 20, n % 20);
    let name = format!("lib{}{stem}-part{part}", ["alpha", "beta", "gamma", "delta", "epsilon"][(stem % 5) as usize]);
    let version = format!("{}.{}.{}", stem % 7, part, n % 11);
    let mut builder = PackageBuilder::new(&name, &version, "MIT AND Apache-2.0", "x86_64", &format!("Part {part} of library {stem}"));
    builder.using_config(BuildConfig::default().source_date(1_700_000_000u32).compression(rpm::CompressionType::None));
    builder
        .release(format!("{}.test1", 1 + n % 9))
        .description(format!(
            "Part {part} of library {stem}.\nIt is there so that a repository of many packages can be measured, and does nothing else."
        ))
        .url(format!("https://example.org/libraries/{stem}"))
        .vendor("Example Distribution")
        .packager("Builders <builders@example.org>")
        .group("System/Libraries")
        .build_host("builder.example.org");
    for f in 0..13 {
        builder.with_file_contents(format!("{n} {f}"), FileOptions::new(format!("/usr/lib64/{name}/module{f}.so.{}", n % 5)))?;
    }
    builder.with_file_contents("#!", FileOptions::new(format!("/usr/bin/{name}")).permissions(0o755))?;
    builder.with_dir_entry(FileOptions::dir(format!("/usr/lib64/{name}")))?;
    for d in 0..14u32 {
        let other = (n.wrapping_mul(31).wrapping_add(d * 977)) % 20_000;
        builder.requires(Dependency::greater_eq(format!("lib{}-part{}(64bit)", other / 20, other % 20), format!("{}.{}", d % 4, d)));
    }
    for d in 0..5 {
        builder.provides(Dependency::eq(format!("{name}-feature{d}"), &*version));
    }
    builder.recommends(Dependency::any(format!("{name}-docs")));
    for c in 0..8u32 {
        let time = 1_690_000_000 - c * 86_400 * 20;
        builder.add_changelog_entry(
            format!("Person {} <person{}@example.org> - {version}-{}", n % 50, n % 50, 9 - c),
            format!("- Fix CVE-20{}-{:05} in part {part}\n- Update to the {c}. release before {version}", 15 + c, (n * 7 + c) % 90_000),
            time,
        );
    }
    let package = builder.build()?;
    let file = folder.join(format!("{name}-{version}-{}.test1.x86_64.rpm", 1 + n % 9));
    package.write(&mut BufWriter::new(File::create(file)?))?;
    Ok(())
}
