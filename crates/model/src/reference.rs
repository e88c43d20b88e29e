use std::borrow::Cow;
use std::collections::HashMap;

use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};
use serde::{Deserialize, Serialize};

use crate::text::masked;

/// The characters that no path, query or fragment of an address has as they are (RFC 3986, sections 2 and 3.3 to 3.5); those outside of
/// ASCII are none either. A `%` that begins no encoded character is treated apart.
const ENCODED: &AsciiSet =
    &CONTROLS.add(b' ').add(b'"').add(b'<').add(b'>').add(b'[').add(b'\\').add(b']').add(b'^').add(b'`').add(b'{').add(b'|').add(b'}');

/// The kind of what a reference leads to. The order is that in which references are shown: what helps to act comes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReferenceKind {
    /// The change that fixes the flaw.
    Patch,
    /// An advisory of a vendor, a coordinator or an authority.
    Advisory,
    /// Steps against the flaw for who cannot take the fix.
    Mitigation,
    /// A demonstration of the flaw, or a program that uses it.
    Exploit,
    /// The notes of a release.
    ReleaseNotes,
    /// A report in a tracker of issues.
    Report,
    /// A discussion, as on a mailing list.
    Discussion,
    /// A technical description, or news.
    Article,
    /// An address that does not lead there any more, or leads to something else by now.
    Broken,
}

impl ReferenceKind {
    /// The kind by a tag of NVD (`Vendor Advisory`) or the CVE List (`vendor-advisory`), or a type of OSV (`ADVISORY`); `None` for those
    /// that say nothing of what is there, or that nobody knows.
    ///
    /// Their words: <https://nvd.nist.gov/vuln> (reference tags), <https://github.com/CVEProject/cve-schema> (`tags/reference-tags.json`),
    /// <https://ossf.github.io/osv-schema/#references-field>.
    #[must_use]
    pub fn of_tag(tag: &str) -> Option<Self> {
        Some(match tag.to_ascii_lowercase().replace([' ', '/'], "-").as_str() {
            "patch" | "fix" => Self::Patch,
            "advisory" | "vendor-advisory" | "third-party-advisory" | "government-resource" | "us-government-resource" => Self::Advisory,
            "mitigation" => Self::Mitigation,
            "exploit" | "evidence" => Self::Exploit,
            "release-notes" => Self::ReleaseNotes,
            "issue-tracking" | "report" => Self::Report,
            "mailing-list" | "discussion" => Self::Discussion,
            "technical-description" | "press-media-coverage" | "media-coverage" | "article" => Self::Article,
            "broken-link" | "url-repurposed" => Self::Broken,
            _ => return None,
        })
    }

    /// The word in documents and in the log.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Patch => "patch",
            Self::Advisory => "advisory",
            Self::Mitigation => "mitigation",
            Self::Exploit => "exploit",
            Self::ReleaseNotes => "release_notes",
            Self::Report => "report",
            Self::Discussion => "discussion",
            Self::Article => "article",
            Self::Broken => "broken",
        }
    }

    /// The words for people.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::ReleaseNotes => "release notes",
            Self::Broken => "broken link",
            other => other.as_str(),
        }
    }
}

/// A reference of a record: an address, and what is there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reference {
    /// The address: `http`, `https` or `ftp`, as RFC 3986 has it, without secrets. It may stand in a link as it is.
    pub url: String,
    /// The kinds of what is there, in their order; empty where the record says nothing of it.
    #[serde(default)]
    pub kinds: Vec<ReferenceKind>,
}

impl Reference {
    /// The greatest length of an address, in bytes. A longer one is left out: a part of it leads elsewhere.
    pub const LONGEST: usize = 500;
    /// The greatest number of references of a record, and of an advisory. Of 209,000 records of NVD 1,089 have more.
    pub const MOST: usize = 32;

