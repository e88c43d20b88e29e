//! The formats of findings: for programs, for CI and for a browser.
//!
//! Each format is a pure function of the [`Report`]: the same report gives the same bytes. Tables for a terminal are made by the command
//! line from the values of a report.

mod cyclonedx;
mod html;
mod json;
mod jsonl;
mod report;
mod sarif;
#[cfg(test)]
mod tests;

use std::io::{self, Write};

pub use crate::numbers::thousands;
pub use report::{Group, Report, clean, fixed_in, grouped, percent, plural, severity_word, why, words};

/// A format of findings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// JSON lines: one finding a line.
    Jsonl,
    /// One JSON object with counts, blind spot and findings.
    Json,
    /// SARIF 2.1.0, for code scanning.
    Sarif,
    /// CycloneDX 1.6 with vulnerabilities (VEX).
    Cyclonedx,
    /// An HTML page that needs no other file.
    Html,
}

/// Writes a report in a format.
///
/// # Errors
/// When `out` cannot be written.
pub fn write(format: Format, report: &Report<'_>, out: &mut dyn Write) -> io::Result<()> {
    // The formats write piece by piece; not every caller's writer is buffered.
    let mut out = io::BufWriter::with_capacity(1 << 16, out);
    match format {
        Format::Jsonl => jsonl::write(report, &mut out)?,
        Format::Json => json::write(report, &mut out)?,
        Format::Sarif => sarif::write(report, &mut out)?,
        Format::Cyclonedx => cyclonedx::write(report, &mut out)?,
        Format::Html => html::write(report, &mut out)?,
    }
    out.flush()
}
