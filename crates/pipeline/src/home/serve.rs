//! Use case: the site is served over HTTP.

use std::net::SocketAddr;

use seaworthy_host::serve::{FolderServer, ServeLimits};

use super::{Home, HomeError};

impl Home {
    /// A server of the site, bound to its address; [`FolderServer::run`] serves. Links that lead out of the site are not followed.
    ///
    /// # Errors
    /// When nothing is published yet, or the address cannot be used.
    pub fn server(&self, listen: SocketAddr) -> Result<FolderServer, HomeError> {
        let site = self.site();
        if site.current()?.is_none() {
            return Err(HomeError::NothingPublished(site.dir().to_owned()));
        }
        Ok(FolderServer::bind(listen, &site.www(), site.dir(), ServeLimits::default())?)
    }
}
