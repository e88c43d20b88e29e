//! The arguments of all commands, and the forms of values that several take.

use std::io::IsTerminal;
use std::path::PathBuf;

use clap::{Args, ColorChoice};
use jiff::Timestamp;

/// The heading of these options in the help of every command, behind the options of the command itself.
const GLOBAL: &str = "Global options";

/// The arguments of all commands.
#[derive(Clone, Debug, Args)]
pub(crate) struct Globals {
    /// The folder of all state (the home).
    #[arg(long, global = true, help_heading = GLOBAL, env = "SEAWORTHY_HOME", default_value = ".seaworthy")]
    pub(crate) home: PathBuf,
    /// Print only results, errors and warnings that put a result in doubt.
    #[arg(long, short, global = true, help_heading = GLOBAL)]
    pub(crate) quiet: bool,
    /// Show no progress on standard error: no bars on a terminal, no lines elsewhere.
    #[arg(long, global = true, help_heading = GLOBAL)]
    pub(crate) no_progress: bool,
    /// Show each warning about what is shipped, VEX documents and ignore files; without it, more than three are counted.
    #[arg(long, global = true, help_heading = GLOBAL)]
    pub(crate) warnings: bool,
    /// The use of colours in tables; `auto` respects NO_COLOR.
    #[arg(long, global = true, help_heading = GLOBAL, value_enum, default_value = "auto")]
    pub(crate) color: ColorChoice,
}

impl Globals {
    /// Whether standard output may have colours.
    pub(crate) fn colours(&self) -> bool {
        match self.color {
            ColorChoice::Always => true,
            ColorChoice::Never => false,
            ColorChoice::Auto => std::io::stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|v| v.is_empty()),
        }
    }
}

/// The time in a text; a day stands for its first moment (UTC).
pub(crate) fn parse_time(text: &str) -> Result<Timestamp, String> {
    let day = || text.parse::<jiff::civil::Date>().ok().and_then(|d| jiff::tz::Offset::UTC.to_timestamp(d.at(0, 0, 0, 0)).ok());
    text.parse().ok().or_else(day).ok_or_else(|| "write a day, 2024-09-20, or a time, 2024-09-20T06:00:00Z".into())
}
