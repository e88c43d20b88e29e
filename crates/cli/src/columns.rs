//! Tables on standard output.

use std::io::IsTerminal;

pub(crate) use seaworthy_pipeline::columns::{BOLD, Cell, DIM, Style, Table, fixed, number, paint, reason, text};

use crate::arguments::Globals;

/// The style of standard output.
pub(crate) fn style_of_output(globals: &Globals) -> Style {
    Style { colour: globals.colours(), width: terminal_width() }
}

/// The width of the terminal in columns; `None` where standard output is none, or the terminal does not say.
pub(crate) fn terminal_width() -> Option<usize> {
    let terminal = std::io::stdout().is_terminal();
    let size = ratatui::crossterm::terminal::size().ok().filter(|_| terminal);
    size.map(|(width, _)| usize::from(width)).filter(|width| *width > 0)
}

/// Prints a table on standard output, without colours.
pub(crate) fn print(table: &Table) {
    let mut out = Vec::new();
    // Writing into memory does not fail.
    let written = table.write(&mut out, Style { colour: false, width: terminal_width() }, false);
    if written.is_ok() {
        say!("{}", String::from_utf8_lossy(&out).trim_end());
    }
}
