use jiff::Timestamp;
use seaworthy_model::Digest;

/// The `.meta` file beside an NVD feed (<https://nvd.nist.gov/vuln/data-feeds>): lines of `key:value`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Meta {
    /// The time of the last change of the feed; `None` where it is missing or no time.
    pub last_modified: Option<Timestamp>,
    /// The size of the uncompressed JSON in bytes.
    pub size: Option<u64>,
    /// The size of the `.gz` in bytes.
    pub gz_size: Option<u64>,
    /// The digest of the uncompressed JSON.
    pub sha256: Digest,
}

impl Meta {
    /// The values in the text of a `.meta`; unknown keys are ignored, so that a new one breaks nothing. `None` without a digest, where
    /// there is nothing to compare with (most likely the text is the error page of a proxy).
    ///
    /// ```
    /// use seaworthy_intelligence::fetch::Meta;
    /// let meta = Meta::parse(&format!("lastModifiedDate:2026-11-24T03:00:02-05:00\r\nsize:12\r\ngzSize:9\r\nsha256:{}\r\n", "AB".repeat(32)));
    /// assert_eq!(meta.map(|m| (m.size, m.sha256.hex().len())), Some((Some(12), 64)));
    /// ```
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let value = |key: &str| text.lines().filter_map(|line| line.split_once(':')).find(|(k, _)| k.trim() == key).map(|(_, v)| v.trim());
        Some(Self {
            last_modified: value("lastModifiedDate").and_then(|v| v.parse().ok()),
            size: value("size").and_then(|v| v.parse().ok()),
            gz_size: value("gzSize").and_then(|v| v.parse().ok()),
            // NVD writes the digest in capitals.
            sha256: value("sha256")?.to_ascii_lowercase().parse().ok()?,
        })
    }
}