    /// The reference of a record; `None` where its address is of another scheme, has no host, is too long, or has a part that looks like a
    /// secret: without it the address leads elsewhere, as a shortened one does.
    ///
    /// ```
    /// use seaworthy_model::{Reference, ReferenceKind};
    ///
    /// let patch = Reference::of(" https://git.example.org/a b ", [ReferenceKind::Patch]).unwrap();
    /// assert_eq!(patch.url, "https://git.example.org/a%20b");
    /// assert_eq!(Reference::of("javascript:alert(1)", []), None);
    /// assert_eq!(Reference::of("https://git.example.org/?token=x", []), None);
    /// ```
    #[must_use]
    pub fn of(url: &str, kinds: impl IntoIterator<Item = ReferenceKind>) -> Option<Self> {
        let url = url.trim();
        if url.len() > Self::LONGEST {
            return None;
        }
        let (scheme, rest) = url.split_once("://")?;
        let (authority, path) = rest.split_at(rest.find(['/', '?', '#', '\\']).unwrap_or(rest.len()));
        // Browsers take it for a slash, other readers for a part of the host.
        if path.starts_with('\\') {
            return None;
        }
        let known = ["https", "http", "ftp"].iter().any(|known| scheme.eq_ignore_ascii_case(known));
        if !known || !has_host(authority) {
            return None;
        }
        let encoded = format!("{scheme}://{authority}{}", encoded(path));
        let Cow::Borrowed(_) = masked(&encoded) else { return None };
        let url = encoded;
        let mut kinds: Vec<ReferenceKind> = kinds.into_iter().collect();
        kinds.sort_unstable();
        kinds.dedup();
        (url.len() <= Self::LONGEST).then_some(Self { url, kinds })
    }

    /// References in the order of their kinds, each address once with all its kinds, those of no known kind behind the others and broken
    /// ones last; no more than [`Reference::MOST`].
    #[must_use]
    pub fn gathered(references: impl IntoIterator<Item = Self>) -> Vec<Self> {
        let mut all: Vec<Self> = Vec::new();
        // A hostile record may have a million of them.
        let mut places: HashMap<String, usize> = HashMap::new();
        for reference in references {
            match places.get(&reference.url).and_then(|place| all.get_mut(*place)) {
                Some(known) => {
                    known.kinds.extend(reference.kinds);
                    known.kinds.sort_unstable();
                    known.kinds.dedup();
                }
                None => {
                    places.insert(reference.url.clone(), all.len());
                    all.push(reference);
                }
            }
        }
        // The sort is stable: what is alike keeps the order of the record.
        all.sort_by_key(|reference| (reference.is_broken(), reference.kinds.first().copied().unwrap_or(ReferenceKind::Broken)));
        all.truncate(Self::MOST);
        all
    }

    /// Whether the address does not lead to what it led to.
    #[must_use]
    pub fn is_broken(&self) -> bool {
        self.kinds.contains(&ReferenceKind::Broken)
    }

    /// The kinds in words, such as `patch, report`; empty where there are none.
    #[must_use]
    pub fn words(&self) -> String {
        self.kinds.iter().map(|kind| kind.words()).collect::<Vec<_>>().join(", ")
    }
}

/// Whether the authority of an address has a host, with a port or without, in ASCII and without a user: a name in other characters is
/// not the name that is looked up.
fn has_host(authority: &str) -> bool {
    let (host, port) = match authority.rsplit_once(':') {
        Some((host, port)) if !port.contains(']') => (host, port),
        _ => (authority, ""),
    };
    let name = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).map_or(host, |address| address.trim_start_matches(':'));
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~:".contains(&byte);
    let is_address = host.starts_with('[');
    !name.is_empty() && name.bytes().all(is_plain) && (is_address || !name.contains(':')) && port.bytes().all(|byte| byte.is_ascii_digit())
}

