//! The copy of the site in an S3-style store, where the settings name one.

use seaworthy_publish::bucket::{Access, Bucket, Pushed};
use seaworthy_publish::site::Site;
use serde::Serialize;

use crate::home::{Home, HomeError, PublicationError, PublishSettings, Stage};

/// The store after a publication was sent to it.
#[derive(Clone, Debug, PartialEq)]
pub struct StoreState {
    /// The address of the store.
    pub address: String,
    /// The numbers of objects and bytes that were sent and removed.
    pub pushed: Pushed,
}

/// The result of comparing a store with the publication in force.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct StoreComparison {
    /// The address of the store.
    pub address: String,
    /// The number of objects that were compared.
    pub objects: usize,
    /// Whether they were compared byte by byte.
    pub deep: bool,
    /// The differences, in words.
    pub wrong: Vec<String>,
}

/// The store that the settings name.
pub(super) struct Target {
    address: String,
    bucket: Bucket,
}

impl Target {
    /// The store of the settings; `None` where they name none. No request is made yet.
    pub(super) fn open(settings: &PublishSettings) -> Result<Option<Self>, HomeError> {
        let Some(address) = settings.store.clone() else { return Ok(None) };
        let variable = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
        let (Some(key), Some(secret)) = (variable("AWS_ACCESS_KEY_ID"), variable("AWS_SECRET_ACCESS_KEY")) else {
            return Err(PublicationError::NoCredentials { address }.into());
        };
        let access = Access {
            endpoint: variable("AWS_ENDPOINT_URL_S3").or_else(|| variable("AWS_ENDPOINT_URL")),
            region: variable("AWS_REGION").or_else(|| variable("AWS_DEFAULT_REGION")),
            token: variable("AWS_SESSION_TOKEN"),
            key,
            secret,
        };
        Ok(Some(Self { bucket: Bucket::new(&address, &access)?, address }))
    }

    /// Sends a publication to the store, and removes objects that are not part of the site any more.
    pub(super) fn push(&self, home: &Home, site: &Site, id: &str) -> Result<StoreState, HomeError> {
        let Self { address, bucket } = self;
        home.stage(&Stage::Sending { store: address, publication: id });
        let pushed = bucket.push(site, id, &|done, all| home.stage(&Stage::Sent { store: address, done, all }));
        match pushed {
            Ok(pushed) => Ok(StoreState { address: address.clone(), pushed }),
            Err(source) => Err(PublicationError::Store { address: address.clone(), id: id.to_owned(), source }.into()),
        }
    }

    /// Compares the store with a publication; with `deep` byte by byte.
    pub(super) fn compare(&self, home: &Home, site: &Site, id: &str, deep: bool) -> Result<StoreComparison, HomeError> {
        let Self { address, bucket } = self;
        home.stage(&Stage::Comparing(address));
        let compared = bucket.check(site, id, deep);
        let (objects, wrong) = compared.map_err(|source| PublicationError::StoreComparison { address: address.clone(), source })?;
        Ok(StoreComparison { address: address.clone(), objects, deep, wrong })
    }
}
