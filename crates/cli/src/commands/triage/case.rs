//! The arguments that several commands on cases share, and the result of such a command as text.

use clap::Args;
use jiff::Timestamp;
use seaworthy_model::case::{CaseState, Decision, Justification, Origin, Reason};
use seaworthy_model::{CveId, PackageName, ReleaseLine};
use seaworthy_pipeline::triage::Span;
use seaworthy_pipeline::{CaseName, Clock as _, Desk, Home, HomeError, SystemClock, Written};

use crate::arguments::parse_time;

/// The arguments that name a case.
#[derive(Clone, Debug, Args)]
pub(crate) struct CaseArgs {
    /// The CVE.
    cve: CveId,
    /// The source package.
    package: PackageName,
    /// The release line; that of seaworthy.toml without it, else `default`.
    #[arg(long, value_name = "NAME")]
    line: Option<ReleaseLine>,
    /// The part, where the case was split; the whole without it.
    #[arg(long, value_name = "NAME", default_value = "")]
    part: String,
    /// Use the right to cases under embargo; without it, such a case does not exist.
    #[arg(long)]
    embargoed: bool,
}

impl CaseArgs {
    pub(super) fn name(&self) -> CaseName {
        CaseName {
            cve: self.cve,
            package: self.package.clone(),
            line: self.line.clone(),
            part: self.part.clone(),
            embargoed: self.embargoed,
        }
    }
}

/// The arguments for the reason in the log, and for a trial.
#[derive(Clone, Debug, Args)]
pub(crate) struct NoteArgs {
    /// The reason, in words, for the log.
    #[arg(long, value_name = "TEXT")]
    why: Option<String>,
    /// Show what would be changed, and change nothing.
    #[arg(long)]
    dry_run: bool,
}

impl NoteArgs {
    /// The desk on which the command is carried out: one for a trial with --dry-run.
    pub(super) fn desk<'h>(&self, home: &'h Home) -> Result<Desk<'h>, HomeError> {
        Ok(home.desk()?.trial(self.dry_run))
    }

    pub(super) fn why(&self) -> Option<&str> {
        self.why.as_deref()
    }
}

/// The arguments for the parts of a decision.
#[derive(Clone, Debug, Args)]
pub(crate) struct DecisionArgs {
    /// The justification, for not_affected: component_not_present, vulnerable_code_not_present, vulnerable_code_not_in_execute_path,
    /// vulnerable_code_cannot_be_controlled_by_adversary or inline_mitigations_already_exist.
    #[arg(long, value_name = "WORD")]
    justification: Option<Justification>,
    /// The kind of reason: reviewed, precedent, version, not_built, no_fix_upstream, too_risky, low_impact, end_of_life, disputed,
    /// statement or recorded.
    #[arg(long, value_name = "WORD", default_value = "reviewed")]
    reason: Reason,
    /// The meaning for this distribution, in words: the impact statement, or the reason for waiting.
    #[arg(long, value_name = "TEXT", default_value = "")]
    statement: String,
    /// The end of the decision, at which the case is open again: a day, a time, or a span such as 90d.
    #[arg(long, value_name = "TIME", value_parser = parse_until)]
    until: Option<Timestamp>,
}

impl DecisionArgs {
    /// The decision of a person.
    pub(super) fn decision(&self, state: CaseState) -> Decision {
        Decision {
            state,
            justification: self.justification,
            reason: self.reason,
            statement: self.statement.clone(),
            until: self.until,
            origin: Origin::Person,
        }
    }
}

/// The time in a text: a day, a time, or a span from now.
pub(super) fn parse_until(text: &str) -> Result<Timestamp, String> {
    if let Ok(span) = text.parse::<Span>() {
        return Timestamp::from_second(SystemClock.now().as_second() + span.seconds()).map_err(|e| e.to_string());
    }
    parse_time(text).map_err(|e| format!("{e}, or a span from now, 90d"))
}

/// Prints the events that were written of a case.
pub(super) fn show(written: &Written) {
    for event in &written.events {
        say!("{event}");
    }
    if let Some((before, after)) = written.became {
        say!("  {before} became {after}");
    }
    if written.is_trial {
        say!("Nothing was changed: that was a trial.");
    }
}