/// The path, query and fragment of an address, with all characters encoded that they cannot have.
fn encoded(path: &str) -> String {
    let whole = utf8_percent_encode(path, ENCODED).to_string();
    let mut out = String::with_capacity(whole.len());
    let mut is_fragment = false;
    for (i, c) in whole.char_indices() {
        let begins_encoded = || whole.get(i + 1..i + 3).is_some_and(|hex| hex.bytes().all(|byte| byte.is_ascii_hexdigit()));
        match c {
            '%' if !begins_encoded() => out.push_str("%25"),
            '#' if is_fragment => out.push_str("%23"),
            _ => out.push(c),
        }
        is_fragment |= c == '#';
    }
    out
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn an_address_is_one_that_can_stand_in_a_link() {
        for (url, wanted) in [
            ("https://acme.example.org/1", Some("https://acme.example.org/1")),
            ("FTP://acme.example.org/1", Some("FTP://acme.example.org/1")),
            ("http://acme.example.org/a\u{202e}b\n\"><x", Some("http://acme.example.org/a%E2%80%AEb%0A%22%3E%3Cx")),
            ("https://acme.example.org:8080/a%20b?c=%zz&d=%#e#f", Some("https://acme.example.org:8080/a%20b?c=%25zz&d=%25#e%23f")),
            ("https://acme.example.org/[2021]-[1]", Some("https://acme.example.org/%5B2021%5D-%5B1%5D")),
            ("https://[2001:db8::1]:8080/a", Some("https://[2001:db8::1]:8080/a")),
            ("https://acme.example.org?a", Some("https://acme.example.org?a")),
            ("https://u:p@acme.example.org/", None),
            ("https://acme.example.org/?sig=1", None),
            ("https://acme.example.org/document.do?assetkey=1-26-1", None),
            ("http://acme.example.org\\", None),
            ("http://acme.example.org\\@other.example.org/", None),
            ("https://:80/x", None),
            ("https://@/", None),
            ("https://acme.example.org:x/", None),
            ("https://\u{e4}.example.org/", None),
            ("https://a[b/", None),
            ("javascript:alert(1)", None),
            ("javascript://acme.example.org/%0aalert(1)", None),
            ("data:text/html,x", None),
            ("https://", None),
            ("https:///etc/passwd", None),
            ("//acme.example.org", None),
            ("acme.example.org", None),
            ("", None),
        ] {
            assert_eq!(Reference::of(url, []).as_ref().map(|r| r.url.as_str()), wanted, "{url}");
        }
        assert!(Reference::of(&format!("https://a/{}", "x".repeat(490)), []).is_some());
        assert!(Reference::of(&format!("https://a/{}", "x".repeat(491)), []).is_none());
        assert!(Reference::of(&format!("https://a/{}", " ".repeat(300) + "x"), []).is_none(), "too long once it is encoded");
    }

    #[test]
    fn a_kind_is_called_in_documents_as_in_the_log() {
        let kinds =
            ["patch", "fix", "advisory", "mitigation", "exploit", "release notes", "report", "discussion", "article", "Broken Link"];
        for kind in kinds.map(|tag| ReferenceKind::of_tag(tag).unwrap()) {
            assert_eq!(serde_json::to_value(kind).unwrap(), kind.as_str());
        }
    }

    #[test]
    fn references_are_gathered_by_what_helps_to_act() {
        let reference = |url: &str, kinds: &[ReferenceKind]| Reference { url: url.into(), kinds: kinds.to_vec() };
        let gathered = Reference::gathered([
            reference("https://a/news", &[ReferenceKind::Article]),
            reference("https://a/gone", &[ReferenceKind::Patch, ReferenceKind::Broken]),
            reference("https://a/1", &[]),
            reference("https://a/fix", &[ReferenceKind::Report]),
            reference("https://a/2", &[]),
            reference("https://a/fix", &[ReferenceKind::Patch]),
        ]);
        let shown: Vec<String> = gathered.iter().map(|r| format!("{} {}", r.url, r.words())).collect();
        assert_eq!(
            shown,
            ["https://a/fix patch, report", "https://a/news article", "https://a/1 ", "https://a/2 ", "https://a/gone patch, broken link"]
        );
        let many = (0..1000).map(|n| reference(&format!("https://a/{n}"), &[]));
        let gathered = Reference::gathered(many.chain([reference("https://a/fix", &[ReferenceKind::Patch])]));
        assert_eq!((gathered.len(), gathered[0].url.as_str()), (Reference::MOST, "https://a/fix"), "what helps to act stays");
    }

    proptest! {
        #[test]
        fn any_address_is_safe_and_stays(url in "(https?|ftp|[a-z]{1,3})://\\PC{0,40}|\\PC{0,40}") {
            if let Some(reference) = Reference::of(&url, []) {
                prop_assert!(reference.url.bytes().all(|b| b.is_ascii_graphic() && !b"\"<>\\^`{|}".contains(&b)), "{}", reference.url);
                prop_assert!(reference.url.matches('#').count() < 2, "{}", reference.url);
                prop_assert!(Reference::of(&reference.url, []) == Some(reference.clone()), "{}", reference.url);
                prop_assert_eq!(masked(&reference.url), reference.url.as_str());
            }
        }
    }
}
