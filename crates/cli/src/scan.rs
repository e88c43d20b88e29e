//! `scan`: judge an inventory and show it.

use std::collections::HashSet;
use std::io::Write;
use std::path::Path;

use anyhow::{Context, bail};
use seaworthy_intelligence::{Knowledge, Store};
use seaworthy_inventory::Inventory;
use seaworthy_ledger::{Event, Ledger};
use seaworthy_matching::{Assessment, Options, ProductTable, assess};
use seaworthy_model::{CveId, Status};

use crate::args::{Arguments, Judging, ScanArgs};
use crate::config::Config;
use crate::render::{self, Report, Style};
use crate::{clock, colours, progress};

impl Judging {
    /// The options of an assessment.
    pub(crate) fn options(&self) -> anyhow::Result<Options> {
        let mut products = ProductTable::built_in();
        if let Some(path) = &self.products {
            let text = std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
            products.overlay(ProductTable::parse(&text).with_context(|| format!("in {}", path.display()))?);
        }
        let as_of = self.as_of.as_deref().map(day_of).transpose()?;
        Ok(Options { as_of, products, ..Options::default() })
    }
}

/// A day as the rules want it: days since 1970 and `YYYY-MM-DD`.
fn day_of(text: &str) -> anyhow::Result<(i32, String)> {
    let date: jiff::civil::Date = text.parse().with_context(|| format!("--as-of {text:?} is no day: write YYYY-MM-DD"))?;
    let days = date.duration_since(jiff::civil::date(1970, 1, 1)).as_hours() / 24;
    Ok((i32::try_from(days)?, date.to_string()))
}

pub(crate) fn run(arguments: &Arguments, args: &ScanArgs) -> anyhow::Result<u8> {
    let bar = progress::spinner(arguments, "reading what is shipped");
    let store = Store::new(&arguments.home);
    let mut options = args.judging.options()?;
    options.keep_ruled_out = args.all;
    // Opening what is known is quick; what is shipped is read meanwhile.
    let knowledge = store.open()?;
    let inventory = args.selector.read(options.as_of.as_ref().map(|(_, day)| &**day))?;
    tell_problems(arguments, &inventory);
    let ledger = Ledger::new(&arguments.home);
    let selector = args.selector.text();
    if args.changed {
        options.only = changed(arguments, &store, &knowledge, &ledger, &selector)?;
    }
    bar.set_message("judging");
    let mut assessment = assess(&knowledge, &inventory, &options);
    bar.finish_and_clear();
    let failing = assessment.findings.iter().any(|f| f.status == Status::Affected && args.fail_on.is_reached(f.severity));
    let raised = [Status::Affected, Status::Suspected].map(|s| assessment.findings.iter().filter(|f| f.status == s).count() as u64);
    if !args.status.is_empty() {
        assessment.findings.retain(|f| args.status.contains(&f.status));
    }
    show(arguments, args, &assessment, &inventory)?;
    // A scan of the past is no base for what changed since.
    if args.judging.as_of.is_none() {
        let event = Event::Scanned {
            selector,
            knowledge: assessment.knowledge,
            inventory: assessment.inventory,
            engine: assessment.engine.to_owned(),
            raised,
        };
        tell_torn(ledger.append(clock::now(), event)?);
    }
    let code = u8::from(failing);
    // Freeing tens of thousands of packages and findings takes longer than the system needs to forget the process.
    std::mem::forget((assessment, inventory, knowledge));
    Ok(code)
}

/// Says that a crash had left half an event behind.
pub(crate) fn tell_torn(torn: bool) {
    if torn {
        eprintln!("warning: the last line of the ledger was torn by a crash and is cut off; the events before it stand");
    }
}

/// The first problems of reading, on standard error.
pub(crate) fn tell_problems(arguments: &Arguments, inventory: &Inventory) {
    if arguments.quiet {
        return;
    }
    for problem in inventory.problems.iter().take(3) {
        let line = problem.line.map(|l| format!(":{l}")).unwrap_or_default();
        eprintln!("warning: {}{line}: {}", problem.file, problem.message);
    }
    if inventory.problems.len() > 3 {
        eprintln!("warning: {} more problems; `seaworthy inventory list --json` tells all of them", inventory.problems.len() - 3);
    }
}

/// The CVEs that changed since the last scan of a selector; `None` where all have to be looked at.
fn changed(
    arguments: &Arguments,
    store: &Store,
    knowledge: &Knowledge,
    ledger: &Ledger,
    selector: &str,
) -> anyhow::Result<Option<HashSet<CveId>>> {
    let Some(last) = ledger.last_scan(selector)? else {
        if !arguments.quiet {
            eprintln!("note: this was not scanned before, so everything is new");
        }
        return Ok(None);
    };
    match store.changes_since(last, knowledge.digest()) {
        Some(changes) => Ok(Some(changes.into_iter().map(|c| c.cve).collect())),
        None => {
            if !arguments.quiet {
                eprintln!("note: the last scan is too long ago to know what changed since, so everything is looked at");
            }
            Ok(None)
        }
    }
}

fn show(arguments: &Arguments, args: &ScanArgs, assessment: &Assessment, inventory: &Inventory) -> anyhow::Result<()> {
    let colour = args.output.is_none() && colours(arguments.color);
    let title = match (&inventory.image, &inventory.origin.revision) {
        (Some(image), _) => format!("{} {}", image.sku, image.version),
        (None, Some(revision)) => revision.clone(),
        (None, None) => inventory.origin.location.clone(),
    };
    let title = match Config::read(&arguments.home)?.distribution() {
        Some(name) => format!("{name}: {title}"),
        None => title,
    };
    let report = Report { assessment, inventory, style: Style { colour, width: None }, generated: clock::rfc3339(clock::now()), title };
    match &args.output {
        None => {
            let mut out = std::io::BufWriter::new(std::io::stdout().lock());
            render::write(args.format, &report, &mut out)?;
            out.flush()?;
        }
        Some(path) => {
            write_file(path, |out| render::write(args.format, &report, out)).with_context(|| format!("cannot write {}", path.display()))?;
        }
    }
    Ok(())
}

/// Writes beside and renames, so that a reader never sees half a report.
fn write_file(path: &Path, write: impl FnOnce(&mut dyn Write) -> anyhow::Result<()>) -> anyhow::Result<()> {
    // A device or pipe cannot be renamed over.
    if path.exists() && !path.is_file() {
        let mut file = std::fs::File::create(path)?;
        write(&mut file)?;
        return Ok(());
    }
    let folder = path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
    if !folder.is_dir() {
        bail!("the folder {} does not exist", folder.display());
    }
    let mut out = std::io::BufWriter::with_capacity(1 << 20, tempfile::NamedTempFile::new_in(folder)?);
    write(&mut out)?;
    let file = out.into_inner().map_err(|e| e.into_error())?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        // A temporary file is private; a report is for others to read.
        file.as_file().set_permissions(std::fs::Permissions::from_mode(0o644))?;
    }
    file.persist(path)?;
    Ok(())
}
