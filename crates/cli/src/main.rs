//! The program `seaworthy`: a face of `seaworthy-pipeline`, with arguments, tables and messages. The work is done by
//! [`Home`](seaworthy_pipeline::Home).

#[macro_use]
mod say;

mod arguments;
mod columns;
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
