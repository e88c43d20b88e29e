//! The command line of `triage`.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use jiff::Timestamp;
use seaworthy_model::case::{CaseState, Justification, PauseReason, Reason};
use seaworthy_model::{CveId, Severity};
use seaworthy_triage::{Rule, Span};

use crate::args::parse_time;
use crate::clock;

#[derive(Debug, Subcommand)]
pub(crate) enum TriageCommand {
    /// Show the queue, the most urgent first.
    List(ListArgs),
    /// Show a case: what is known, why it is urgent, what is due, what was done.
    Show {
        #[command(flatten)]
        which: Which,
        /// As JSON.
        #[arg(long)]
        json: bool,
    },
    /// Work through the queue in a terminal, a keystroke a decision.
    Board {
        /// Only cases of this release line.
        #[arg(long, value_name = "NAME")]
        line: Option<String>,
        /// Show also what is under embargo.
        #[arg(long)]
        embargoed: bool,
    },
    /// Decide what a case is: under_investigation, affected, deferred, will_not_fix or not_affected.
    Decide {
        #[command(flatten)]
        which: Which,
        /// What it is from now on.
        state: CaseState,
        #[command(flatten)]
        decision: DecisionArgs,
        #[command(flatten)]
        note: Note,
    },
    /// Put a case off until a day.
    Defer {
        #[command(flatten)]
        which: Which,
        #[command(flatten)]
        decision: DecisionArgs,
        #[command(flatten)]
        note: Note,
    },
    /// Give a case to somebody, or back to nobody.
    Assign {
        #[command(flatten)]
        which: Which,
        /// Who.
        #[arg(required_unless_present = "nobody", conflicts_with = "nobody")]
        to: Option<String>,
        /// Give it back.
        #[arg(long)]
        nobody: bool,
        #[command(flatten)]
        note: Note,
    },
    /// Give a case the distribution's own severity, which wins over every other.
    Rate {
        #[command(flatten)]
        which: Which,
        /// none, low, medium, high or critical.
        severity: Severity,
        /// Why it differs.
        #[arg(long, value_name = "TEXT")]
        reason: String,
        #[command(flatten)]
        note: Note,
    },
    /// Stop the clocks of a case.
    Pause {
        #[command(flatten)]
        which: Which,
        /// waiting_for_upstream, waiting_for_reporter, embargo or freeze.
        #[arg(long, value_name = "WORD")]
        reason: PauseReason,
        #[command(flatten)]
        note: Note,
    },
    /// Let the clocks of a case run again.
    Resume {
        #[command(flatten)]
        which: Which,
        #[command(flatten)]
        note: Note,
    },
    /// Open a case that no scan has found, such as a report that was made in confidence; needs --embargoed.
    Open {
        #[command(flatten)]
        which: Which,
        /// The package's version, EPOCH:VERSION-RELEASE.
        #[arg(long)]
        version: String,
        /// How bad it is.
        #[arg(long)]
        severity: Option<Severity>,
        /// Keep it from others until a day or time; takes --contact and --tracking.
        #[arg(long, value_name = "TIME", value_parser = parse_until, requires = "contact")]
        until: Option<Timestamp>,
        /// Who coordinates the disclosure.
        #[arg(long, value_name = "TEXT", requires = "until")]
        contact: Option<String>,
        /// The number it is tracked under there.
        #[arg(long, value_name = "TEXT", default_value = "", requires = "until")]
        tracking: String,
        #[command(flatten)]
        note: Note,
    },
    /// Take over the fixes of the time before there was a ledger, each as a case that was fixed and published on its day.
    Adopt(AdoptArgs),
    /// Keep a case from people without the right to it until a day. Its fix is prepared all the same.
    Embargo {
        #[command(flatten)]
        which: Which,
        /// Until when: a day, a time, or a span such as 30d.
        #[arg(long, value_name = "TIME", value_parser = parse_until)]
        until: Timestamp,
        /// Who coordinates the disclosure.
        #[arg(long, value_name = "TEXT")]
        contact: String,
        /// The number it is tracked under there.
        #[arg(long, value_name = "TEXT", default_value = "")]
        tracking: String,
        #[command(flatten)]
        note: Note,
    },
    /// End the embargo of a case now.
    Disclose {
        #[command(flatten)]
        which: Which,
        #[command(flatten)]
        note: Note,
    },
    /// Split parts off a case, which are decided by themselves from then on.
    Split {
        #[command(flatten)]
        which: Which,
        /// The parts: components or subpackages.
        #[arg(required = true)]
        parts: Vec<String>,
        #[command(flatten)]
        note: Note,
    },
    /// Decide every case that a rule chooses, all or none. Without --yes it only shows them.
    Bulk {
        /// Conditions parted by spaces, such as "package=python-* severity<=low state=affected age>30d".
        #[arg(long = "where", value_name = "RULE")]
        rule: Rule,
        /// What they are from now on.
        state: CaseState,
        #[command(flatten)]
        decision: DecisionArgs,
        /// Only cases of this release line.
        #[arg(long, value_name = "NAME")]
        line: Option<String>,
        /// Do it.
        #[arg(long)]
        yes: bool,
        /// Among them also what is under embargo.
        #[arg(long)]
        embargoed: bool,
        #[command(flatten)]
        note: Note,
    },
    /// Show what was decided elsewhere and may hold for a case, or for the first cases of the queue; accept or refuse it.
    Suggest {
        /// The CVE.
        #[arg(requires = "package")]
        cve: Option<CveId>,
        /// The source package.
        package: Option<String>,
        /// The release line; that of seaworthy.toml, or `default`.
        #[arg(long, value_name = "NAME")]
        line: Option<String>,
        /// Decide as the suggestion of this number says.
        #[arg(long, value_name = "NUMBER", requires = "cve", conflicts_with = "refuse")]
        accept: Option<usize>,
        /// For --accept, where the suggestion has no justification: see `triage decide --help`.
        #[arg(long, value_name = "WORD", requires = "accept")]
        justification: Option<Justification>,
        /// Never suggest the one of this number again for this case.
        #[arg(long, value_name = "NUMBER", requires = "cve")]
        refuse: Option<usize>,
        /// Show and use also what is under embargo.
        #[arg(long)]
        embargoed: bool,
        #[command(flatten)]
        note: Note,
    },
}

