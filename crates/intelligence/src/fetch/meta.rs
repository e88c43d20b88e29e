use jiff::Timestamp;
use seaworthy_model::Digest;

/// The `.meta` file beside an NVD feed (<https://nvd.nist.gov/vuln/data-feeds>): lines of `key:value`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Meta {
    /// When the feed last changed.
    pub last_modified: Option<Timestamp>,
    /// Bytes of the uncompressed JSON.
    pub size: Option<u64>,
    /// Bytes of the `.gz`.
    pub gz_size: Option<u64>,
    /// Digest of the uncompressed JSON.
    pub sha256: Digest,
}

impl Meta {
    /// Reads the text; keys that are not known are passed over, so that a new one breaks nothing. Without a digest
    /// there is nothing to check or compare by, and the answer is `None` (a proxy's error page, most likely).
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
