//! Writes the pages of a made-up edition into a folder: `write_pages FOLDER [NUMBER OF GENERATED ADVISORIES]`.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod edition;

use std::path::Path;
use std::time::Instant;

use rayon::prelude::*;

fn main() {
    let mut arguments = std::env::args().skip(1);
    let folder = arguments.next().expect("usage: write_pages FOLDER [NUMBER]");
    let many = arguments.next().map_or(500, |n| n.parse().expect("the number of generated advisories"));
    let edition = edition::edition(many);
    let start = Instant::now();
    let site = seaworthy_publish::pages::site(&edition);
    let planned = start.elapsed();
    let start = Instant::now();
    let bytes: usize = site.iter().map(|page| page.render().unwrap().len()).sum();
    let rendered = start.elapsed();
    let start = Instant::now();
    site.par_iter().for_each(|page| {
        let file = Path::new(&folder).join(&page.path);
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        std::fs::write(&file, page.render().unwrap()).unwrap();
    });
    let written = start.elapsed();
    let each = rendered.as_secs_f64() * 1e6 / site.len() as f64;
    println!(
        "{} files, {bytes} bytes: planned {planned:.1?}, made {rendered:.1?} ({each:.1} µs each), made and written {written:.1?}",
        site.len()
    );
}
