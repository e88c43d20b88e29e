use std::net::SocketAddr;

use axum::Router;
use axum::http::{HeaderValue, header};
use clap::Args;
use seaworthy_pipeline::HomeError;
use tower_http::services::ServeDir;
use tower_http::set_header::SetResponseHeaderLayer;

use crate::context::Context;
use crate::error::{CommandError, CommandResult, Ended};

/// Serve what is published by HTTP, for a small site.
#[derive(Debug, Args)]
pub(crate) struct ServeArgs {
    /// The address and port to listen on; port 0 takes a free one.
    #[arg(long, value_name = "ADDRESS:PORT", default_value = "127.0.0.1:8080")]
    listen: SocketAddr,
}

pub(super) fn run(context: &Context, args: &ServeArgs) -> CommandResult {
    let site = context.home()?.site();
    if site.current().map_err(HomeError::from)?.is_none() {
        return Err(CommandError::usage(format_args!(
            "nothing is published in {} yet: `seaworthy publish run` does it",
            site.dir().display()
        )));
    }
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(CommandError::machine("cannot start the server"))?;
    runtime.block_on(async {
        let listener = tokio::net::TcpListener::bind(args.listen).await;
        let listener = listener.map_err(|e| CommandError::usage(format_args!("cannot listen on {}: {e}", args.listen)))?;
        let address = listener.local_addr().map_err(CommandError::machine("cannot tell the address"))?;
        say!("Serving {} on http://{address}/", site.www().display());
        // Each request follows the pointer anew: what is published while this runs is served from then on.
        let files = ServeDir::new(site.www()).append_index_html_on_directories(true);
        // Pointers change and documents are revised under their names: clients ask each time whether theirs is still the one.
        let fresh = SetResponseHeaderLayer::if_not_present(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
        let plain = SetResponseHeaderLayer::if_not_present(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
        let router = Router::new().fallback_service(files).layer(fresh).layer(plain);
        axum::serve(listener, router).await.map_err(CommandError::machine("the server stopped"))
    })?;
    Ok(Ended::Well)
}
