//! Progress on standard error: a spinner on a terminal, lines from time to time elsewhere; and notices as they come.

use std::io::{IsTerminal, Write};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use seaworthy_model::text::{masked, shown};
use seaworthy_pipeline::matching::formats::plural;
use seaworthy_pipeline::{Notice, Problem, ProblemKind, Progress, Stage, Synced};

use crate::arguments::Globals;

/// The least time between two lines; work that ends before it has none.
const BETWEEN_LINES: Duration = Duration::from_secs(5);
/// The number of problems of an inventory up to which they are printed one by one without --warnings; more are counted by kind. Of those of
/// VEX documents and ignore files, the number that is printed before the rest is counted.
const PROBLEMS: usize = 3;
/// The number of refused records that are printed one by one.
const RECORDS: usize = 5;

/// The progress of a run on this terminal.
pub(crate) struct Terminal {
    quiet: bool,
    hidden: bool,
    /// Whether each warning about an inventory, a VEX document or an ignore file is printed.
    warnings: bool,
    /// Whether standard output is a document's.
    json: bool,
    started: Instant,
    work: Mutex<Option<Watched>>,
}

/// The stage that is running.
struct Watched {
    bar: ProgressBar,
    /// The channel of the thread that writes lines, which ends when this is dropped.
    _lines: Option<Sender<()>>,
}

impl Terminal {
    pub(crate) fn new(globals: &Globals, json: bool) -> Self {
        let Globals { quiet, no_progress, warnings, .. } = *globals;
        Self { quiet, hidden: quiet || no_progress, warnings, json, started: Instant::now(), work: Mutex::new(None) }
    }

    fn watch(&self) -> Watched {
        let bar = ProgressBar::new_spinner();
        if !self.hidden && std::io::stderr().is_terminal() {
            if let Ok(style) = ProgressStyle::with_template("{spinner} {msg}") {
                bar.set_style(style);
            }
            bar.enable_steady_tick(Duration::from_millis(100));
            return Watched { bar, _lines: None };
        }
        bar.set_draw_target(ProgressDrawTarget::hidden());
        let lines = (!self.hidden).then(|| {
            let (sender, ended) = channel();
            let watched = bar.clone();
            std::thread::spawn(move || lines(&watched, &ended, BETWEEN_LINES, &mut std::io::stderr()));
            sender
        });
        Watched { bar, _lines: lines }
    }

    /// A result that comes before the end, such as that of a sync before a cycle.
    fn result(&self, text: std::fmt::Arguments<'_>) {
        if self.json { note!("{text}") } else { say!("{text}") }
    }

    fn warn(&self, text: &str) {
        note!("warning: {}", shown(text));
    }

    fn each(&self, problems: &[Problem]) {
        for problem in problems {
            let line = problem.line.map(|l| format!(":{l}")).unwrap_or_default();
            self.warn(&format!("{}{line}: {}", problem.file, problem.message));
        }
    }

    fn synced(&self, synced: &Synced) {
        let Synced { report, status } = synced;
        for (kind, error) in &report.errors {
            self.warn(&format!("{kind}: {error}"));
        }
        for refused in report.refused.iter().take(RECORDS) {
            self.warn(&format!("a record was not taken: {} at byte {}: {}", refused.file, refused.offset, refused.message));
        }
        if report.refused.len() > RECORDS {
            let more = report.refused.len() - RECORDS;
            self.warn(&format!("{more} more records were not taken; `seaworthy status` counts them by source"));
        }
        // Where nothing is in force, the error says so.
        let Some(digest) = report.to.filter(|_| !self.quiet).map(|knowledge| knowledge.short()) else { return };
        let files = report.parsed.len();
        self.result(format_args!(
            "{} new, {} changed, {} rejected; {} CVEs known; {files} file{} read in {:.2} s; knowledge {digest}",
            report.new,
            report.changed,
            report.rejected,
            status.cves,
            if files == 1 { "" } else { "s" },
            self.started.elapsed().as_secs_f32(),
        ));
    }

