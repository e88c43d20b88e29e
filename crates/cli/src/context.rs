//! The context of a command: the arguments of all commands, the terminal, and the home.

use std::sync::Arc;

use seaworthy_pipeline::{Actor, Home, HomeError, Options, SystemClock};

use crate::arguments::Globals;
use crate::progress::Terminal;

/// The context of a command.
pub(crate) struct Context {
    pub(crate) globals: Globals,
}

impl Context {
    /// The home, opened for the person or program that runs the command.
    pub(crate) fn home(&self) -> Result<Home, HomeError> {
        self.home_for(false)
    }

    /// The home, for a command whose answer is a document where `json`: standard output then holds nothing else.
    pub(crate) fn home_for(&self, json: bool) -> Result<Home, HomeError> {
        let progress = Arc::new(Terminal::new(&self.globals, json));
        Home::open(&self.globals.home, Options { clock: Arc::new(SystemClock), actor: Actor::of_environment(), progress })
    }

    /// Says on standard error, before a command acts, that what it does cannot be taken back, and why.
    pub(crate) fn irrevocable(&self, why: &str) {
        if !self.is_quiet() {
            note!("This cannot be taken back: {why}.");
        }
    }

    /// Whether only results, errors and warnings that put a result in doubt are printed.
    pub(crate) fn is_quiet(&self) -> bool {
        self.globals.quiet
    }
}
