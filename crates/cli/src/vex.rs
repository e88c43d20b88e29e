//! `vex`: what the cases say as documents for others, and what documents of others say of the cases.

use std::path::{Path, PathBuf};

use anyhow::Context;
use clap::{Args, Subcommand, ValueEnum};
use seaworthy_ledger::{Draft, Sight};
use seaworthy_model::Digest;
use seaworthy_model::case::CaseEvent;
use seaworthy_vex::{About, csaf, learn, openvex, parse};

use crate::args::Arguments;
use crate::config::Config;
use crate::{cases, clock, ledger};

/// So many problems and statements are told of one by one.
const TOLD: usize = 20;

#[derive(Debug, Subcommand)]
pub(crate) enum VexCommand {
    /// Write what the cases say as a VEX document.
    Export(ExportArgs),
    /// Read VEX documents, and show what they would decide of open cases.
    Import(ImportArgs),
}

#[derive(Debug, Args)]
pub(crate) struct ExportArgs {
    /// The format.
    #[arg(long, value_enum)]
    format: VexFormat,
    /// Only cases of this release line.
    #[arg(long, value_name = "NAME")]
    line: Option<String>,
    /// Write to a file instead of standard output.
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Who says so; the distribution's name where none is given.
    #[arg(long, value_name = "NAME")]
    author: Option<String>,
    /// An address that stands for the author.
    #[arg(long, value_name = "URL", default_value = "https://distribution.invalid")]
    namespace: String,
    /// The namespace of the packages' purls, such as `azl`.
    #[arg(long, value_name = "NAME", default_value = "")]
    vendor: String,
    /// Say also what is under embargo.
    #[arg(long)]
    embargoed: bool,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum VexFormat {
    /// OpenVEX 0.2.0.
    Openvex,
    /// CSAF 2.0, VEX profile.
    Csaf,
}

#[derive(Debug, Args)]
pub(crate) struct ImportArgs {
    /// OpenVEX or CSAF documents.
    #[arg(required = true)]
    files: Vec<PathBuf>,
    /// The release line; that of seaworthy.toml, or `default`.
    #[arg(long, value_name = "NAME")]
    line: Option<String>,
    /// Decide what the documents say, in one step. Without it they are only shown.
    #[arg(long)]
    apply: bool,
    /// Among them also cases under embargo.
    #[arg(long)]
    embargoed: bool,
    /// Why, in words, for the log.
    #[arg(long, value_name = "TEXT")]
    why: Option<String>,
}

pub(crate) fn run(arguments: &Arguments, command: &VexCommand) -> anyhow::Result<u8> {
    match command {
        VexCommand::Export(args) => export(arguments, args),
        VexCommand::Import(args) => import(arguments, args),
    }
}

fn sight(embargoed: bool) -> Sight {
    if embargoed { Sight::All } else { Sight::DisclosedAt(clock::timestamp()) }
}

fn export(arguments: &Arguments, args: &ExportArgs) -> anyhow::Result<u8> {
    let config = Config::read(&arguments.home)?;
    let cases = cases::load(&mut ledger::open(arguments, &config)?, args.line.as_deref(), sight(args.embargoed))?;
    let author = args.author.as_deref().or_else(|| config.distribution()).unwrap_or("an unnamed distribution").to_owned();
    // Documents of the same cases have the same name and time, whenever they are written.
    let at = cases.values().map(|c| c.changed).max().unwrap_or_else(clock::timestamp);
    let state: Vec<String> = cases.values().map(|c| format!("{} {} {}", c.key, c.state, c.changed)).collect();
    let name = Digest::of(state.join("\n").as_bytes()).short();
    let about = About { id: String::new(), author, namespace: args.namespace.clone(), vendor: args.vendor.clone(), at };
    let document = match args.format {
        VexFormat::Openvex => {
            openvex(cases.values(), &About { id: format!("{}/vex/{name}", args.namespace.trim_end_matches('/')), ..about })
        }
        VexFormat::Csaf => csaf(cases.values(), &About { id: format!("vex-{name}"), ..about }),
    };
    let text = serde_json::to_string_pretty(&document)?;
    match &args.output {
        Some(path) => std::fs::write(path, text + "\n").with_context(|| format!("cannot write {}", path.display()))?,
        None => say!("{text}"),
    }
    Ok(0)
}

fn import(arguments: &Arguments, args: &ImportArgs) -> anyhow::Result<u8> {
    let config = Config::read(&arguments.home)?;
    let line = cases::line(args.line.as_deref(), &config);
    let mut ledger = ledger::open(arguments, &config)?;
    let head = ledger.head()?.seq;
    let mut known = cases::load(&mut ledger, Some(line), sight(args.embargoed))?;
    let now = clock::timestamp();
    let mut drafts: Vec<Draft> = Vec::new();
    for path in &args.files {
        let bytes = std::fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
        let document = parse(&bytes).with_context(|| format!("{} is no VEX document", path.display()))?;
        let name = path.file_name().map_or_else(|| path.display().to_string(), |n| n.to_string_lossy().into_owned());
        let learned = learn(&document.statements, &known, line, &name);
        say!("{}: {} statements by {}", path.display(), document.statements.len(), or_nobody(&document.author));
        tell_problems(path, &document.problems);
        for passed in learned.passed.iter().take(TOLD) {
            let statement = &passed.statement;
            say!("  passed over: {} in {} {}: {}", statement.cve, statement.package, statement.status.as_str(), passed.why);
        }
        more(learned.passed.len());
        for (key, event) in learned.decisions {
            // The next document finds the case as this one leaves it.
            if let Some(case) = known.get_mut(&key) {
                case.apply(now, &event).context("a statement does not fit its case; please report this")?;
            }
            if let CaseEvent::Decided(decision) = &event {
                let justification = decision.justification.map(|j| format!(", {j}")).unwrap_or_default();
                say!("  {key}: {}{justification}: {}", decision.state, decision.statement);
            }
            let why = args.why.clone().or_else(|| Some(format!("stated by {}", or_nobody(&document.author))));
            drafts.extend(cases::entries([(key, event)], now, &ledger::actor()).into_iter().map(|d| Draft { why: why.clone(), ..d }));
        }
    }
    let count = drafts.len();
    if !args.apply {
        say!("{count} cases would be decided. Nothing was changed: --apply does it.");
    } else {
        if count > 0 {
            ledger.append_if(head, drafts).context("somebody else changed the ledger meanwhile: run it again")?;
        }
        say!("{count} cases were decided");
    }
    Ok(0)
}

fn or_nobody(author: &str) -> &str {
    if author.is_empty() { "nobody named" } else { author }
}

fn tell_problems(path: &Path, problems: &[seaworthy_vex::Problem]) {
    for problem in problems.iter().take(TOLD) {
        eprintln!("warning: {} at {}: {}", path.display(), problem.at, problem.message);
    }
    if problems.len() > TOLD {
        eprintln!("warning: and {} more problems", problems.len() - TOLD);
    }
}

fn more(count: usize) {
    if count > TOLD {
        say!("  and {} more are passed over", count - TOLD);
    }
}
