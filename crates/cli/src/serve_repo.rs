//! `serve-repo`: the published site by HTTP, for a small site or a try.

use std::net::SocketAddr;

use anyhow::{Context, bail};
use axum::Router;
use axum::http::{HeaderValue, header};
use clap::Args;
use seaworthy_publish::site::Site;
use tower_http::services::ServeDir;
use tower_http::set_header::SetResponseHeaderLayer;

use crate::args::Arguments;
use crate::config::Config;

#[derive(Debug, Args)]
pub(crate) struct ServeArgs {
    /// The address and port to listen on; port 0 takes a free one.
    #[arg(long, value_name = "ADDRESS:PORT", default_value = "127.0.0.1:8080")]
    listen: SocketAddr,
}

pub(crate) fn run(arguments: &Arguments, args: &ServeArgs) -> anyhow::Result<u8> {
    let config = Config::read(&arguments.home)?;
    let site = Site::new(arguments.home.join(&config.publish().site));
    if site.current()?.is_none() {
        bail!("nothing is published in {} yet: `seaworthy publish run` does it", site.dir().display());
    }
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().context("cannot start the server")?;
    runtime.block_on(async {
        let listener = tokio::net::TcpListener::bind(args.listen).await.with_context(|| format!("cannot listen on {}", args.listen))?;
        let address = listener.local_addr().context("cannot tell the address")?;
        say!("Serving {} on http://{address}/", site.www().display());
        // Each request follows the pointer anew: what is published while this runs is served from then on.
        let files = ServeDir::new(site.www()).append_index_html_on_directories(true);
        // Pointers change and documents are revised under their names: clients ask each time whether theirs is still the one.
        let fresh = SetResponseHeaderLayer::if_not_present(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
        let plain = SetResponseHeaderLayer::if_not_present(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
        let router = Router::new().fallback_service(files).layer(fresh).layer(plain);
        axum::serve(listener, router).await.context("the server stopped")
    })?;
    Ok(0)
}