/// A case, by name.
#[derive(Clone, Debug, Args)]
pub(crate) struct Which {
    /// The CVE.
    pub(crate) cve: CveId,
    /// The source package.
    pub(crate) package: String,
    /// The release line; that of seaworthy.toml, or `default`.
    #[arg(long, value_name = "NAME")]
    pub(crate) line: Option<String>,
    /// The part, where the case was split.
    #[arg(long, value_name = "NAME", default_value = "")]
    pub(crate) part: String,
    /// With the right to what is under embargo. Without it such a case is not there.
    #[arg(long)]
    pub(crate) embargoed: bool,
}

/// Words for the log.
#[derive(Clone, Debug, Args)]
pub(crate) struct Note {
    /// Why, in words, for the log.
    #[arg(long, value_name = "TEXT")]
    pub(crate) why: Option<String>,
}

/// What a decision rests on.
#[derive(Clone, Debug, Args)]
pub(crate) struct DecisionArgs {
    /// For not_affected: component_not_present, vulnerable_code_not_present, vulnerable_code_not_in_execute_path,
    /// vulnerable_code_cannot_be_controlled_by_adversary or inline_mitigations_already_exist.
    #[arg(long, value_name = "WORD")]
    pub(crate) justification: Option<Justification>,
    /// The kind of reason: reviewed, precedent, version, not_built, no_fix_upstream, too_risky, low_impact, end_of_life, disputed,
    /// statement or recorded.
    #[arg(long, value_name = "WORD", default_value = "reviewed")]
    pub(crate) reason: Reason,
    /// What it means here, in words: the impact statement, or why it waits.
    #[arg(long, value_name = "TEXT", default_value = "")]
    pub(crate) statement: String,
    /// When the decision ends and the case is open again: a day, a time, or a span such as 90d.
    #[arg(long, value_name = "TIME", value_parser = parse_until)]
    pub(crate) until: Option<Timestamp>,
}

#[derive(Debug, Args)]
pub(crate) struct ListArgs {
    /// Only cases of this release line.
    #[arg(long, value_name = "NAME")]
    pub(crate) line: Option<String>,
    /// Only cases in this state; may be repeated. Without it, open ones.
    #[arg(long, value_name = "STATE")]
    pub(crate) state: Vec<CaseState>,
    /// At this severity or above; what nobody rated counts as medium.
    #[arg(long)]
    pub(crate) severity: Option<Severity>,
    /// Only cases of a source package.
    #[arg(long, value_name = "NAME")]
    pub(crate) package: Option<String>,
    /// Only cases of a CVE.
    #[arg(long)]
    pub(crate) cve: Option<CveId>,
    /// Only cases of a person, or of `nobody`.
    #[arg(long, value_name = "NAME")]
    pub(crate) assignee: Option<String>,
    /// Only decisions that still need a reason.
    #[arg(long)]
    pub(crate) asks_for_reason: bool,
    /// No more than this.
    #[arg(long, value_name = "NUMBER", default_value_t = 30)]
    pub(crate) limit: u64,
    /// The page that begins here, as the page before it named it.
    #[arg(long, value_name = "PLACE")]
    pub(crate) after: Option<String>,
    /// As JSON.
    #[arg(long)]
    pub(crate) json: bool,
    /// Show also what is under embargo.
    #[arg(long)]
    pub(crate) embargoed: bool,
}

/// A day, a time, or a span from now.
pub(super) fn parse_until(text: &str) -> Result<Timestamp, String> {
    if let Ok(span) = text.parse::<Span>() {
        return Timestamp::from_second(clock::now() + span.seconds()).map_err(|e| e.to_string());
    }
    parse_time(text).map_err(|e| format!("{e}, or a span from now, 90d"))
}

#[derive(Debug, Args)]
pub(crate) struct AdoptArgs {
    /// A history of fixes (CSV, may be gzipped: package,cve,evr,date,kind).
    #[arg(long, value_name = "FILE")]
    pub(crate) history: PathBuf,
    /// Packages files of the release line, oldest first: a fix counts where the line has it.
    #[arg(long, value_name = "FILE", required = true, num_args = 1..)]
    pub(crate) packages: Vec<PathBuf>,
    /// Only fixes up to this day.
    #[arg(long, value_name = "YYYY-MM-DD")]
    pub(crate) until: Option<jiff::civil::Date>,
    /// Also fixes of packages that none of the files has, such as those that have left the line.
    #[arg(long)]
    pub(crate) retired: bool,
    /// The channel in which they were published.
    #[arg(long, value_name = "NAME", default_value = "updates")]
    pub(crate) channel: String,
    /// The release line; that of seaworthy.toml, or `default`.
    #[arg(long, value_name = "NAME")]
    pub(crate) line: Option<String>,
}
