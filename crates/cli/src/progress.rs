//! Progress: a spinner on a terminal, a plain line now and then elsewhere.

use std::io::{IsTerminal, Write};
use std::ops::Deref;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::args::Arguments;

/// The least time between two plain lines; work that is done before it says nothing.
const BETWEEN_LINES: Duration = Duration::from_secs(5);

/// A spinner with a message, on standard error; where that is no terminal, its messages as lines.
pub(crate) struct Progress {
    bar: ProgressBar,
    /// Ends the lines when it is dropped.
    _lines: Option<Sender<()>>,
}

impl Deref for Progress {
    type Target = ProgressBar;

    fn deref(&self) -> &ProgressBar {
        &self.bar
    }
}

/// Starts telling what is done.
pub(crate) fn spinner(arguments: &Arguments, message: &str) -> Progress {
    let bar = ProgressBar::new_spinner();
    bar.set_message(message.to_owned());
    let wanted = !arguments.quiet && !arguments.no_progress;
    if wanted && std::io::stderr().is_terminal() {
        if let Ok(style) = ProgressStyle::with_template("{spinner} {msg}") {
            bar.set_style(style);
        }
        bar.enable_steady_tick(Duration::from_millis(100));
        return Progress { bar, _lines: None };
    }
    bar.set_draw_target(ProgressDrawTarget::hidden());
    let lines = wanted.then(|| {
        let (sender, ended) = channel();
        let watched = bar.clone();
        std::thread::spawn(move || tell(&watched, &ended, BETWEEN_LINES, &mut std::io::stderr()));
        sender
    });
    Progress { bar, _lines: lines }
}

/// Writes the message each time that has passed, where it is another than before, until the work has ended.
fn tell(bar: &ProgressBar, ended: &Receiver<()>, between: Duration, out: &mut dyn Write) {
    let mut told = String::new();
    while ended.recv_timeout(between) == Err(RecvTimeoutError::Timeout) && !bar.is_finished() {
        let message = bar.message();
        if message != told {
            // Whoever reads may have gone away; the work goes on.
            let _ = writeln!(out, "{message}");
            told = message;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stage_is_told_once_and_nothing_after_the_end() {
        let bar = ProgressBar::hidden();
        let (sender, ended) = channel();
        let watched = bar.clone();
        let lines = std::thread::spawn(move || {
            let mut out = Vec::new();
            tell(&watched, &ended, Duration::from_millis(20), &mut out);
            String::from_utf8(out).unwrap()
        });
        for stage in ["reading", "judging"] {
            bar.set_message(stage);
            std::thread::sleep(Duration::from_millis(400));
        }
        drop(sender);
        assert_eq!(lines.join().unwrap(), "reading\njudging\n");

        let (_sender, ended) = channel();
        bar.finish_and_clear();
        let mut out = Vec::new();
        tell(&bar, &ended, Duration::from_millis(1), &mut out);
        assert!(out.is_empty());
    }
}
