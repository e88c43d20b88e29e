//! A document with its statements, and the reading of its parts, which the formats share.

use seaworthy_model::case::Justification;
use serde::Serialize;
use serde_json::Value;

use super::Statement;

/// The number of characters at which texts are cut.
const MOST_WORDS: usize = 4000;
/// The number of problems up to which they are listed.
const MOST_PROBLEMS: usize = 1000;

/// The number of statements up to which they are taken: one entry of a version may become a statement with a long text.
const MOST_STATEMENTS: usize = 100_000;

/// A document with its statements.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Document {
    /// The identifier of the document.
    pub id: String,
    /// The author or publisher.
    pub author: String,
    /// The statements, in the order of the document.
    pub statements: Vec<Statement>,
    /// The problems: parts that could not be read.
    pub problems: Vec<Problem>,
    /// Whether statements were left out.
    is_cut: bool,
}

/// A part of a document that could not be read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Problem {
    /// The place, as a JSON pointer (RFC 6901).
    pub at: String,
    /// The error: what was found and what was expected.
    pub message: String,
}

pub(super) fn short(text: &str) -> String {
    text.chars().take(60).collect()
}

pub(super) fn words(value: &Value) -> String {
    value.as_str().unwrap_or_default().trim().chars().take(MOST_WORDS).collect()
}

impl Document {
    pub(super) fn begin(id: &Value, author: &Value) -> Self {
        Self { id: words(id), author: words(author), ..Self::default() }
    }

    /// Adds a statement, up to the limit; what is left out is a problem.
    pub(super) fn state(&mut self, at: &str, statement: Statement) {
        match self.statements.len() {
            n if n < MOST_STATEMENTS => self.statements.push(statement),
            _ if self.is_cut => {}
            n => {
                self.is_cut = true;
                self.problems.push(Problem { at: at.to_owned(), message: format!("only the first {n} statements are taken") });
            }
        }
    }

    pub(super) fn problem(&mut self, at: String, message: impl Into<String>) {
        if self.problems.len() < MOST_PROBLEMS {
            self.problems.push(Problem { at, message: message.into() });
        }
    }

    pub(super) fn justification(&mut self, at: &str, value: &Value) -> Option<Justification> {
        let text = value.as_str()?;
        text.parse().map_err(|message: String| self.problem(at.to_owned(), short_message(&message))).ok()
    }
}

/// The start of a message; it may repeat what was parsed, which may be long.
fn short_message(message: &str) -> String {
    message.chars().take(400).collect()
}

pub(super) fn items(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}
