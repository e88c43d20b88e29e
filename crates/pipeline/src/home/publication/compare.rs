//! Use case: two publications are compared.

use std::collections::{BTreeMap, BTreeSet};

use seaworthy_model::Nevra;
use seaworthy_publish::press::difference;
use seaworthy_publish::site::Index;

use super::publisher::Publisher;
use crate::home::{Home, HomeError, PublicationError};

/// The differences between two publications.
#[derive(Clone, Debug, PartialEq)]
pub struct PublicationDifference {
    /// The id of the older one.
    pub from: String,
    /// The id of the newer one.
    pub to: String,
    /// The packages that differ, by channel.
    pub channels: BTreeMap<String, ChannelDifference>,
    /// The paths of the documents that differ.
    pub documents: Vec<String>,
}

/// The packages of a channel that differ.
#[derive(Clone, Debug, PartialEq)]
pub struct ChannelDifference {
    /// The packages that were added.
    pub added: Vec<Nevra>,
    /// The packages that were removed.
    pub removed: Vec<Nevra>,
}

impl Home {
    /// Compares two publications: the one in force where `to` is not named, and the one before that where `from` is not.
    ///
    /// # Errors
    /// When nothing is published, a publication is not kept any more, or there is none before `to`.
    pub fn compare_publications(&self, from: Option<&str>, to: Option<&str>) -> Result<PublicationDifference, HomeError> {
        let publisher = Publisher::open(self, None)?;
        let current = publisher.site.current()?.ok_or(PublicationError::NothingPublished)?;
        let to = to.unwrap_or(&current);
        let from = match from {
            Some(from) => Some(from.to_owned()),
            None => publisher.site.publications()?.into_iter().rfind(|id| id.as_str() < to),
        };
        let read = |id: &str| -> Result<Index, HomeError> {
            Ok(publisher.site.index(id)?.ok_or_else(|| PublicationError::NoPublication { id: id.to_owned() })?)
        };
        let new = read(to)?;
        let from = from.ok_or_else(|| PublicationError::OnlyPublication { id: to.to_owned() })?;
        let old = read(&from)?;
        let packages = publisher.packages();
        let names: BTreeSet<&String> = old.channels.keys().chain(new.channels.keys()).collect();
        let mut channels = BTreeMap::new();
        for name in names {
            let contents = |index: &Index| index.channels.get(name).map(|s| packages.contents(s)).transpose();
            let (added, removed) = difference(&contents(&old)?.unwrap_or_default(), &contents(&new)?.unwrap_or_default());
            channels.insert(name.clone(), ChannelDifference { added, removed });
        }
        Ok(PublicationDifference { documents: publisher.site.changed(&old, &new)?, to: to.to_owned(), from, channels })
    }
}
