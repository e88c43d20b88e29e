//! Asks csaf-rs, another project's validator, of every CSAF document of a published site: conformance SITE/www
//! It fails where a document fails one of the mandatory tests, and where there is no document.

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use anyhow::{Context, bail};
use csaf::csaf2_0::loader::load_document;
use csaf::validation::{TestResultStatus, validate_by_preset};

fn main() -> anyhow::Result<ExitCode> {
    let Some(site) = std::env::args_os().nth(1).map(PathBuf::from) else { bail!("usage: conformance SITE/www") };
    let mut documents = Vec::new();
    for kind in ["security/csaf", "security/vex"] {
        let before = documents.len();
        for year in folders(&site.join(kind))? {
            documents.extend(read(&year)?.into_iter().filter(|p| p.extension().is_some_and(|e| e == "json")));
        }
        println!("    {kind}: {} documents", documents.len() - before);
        if documents.len() == before {
            bail!("no document in {kind}");
        }
    }
    let (next, failed) = (AtomicUsize::new(0), AtomicUsize::new(0));
    thread::scope(|scope| {
        for _ in 0..thread::available_parallelism().map_or(1, usize::from) {
            scope.spawn(|| {
                while let Some(path) = documents.get(next.fetch_add(1, Ordering::Relaxed)) {
                    for problem in problems(path) {
                        println!("    {}: {problem}", path.display());
                        failed.fetch_add(1, Ordering::Relaxed);
                    }
                }
            });
        }
    });
    let failed = failed.into_inner();
    println!("    {} documents, {failed} failures of mandatory tests", documents.len());
    Ok(ExitCode::from(u8::from(failed > 0)))
}

/// Which mandatory tests a document fails, and why.
fn problems(path: &Path) -> Vec<String> {
    let result = match load_document(path) {
        Ok(document) => validate_by_preset(&document, "2.0", "basic"),
        Err(e) => return vec![format!("cannot be read: {e}")],
    };
    match result {
        Ok(result) => {
            let of_test = |test: &csaf::validation::TestResult| match &test.status {
                TestResultStatus::Failure { errors, .. } => {
                    errors.iter().map(|e| format!("{} {}: {}", test.test_id, e.instance_path, e.message)).collect()
                }
                TestResultStatus::NotFound => vec![format!("{}: there is no such test", test.test_id)],
                TestResultStatus::Success | TestResultStatus::Skipped => Vec::new(),
            };
            result.test_results.iter().flat_map(of_test).collect()
        }
        Err(_) => vec!["the validator has no mandatory tests".to_owned()],
    }
}

fn read(folder: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let entries = std::fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()))?;
    entries.map(|entry| Ok(entry?.path())).collect()
}

fn folders(folder: &Path) -> anyhow::Result<Vec<PathBuf>> {
    Ok(read(folder)?.into_iter().filter(|p| p.is_dir()).collect())
}
