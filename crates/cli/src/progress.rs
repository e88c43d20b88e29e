//! Progress on a terminal; nothing elsewhere.

use std::io::IsTerminal;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::args::Arguments;

/// A spinner with a message, on standard error.
pub(crate) fn spinner(arguments: &Arguments, message: &str) -> ProgressBar {
    let bar = ProgressBar::new_spinner();
    if arguments.quiet || arguments.no_progress || !std::io::stderr().is_terminal() {
        bar.set_draw_target(ProgressDrawTarget::hidden());
    } else {
        if let Ok(style) = ProgressStyle::with_template("{spinner} {msg}") {
            bar.set_style(style);
        }
        bar.enable_steady_tick(std::time::Duration::from_millis(100));
    }
    bar.set_message(message.to_owned());
    bar
}
