//! The binary `seaworthy`: a face of the office in `seaworthy-pipeline`. It has arguments, tables and messages; the work is
//! [`Home`](seaworthy_pipeline::Home)'s.

#[macro_use]
mod say;

mod arguments;
mod commands;
mod context;
mod error;
mod output;
mod progress;
mod table;

use std::process::ExitCode;

fn main() -> ExitCode {
    match commands::run() {
        Ok(ended) => ended.into(),
        Err(error) => error.report(),
    }
}
