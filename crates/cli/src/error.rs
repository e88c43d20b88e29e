//! The end of a command: exit codes, and errors by their kind.

use std::fmt::Display;
use std::io;
use std::path::Path;
use std::process::ExitCode;

use seaworthy_pipeline::{HomeError, Kind};

/// The exit codes, documented in docs/exit-codes.md.
pub(crate) mod code {
    /// The command succeeded.
    pub(crate) const OK: u8 = 0;
    /// The command succeeded and found what it looks for: findings, a log or site that is not as it was written, or consumers that would
    /// conclude something else.
    pub(crate) const FOUND: u8 = 1;
    /// The command failed.
    pub(crate) const ERROR: u8 = 2;
    /// The command succeeded, and cannot tell what it was asked: nothing that could be judged was read.
    pub(crate) const CANNOT_TELL: u8 = 3;
    /// A defect of the program.
    pub(crate) const DEFECT: u8 = 70;
    /// The command did nothing although nothing is wrong: another run does it, or this run was cancelled.
    pub(crate) const LATER: u8 = 75;
}

/// The end of a command that succeeded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ended {
    /// The command found nothing to act on.
    Well,
    /// The command found what it looks for.
    Found,
    /// The command cannot tell whether there is something.
    CannotTell,
}

impl Ended {
    /// [`Ended::Found`] for `true`, else [`Ended::Well`].
    pub(crate) fn found(something: bool) -> Self {
        if something { Self::Found } else { Self::Well }
    }
}

impl From<Ended> for ExitCode {
    fn from(ended: Ended) -> Self {
        Self::from(match ended {
            Ended::Well => code::OK,
            Ended::Found => code::FOUND,
            Ended::CannotTell => code::CANNOT_TELL,
        })
    }
}

/// The end of a command.
pub(crate) type CommandResult = Result<Ended, CommandError>;

/// The error of a command.
#[derive(Debug)]
pub(crate) struct CommandError {
    kind: ErrorKind,
    message: String,
}

/// The kinds of errors of a command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum ErrorKind {
    /// The error came from the home.
    Home(Kind),
    /// The arguments cannot be carried out.
    Usage,
    /// A file or the terminal of this machine failed.
    Machine,
    /// The reader of the output is gone.
    ReaderGone,
}

impl CommandError {
    /// The error for arguments that cannot be carried out.
    pub(crate) fn usage(message: impl Display) -> Self {
        Self { kind: ErrorKind::Usage, message: message.to_string() }
    }

    /// The error for a file or folder: `cannot DOING PATH: CAUSE`.
    pub(crate) fn file(doing: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |e| Self { kind: kind_of(&e), message: format!("cannot {doing} {}: {e}", path.display()) }
    }

    /// The error for another part of the machine: `WHAT: CAUSE`.
    pub(crate) fn machine(what: &'static str) -> impl FnOnce(io::Error) -> Self {
        move |e| Self { kind: kind_of(&e), message: format!("{what}: {e}") }
    }

    /// Prints the error and its hint on standard error, and gives the exit code.
    pub(crate) fn report(&self) -> ExitCode {
        let (code, hint) = self.end();
        if self.kind != ErrorKind::ReaderGone {
            note!("error: {}", self.message);
        }
        if let Some(hint) = hint {
            note!("hint: {hint}");
        }
        ExitCode::from(code)
    }

    /// The exit code, and a hint on what to do, where the message does not say it. The compiler asks for those of a new kind.
    fn end(&self) -> (u8, Option<&'static str>) {
        match self.kind {
            ErrorKind::Home(Kind::Internal) => {
                (code::DEFECT, Some("this is a defect of seaworthy: please report it with the command and this message"))
            }
            ErrorKind::Home(Kind::Busy) => (
                code::LATER,
                Some(
                    "run this again when the other run has ended; where it is a job, `seaworthy jobs list` shows it, and \
                     `seaworthy jobs cancel NUMBER` ends it",
                ),
            ),
            ErrorKind::Home(Kind::Cancelled) => (code::LATER, Some("none of its events were written: run it again to have them")),
            ErrorKind::Home(
                Kind::Request
                | Kind::Settings
                | Kind::NotFound
                | Kind::Conflict
                | Kind::Input
                | Kind::Network
                | Kind::Damaged
                | Kind::Version
                | Kind::Machine,
            )
            | ErrorKind::Usage
            | ErrorKind::Machine => (code::ERROR, None),
            ErrorKind::ReaderGone => (code::OK, None),
        }
    }
}

fn kind_of(error: &io::Error) -> ErrorKind {
    if error.kind() == io::ErrorKind::BrokenPipe { ErrorKind::ReaderGone } else { ErrorKind::Machine }
}

impl From<HomeError> for CommandError {
    fn from(error: HomeError) -> Self {
        Self { kind: ErrorKind::Home(error.kind()), message: error.to_string() }
    }
}

/// The error of writing to standard output.
impl From<io::Error> for CommandError {
    fn from(error: io::Error) -> Self {
        Self { kind: kind_of(&error), message: format!("cannot write to standard output: {error}") }
    }
}

impl From<serde_json::Error> for CommandError {
    fn from(error: serde_json::Error) -> Self {
        if error.is_io() {
            return io::Error::from(error).into();
        }
        Self { kind: ErrorKind::Home(Kind::Internal), message: format!("cannot write JSON: {error}") }
    }
}
