//! `scan`: judge an inventory and show it.

use std::collections::HashSet;
use std::io::Write;
use std::path::Path;

use anyhow::{Context, bail};
use seaworthy_intelligence::{Knowledge, Store};
use seaworthy_inventory::Inventory;
use seaworthy_ledger::{Event, Scan};
use seaworthy_matching::{Assessment, ENGINE, Moment, Options, ProductTable, assess};
use seaworthy_model::{CveId, Digest, Status};

use crate::args::{Arguments, Judging, ScanArgs};
use crate::config::Config;
use crate::render::{self, Report, Style};
use crate::{clock, colours, ledger, progress};

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

/// The last minute of a day.
fn day_of(text: &str) -> anyhow::Result<Moment> {
    let date: jiff::civil::Date = text.parse().with_context(|| format!("--as-of {text:?} is no day: write YYYY-MM-DD"))?;
    let days = date.duration_since(jiff::civil::date(1970, 1, 1)).as_hours() / 24;
    Ok(Moment { minute: i32::try_from((days + 1) * 1440 - 1)?, day: date.to_string() })
}

pub(crate) fn run(arguments: &Arguments, args: &ScanArgs) -> anyhow::Result<u8> {
    let bar = progress::spinner(arguments, "reading what is shipped");
    let store = Store::new(&arguments.home);
    let mut options = args.judging.options()?;
    options.keep_ruled_out = args.all;
    // Opening what is known is quick; what is shipped is read meanwhile.
    let knowledge = store.open()?;
    let inventory = args.selector.read(options.as_of.as_ref().map(|m| &*m.day))?;
    tell_problems(arguments, &inventory);
    let config = Config::read(&arguments.home)?;
    let selector = args.selector.text();
    let products = options.products.digest();
    // A scan of the past is no base for what changed since, and is not written down.
    let writes = args.judging.as_of.is_none();
    let mut ledger = if args.changed || writes { Some(ledger::open(arguments, &config)?) } else { None };
    if let Some(ledger) = ledger.as_mut().filter(|_| args.changed) {
        match changed(&store, &knowledge, ledger.last_scan(&selector)?, products) {
            Ok(changed) => options.only = Some(changed),
            Err(_) if arguments.quiet => {}
            Err(reason) => eprintln!("note: {reason}, so everything is looked at"),
        }
    }
    bar.set_message("judging");
    let mut assessment = assess(&knowledge, &inventory, &options);
    bar.finish_and_clear();
    let failing = assessment.findings.iter().any(|f| f.status == Status::Affected && args.fail_on.is_reached(f.severity));
    let raised = [Status::Affected, Status::Suspected].map(|s| assessment.findings.iter().filter(|f| f.status == s).count() as u64);
    if !args.status.is_empty() {
        assessment.findings.retain(|f| args.status.contains(&f.status));
    }
    show(arguments, args, &config, &assessment, &inventory)?;
    if let Some(ledger) = ledger.as_mut().filter(|_| writes) {
        let event = Event::Scanned(Scan {
            selector,
            knowledge: assessment.knowledge,
            inventory: assessment.inventory,
            engine: assessment.engine.to_owned(),
            products: Some(products),
            raised,
        });
        ledger.append(vec![ledger::new(event)])?;
    }
    let code = u8::from(failing);
    // Freeing tens of thousands of packages and findings takes longer than the system needs to forget the process.
    std::mem::forget((assessment, inventory, knowledge));
    Ok(code)
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

/// The CVEs that changed since the last scan of a selector, or the reason why all have to be looked at.
fn changed(store: &Store, knowledge: &Knowledge, last: Option<Scan>, products: Digest) -> Result<HashSet<CveId>, &'static str> {
    let last = last.ok_or("this was not scanned before")?;
    if last.engine != ENGINE {
        return Err("the last scan was made by other rules");
    }
    if last.products != Some(products) {
        return Err("the last scan was made with another table of products");
    }
    let changes = store.changes_since(last.knowledge, knowledge.digest());
    let changes = changes.ok_or("what changed since the last scan is not kept, or the index was made anew")?;
    Ok(changes.into_iter().map(|c| c.cve).collect())
}

fn show(arguments: &Arguments, args: &ScanArgs, config: &Config, assessment: &Assessment, inventory: &Inventory) -> anyhow::Result<()> {
    let colour = args.output.is_none() && colours(arguments.color);
    let title = match (&inventory.image, &inventory.origin.revision) {
        (Some(image), _) => format!("{} {}", image.sku, image.version),
        (None, Some(revision)) => revision.clone(),
        (None, None) => inventory.origin.location.clone(),
    };
    let title = match config.distribution() {
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