    fn show(&self, notice: &Notice) {
        match notice {
            Notice::LogAdopted { events } if !self.quiet => {
                note!("note: the {events} events of ledger.jsonl are taken over; the file is now ledger.jsonl.imported");
            }
            Notice::EventsAhead { events, first, at } => self.warn(&format!(
                "{events} event{} of the log later than now, the first is {first} at {at}: a clock was wrong; `seaworthy ledger correct-time {first} \
                 --to TIME --why TEXT` says when it was",
                if *events == 1 { " is" } else { "s are" }
            )),
            // An answer may take long: who waits knows for whom. What is read from here is fast.
            Notice::Asked { kind, at } if !self.hidden && at.contains("://") => note!("asking {kind}: {}", shown(at)),
            Notice::OldRecords { kind, at, days } => self.warn(&format!(
                "the records of {kind} were read {days} days ago, at {at}: what became known since then is missing; `seaworthy sync` brings it"
            )),
            Notice::Document { kind, refusal } => self.warn(&format!("{kind}: {refusal}")),
            Notice::Problems(problems) if !self.quiet => {
                if problems.len() > PROBLEMS && !self.warnings {
                    self.warn(&format!("not read as they stand: {}; --warnings tells each", ProblemKind::counts(problems)));
                    return;
                }
                self.each(problems);
            }
            // What no longer counts is told to whoever relies on it, however quiet the run is.
            Notice::Remarks(problems) => {
                let (told, more) = problems.split_at(if self.warnings { problems.len() } else { PROBLEMS.min(problems.len()) });
                self.each(told);
                if !more.is_empty() {
                    let places = plural(more.len(), "more place", "more places");
                    let do_not = if more.len() == 1 { "does not" } else { "do not" };
                    self.warn(&format!("{places} of VEX documents and ignore files {do_not} count; --warnings tells each"));
                }
            }
            Notice::SyncsFirst if !self.quiet => note!("note: the sources are synced first; --no-sync judges by the records at hand"),
            Notice::NoCycle { line } if !self.quiet => {
                let of = line.as_ref().map(|line| format!(" of the release line {line}")).unwrap_or_default();
                let named = line.as_ref().map(|line| format!(" --line {line}")).unwrap_or_default();
                note!("note: no cycle{of} has run yet, so there is no case: `seaworthy cycle{named} --spec-tree DIR` opens them");
            }
            Notice::OlderDelivered { lacking } if !self.quiet => {
                let fixes = plural(*lacking, "fix that is published already", "fixes that are published already");
                note!("note: what --delivered names lacks {fixes}: nothing is taken back for that.");
                note!("`triage undo` undoes a cycle that was told something wrong, and `publish withdraw` takes packages back.");
            }
            Notice::WholeScan(reason) if !self.quiet => note!("note: {reason}, so everything is looked at"),
            Notice::ForGood { withdrawal } if !self.quiet => {
                let why = if *withdrawal {
                    "what is withdrawn cannot be published again, and what the advisories say then stays said"
                } else {
                    "what is published stays in the advisories' revisions; `publish withdraw` takes packages out of the channels"
                };
                note!("This cannot be taken back: {why}.");
            }
            Notice::Completed { id } => self.result(format_args!("The publication {id} was cut short: it is in force now.")),
            Notice::Synced(synced) => self.synced(synced),
            _ => {}
        }
    }
}

impl Progress for Terminal {
    fn stage(&self, stage: &Stage<'_>) {
        let mut work = self.work.lock().unwrap_or_else(PoisonError::into_inner);
        work.get_or_insert_with(|| self.watch()).bar.set_message(shown(&masked(&stage.to_string())).into_owned());
    }

    fn notice(&self, notice: &Notice) {
        let work = self.work.lock().unwrap_or_else(PoisonError::into_inner);
        match &*work {
            Some(work) => work.bar.suspend(|| self.show(notice)),
            None => self.show(notice),
        }
    }

    fn end(&self) {
        if let Some(work) = self.work.lock().unwrap_or_else(PoisonError::into_inner).take() {
            work.bar.finish_and_clear();
        }
    }
}

/// Writes the message at each interval at which it has changed, until the work ends.
fn lines(bar: &ProgressBar, ended: &Receiver<()>, between: Duration, out: &mut dyn Write) {
    let mut written = String::new();
    while ended.recv_timeout(between) == Err(RecvTimeoutError::Timeout) && !bar.is_finished() {
        let message = bar.message();
        if message != written {
            // Whoever reads may have gone away; the work goes on.
            let _ = writeln!(out, "{message}");
            written = message;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stage_is_written_once_and_nothing_after_the_end() {
        let bar = ProgressBar::hidden();
        let (sender, ended) = channel();
        let watched = bar.clone();
        let writer = std::thread::spawn(move || {
            let mut out = Vec::new();
            lines(&watched, &ended, Duration::from_millis(20), &mut out);
            String::from_utf8(out).unwrap()
        });
        for stage in ["reading", "judging"] {
            bar.set_message(stage);
            std::thread::sleep(Duration::from_millis(400));
        }
        drop(sender);
        assert_eq!(writer.join().unwrap(), "reading\njudging\n");

        let (_sender, ended) = channel();
        bar.finish_and_clear();
        let mut out = Vec::new();
        lines(&bar, &ended, Duration::from_millis(1), &mut out);
        assert!(out.is_empty());
    }
}
