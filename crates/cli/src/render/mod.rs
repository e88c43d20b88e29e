//! The forms of a scan's result.

mod jsonl;
mod table;

use std::io::Write;

use clap::ValueEnum;
use seaworthy_inventory::Inventory;
use seaworthy_matching::Assessment;

/// The form of a result.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// A table for people.
    Table,
    /// A JSON object a line, one a finding.
    Jsonl,
    /// One JSON object.
    Json,
    /// SARIF 2.1.0, for code hosts and editors.
    Sarif,
    /// CycloneDX 1.6 VEX (JSON).
    Cyclonedx,
    /// One self-contained page.
    Html,
}

/// What is shown.
pub(crate) struct Report<'a> {
    pub(crate) assessment: &'a Assessment,
    pub(crate) inventory: &'a Inventory,
    pub(crate) style: Style,
    /// RFC 3339, for the forms that want a time.
    pub(crate) generated: String,
    pub(crate) title: String,
}

/// How a table looks.
pub(crate) struct Style {
    pub(crate) colour: bool,
    pub(crate) width: Option<usize>,
}

/// Writes a report.
pub(crate) fn write(format: Format, report: &Report<'_>, out: &mut dyn Write) -> anyhow::Result<()> {
    match format {
        Format::Table => table::write(report, out),
        Format::Jsonl => jsonl::write(report, out),
        Format::Json => jsonl::write_object(report, out),
        Format::Sarif | Format::Cyclonedx | Format::Html => anyhow::bail!("not written yet"),
    }
}
