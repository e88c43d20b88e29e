use clap::Args;
use seaworthy_pipeline::{VerifiedPublication, VerifyRequest};

use super::show;
use crate::context::Context;
use crate::error::{CommandResult, Ended};
use crate::output;

/// Check all that is published: digests, signatures, pointers, and the conclusions of consumers.
#[derive(Debug, Args)]
#[command(after_help = "Exit codes: 0 everything is as it was published, 1 it is not, 2 error.")]
pub(crate) struct VerifyArgs {
    /// Read the content of all packages as well, not only their sizes; of a store, the content of all objects.
    #[arg(long)]
    packages: bool,
    /// Do not run OpenSCAP and dnf for their conclusions.
    #[arg(long)]
    no_programs: bool,
    /// As JSON.
    #[arg(long)]
    json: bool,
}

pub(super) fn run(context: &Context, args: &VerifyArgs) -> CommandResult {
    let verified = context.home()?.verify_publication(VerifyRequest { packages: args.packages, programs: !args.no_programs })?;
    if args.json {
        output::json(&verified.document())?;
    } else {
        describe(&verified, args.packages);
    }
    Ok(Ended::found(!verified.is_good()))
}

/// Prints the result of a verification; `read` says whether every package was read.
fn describe(verified: &VerifiedPublication, read: bool) {
    let depth = if read { "read" } else { "looked at (--packages reads them)" };
    say!(
        "{}: {} documents and {} signatures read, {} packages {depth}",
        verified.id,
        verified.documents,
        verified.signatures,
        verified.packages
    );
    show::concluded(&verified.concluded, show::ROWS);
    if let Some(store) = &verified.store {
        let depth = if store.deep { ", byte by byte" } else { " with what it says that it holds" };
        say!("{}: {} objects compared{depth}", store.address, store.objects);
    }
    for wrong in &verified.wrong {
        say!("  wrong: {wrong}");
    }
    for (address, wrong) in verified.store.iter().flat_map(|s| s.wrong.iter().map(move |wrong| (&s.address, wrong))) {
        say!("  wrong: {address}/{wrong}");
    }
    if verified.is_good() {
        say!("Everything is as it was published.");
    }
}
