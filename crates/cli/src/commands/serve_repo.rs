use std::net::SocketAddr;

use clap::Args;
use seaworthy_pipeline::HomeError;

use crate::context::Context;
use crate::error::CommandResult;

/// Serve the site by HTTP, for small sites.
#[derive(Debug, Args)]
pub(crate) struct ServeArgs {
    /// The address and port to listen on; port 0 takes a free one.
    #[arg(long, value_name = "ADDRESS:PORT", default_value = "127.0.0.1:8080")]
    listen: SocketAddr,
}

pub(super) fn run(context: &Context, args: &ServeArgs) -> CommandResult {
    let home = context.home()?;
    let server = home.server(args.listen)?;
    say!("Serving {} on http://{}/", home.site().www().display(), server.address());
    match server.run().map_err(HomeError::from)? {}
}
