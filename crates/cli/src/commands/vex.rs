use std::io::{BufWriter, Write};
use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};
use seaworthy_model::ReleaseLine;
use seaworthy_pipeline::{VexExport, VexFormat, VexImport, VexReading, VexReadingsDocument};

use crate::context::Context;
use crate::error::{CommandError, CommandResult, Ended};
use crate::output;
use crate::say::{Cleaned, Reader};

/// The number of problems and statements that are shown one by one.
const SHOWN: usize = 20;

/// Exchange VEX documents with others, as OpenVEX or CSAF.
#[derive(Debug, Subcommand)]
pub(crate) enum VexCommand {
    /// Write the cases of a release line as a VEX document, with the statements that the next publication would have.
    Export(ExportArgs),
    /// Read VEX documents, and show the decisions on cases that follow from them. The latest statement on a case holds.
    Import(ImportArgs),
}

#[derive(Debug, Args)]
pub(crate) struct ExportArgs {
    /// The format.
    #[arg(long, value_enum)]
    format: FormatArg,
    /// The release line; that of seaworthy.toml without it, else `default`.
    #[arg(long, value_name = "NAME")]
    line: Option<ReleaseLine>,
    /// The file to write to, instead of standard output.
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,
    /// The author of the document; the distribution's name of seaworthy.toml without it.
    #[arg(long, value_name = "NAME")]
    author: Option<String>,
    /// The address that stands for the author; url in [publish] of seaworthy.toml without it.
    #[arg(long, value_name = "URL")]
    namespace: Option<String>,
    /// The namespace of the packages' purls, such as `azl`; vendor in [publish] of seaworthy.toml without it.
    #[arg(long, value_name = "NAME")]
    vendor: Option<String>,
    /// Write also cases under embargo. A CSAF document with such cases is marked TLP:RED.
    #[arg(long)]
    embargoed: bool,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum FormatArg {
    /// OpenVEX 0.2.0.
    Openvex,
    /// CSAF 2.0, VEX profile.
    Csaf,
}

#[derive(Debug, Args)]
pub(crate) struct ImportArgs {
    /// The documents: OpenVEX, CSAF or CycloneDX, in any order.
    #[arg(required = true)]
    files: Vec<PathBuf>,
    /// The release line; that of seaworthy.toml without it, else `default`.
    #[arg(long, value_name = "NAME")]
    line: Option<ReleaseLine>,
    /// Make the decisions, in one step, which `triage undo` takes back. Without it they are only shown.
    #[arg(long)]
    apply: bool,
    /// Decide also cases under embargo.
    #[arg(long)]
    embargoed: bool,
    /// The reason, in words, for the log.
    #[arg(long, value_name = "TEXT")]
    why: Option<String>,
    /// As JSON: every statement and problem.
    #[arg(long)]
    json: bool,
}

pub(super) fn run(context: &Context, command: &VexCommand) -> CommandResult {
    match command {
        VexCommand::Export(args) => export(context, args),
        VexCommand::Import(args) => import(context, args),
    }
}

fn export(context: &Context, args: &ExportArgs) -> CommandResult {
    let document = context.home()?.export_vex(&VexExport {
        format: match args.format {
            FormatArg::Openvex => VexFormat::OpenVex,
            FormatArg::Csaf => VexFormat::Csaf,
        },
        line: args.line.clone(),
        author: args.author.clone(),
        namespace: args.namespace.clone(),
        vendor: args.vendor.clone(),
        embargoed: args.embargoed,
    })?;
    match &args.output {
        Some(path) => {
            output::file(path, |out| Cleaned::new(out, Reader::Json).write_all(&document).map_err(CommandError::file("write", path)))?
        }
        None => {
            let mut out = BufWriter::new(Cleaned::new(std::io::stdout().lock(), Reader::Json));
            out.write_all(&document)?;
            out.flush()?;
        }
    }
    Ok(Ended::Well)
}

fn import(context: &Context, args: &ImportArgs) -> CommandResult {
    let imported = context.home()?.import_vex(&VexImport {
        files: args.files.clone(),
        line: args.line.clone(),
        apply: args.apply,
        embargoed: args.embargoed,
        why: args.why.clone(),
    })?;
    if args.json {
        output::json(&VexReadingsDocument::of(&imported, args.apply))?;
        return Ok(Ended::Well);
    }
    imported.readings.iter().for_each(show);
    for case in imported.unsupported.iter().take(SHOWN) {
        note!("warning: {} is closed by {} without a statement that counts: {}", case.key, case.file, case.why);
    }
    if imported.unsupported.len() > SHOWN {
        note!("warning: and {} more cases are closed so", imported.unsupported.len() - SHOWN);
    }
    let count: usize = imported.readings.iter().map(|r| r.decisions.len()).sum();
    if args.apply {
        say!("{count} cases were decided");
    } else {
        say!("{count} cases would be decided. Nothing was changed: --apply does it.");
    }
    Ok(Ended::Well)
}

fn show(reading: &VexReading) {
    let file = reading.file.display();
    say!("{file}: {} statements by {}", reading.statements, reading.author_name());
    for problem in reading.problems.iter().take(SHOWN) {
        note!("warning: {file} at {}: {}", problem.at, problem.message);
    }
    if reading.problems.len() > SHOWN {
        note!("warning: and {} more problems", reading.problems.len() - SHOWN);
    }
    for passed in reading.passed.iter().take(SHOWN) {
        let statement = &passed.statement;
        let (cve, package, status) = (statement.cve, &statement.package, statement.status.as_str());
        say!("  passed over: {cve} in {package} {status}: {} (at {})", passed.why, statement.at);
    }
    if reading.passed.len() > SHOWN {
        say!("  and {} more are passed over", reading.passed.len() - SHOWN);
    }
    for (key, decision) in &reading.decisions {
        let justification = decision.justification.map(|j| format!(", {j}")).unwrap_or_default();
        say!("  {key}: {}{justification}: {}", decision.state, decision.statement);
    }
}
