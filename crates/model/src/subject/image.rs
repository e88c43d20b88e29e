//! The node images that were released.

use std::collections::BTreeMap;
use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::recorded::{Recorded, SubjectId, indexed, latest};

/// The release of an image.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImageReleased {
    /// The version of the image.
    pub image: String,
    /// The kind of the image.
    pub sku: String,
    /// The time at which it was built.
    pub built: Timestamp,
    /// The number of packages on it.
    pub packages: u32,
    /// The numbers of cases that the image fixed, still has and brought in, by the name of the count.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub counts: BTreeMap<String, u64>,
}

impl ImageReleased {
    /// The subject of all images together, which a publication that lists them has read.
    #[must_use]
    pub fn all() -> SubjectId {
        SubjectId::new("images", "")
    }
}

latest!(ImageReleased: "image" by |key: (String, String)| format!("{} {}", key.0, key.1));

impl Recorded for ImageReleased {
    const KIND: &'static str = "image_released";
    type Subject = Self;

    fn key(&self) -> (String, String) {
        (self.sku.clone(), self.image.clone())
    }

    fn happened(&self) -> Self {
        self.clone()
    }

    fn filed(&self) -> Option<String> {
        Some(indexed(&format!("{} {}", self.sku, self.image)))
    }

    fn concerns(&self) -> Vec<SubjectId> {
        vec![Self::all()]
    }
}

impl fmt::Display for ImageReleased {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "image {} {} released, built {}, {} packages", self.sku, self.image, self.built, self.packages)?;
        self.counts.iter().try_for_each(|(name, n)| write!(f, ", {n} {}", name.replace('_', " ")))
    }
}
