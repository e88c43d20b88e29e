use clap::Subcommand;
use jiff::Timestamp;
use seaworthy_pipeline::ledger::{Job, JobProgress, JobState};

use crate::arguments::parse_time;
use crate::columns::{Cell, Table, fixed, number, print, text};
use crate::context::Context;
use crate::error::{CommandResult, Ended};
use crate::output;

/// Show and cancel jobs: the cycle and the publication of a release line, of which one at a time goes on.
#[derive(Debug, Subcommand)]
pub(crate) enum JobsCommand {
    /// Show the running jobs, the newest first, with their begin, actor, machine and progress.
    List {
        /// Show also jobs that have ended.
        #[arg(long)]
        all: bool,
        /// The greatest number of jobs to show; 0 for all.
        #[arg(long, value_name = "NUMBER", default_value_t = 50)]
        limit: u64,
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
    /// Ask a job to end. It ends before its next step and writes none of its events; once they are written, it is too late. This
    /// cannot be taken back: run it again.
    Cancel {
        /// The number of the job, as `jobs list` shows it.
        #[arg(value_name = "NUMBER")]
        job: u64,
    },
    /// Remove the jobs that ended before a time, as `jobs list --all` shows them. This cannot be taken back.
    Prune {
        /// The time.
        #[arg(long, value_name = "TIME", value_parser = parse_time)]
        before: Timestamp,
    },
}

pub(super) fn run(context: &Context, command: &JobsCommand) -> CommandResult {
    let home = context.home()?;
    match command {
        JobsCommand::List { all, limit, json } => {
            let list = home.jobs(*all, Some(*limit).filter(|limit| *limit > 0))?;
            if *json {
                output::json(&list)?;
            } else if list.jobs.is_empty() {
                say!("{}", if *all { "no job" } else { "nothing runs" });
            } else {
                table(&list.jobs);
            }
        }
        JobsCommand::Cancel { job } => {
            context.irrevocable("a job that was cancelled is run again from its beginning");
            let job = home.cancel_job(*job)?;
            if !context.is_quiet() {
                match job.state {
                    JobState::Running => say!("job {} ends before its next step", job.id),
                    _ => say!("job {} is cancelled: nothing was heard of it since {}", job.id, job.renewed),
                }
            }
        }
        JobsCommand::Prune { before } => {
            context.irrevocable("nothing else has what the jobs were");
            let removed = home.prune_jobs(*before)?;
            if !context.is_quiet() {
                say!("{removed} job{} removed", if removed == 1 { "" } else { "s" });
            }
        }
    }
    Ok(Ended::Well)
}

fn table(jobs: &[Job]) {
    let texts = ["of", "state", "step", "who", "where", "begun", "renewed", "ended"].map(|heading| text(heading, 8));
    let columns = [number("job"), fixed("what")].into_iter().chain(texts).collect();
    let row = |job: &Job| {
        let values = [
            job.id.to_string(),
            job.kind.clone(),
            job.about.clone(),
            state(job),
            job.progress.as_ref().map(step).unwrap_or_default(),
            job.actor.clone(),
            job.worker.clone(),
            job.begun.to_string(),
            job.renewed.to_string(),
            job.ended.map(|at| at.to_string()).unwrap_or_default(),
        ];
        values.map(Cell::plain).into()
    };
    print(&Table::new(columns, jobs.iter().map(row).collect()));
}

fn state(job: &Job) -> String {
    let state = job.state.as_str();
    match (&job.error, &job.cancel) {
        (Some(error), _) => format!("{state} ({error})"),
        (None, Some(cancel)) if job.ended.is_none() => format!("{state}, to be cancelled by {}", cancel.by),
        (None, Some(cancel)) if job.state == JobState::Cancelled => format!("{state} by {}", cancel.by),
        _ => state.to_owned(),
    }
}

fn step(progress: &JobProgress) -> String {
    match (progress.done, progress.total) {
        (Some(done), Some(total)) => format!("{} {done} of {total}", progress.step),
        _ => progress.step.clone(),
    }
}
