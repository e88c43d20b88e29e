//! Addresses: parsing, joining, and hiding their secrets.

pub use reqwest::Url;

use super::error::{Failure, HttpError};

/// The longest address in a message, in characters.
const SHOWN: usize = 200;

/// The http or https address in a text.
///
/// # Errors
/// When the text is no address, or one of another scheme.
pub fn parse(text: &str) -> Result<Url, HttpError> {
    let refuse = |detail: String| HttpError { address: shown_text(text), tries: 0, failure: Failure::Address(detail) };
    let url = Url::parse(text).map_err(|e| refuse(e.to_string()))?;
    if matches!(url.scheme(), "http" | "https") { Ok(url) } else { Err(refuse(format!("the scheme is {:?}", url.scheme()))) }
}

/// The address of a file below another. `path` is relative, with slashes; each part of it is taken literally, and none leads above the
/// base.
///
/// ```
/// use seaworthy_host::http::{below, parse};
///
/// let base = parse("https://mirror.example/3.0/?token=abc")?;
/// assert_eq!(below(&base, "repodata/../a b").as_str(), "https://mirror.example/3.0/repodata/a%20b?token=abc");
/// # Ok::<(), seaworthy_host::http::HttpError>(())
/// ```
#[must_use]
pub fn below(base: &Url, path: &str) -> Url {
    let mut url = base.clone();
    // Every http or https address takes a path; `..` is passed over.
    if let Ok(mut parts) = url.path_segments_mut() {
        parts.pop_if_empty().extend(path.split('/'));
    }
    url
}

/// An address for messages: without user, password and query, any of which may be secret.
pub(super) fn shown(url: &Url) -> String {
    let user = if url.username().is_empty() && url.password().is_none() { "" } else { "***@" };
    let port = url.port().map(|port| format!(":{port}")).unwrap_or_default();
    let query = if url.query().is_some() { "?***" } else { "" };
    format!("{}://{user}{}{port}{}{query}", url.scheme(), url.host_str().unwrap_or_default(), url.path())
}

/// A text that is no address, for messages: without anything that may be a user, a password or a query.
fn shown_text(text: &str) -> String {
    let (text, query) = text.split_once(['?', '#']).map_or((text, ""), |(before, _)| (before, "?***"));
    let (scheme, rest) = text.split_once("://").map_or((None, text), |(scheme, rest)| (Some(scheme), rest));
    let (user, rest) = rest.rsplit_once('@').map_or(("", rest), |(_, rest)| ("***@", rest));
    let scheme = scheme.map(|scheme| format!("{scheme}://")).unwrap_or_default();
    format!("{scheme}{user}{rest}{query}").chars().take(SHOWN).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_shown_without_its_secrets() {
        for (address, words) in [
            ("https://mirror.example/3.0/a@b", "https://mirror.example/3.0/a@b"),
            ("https://ci:hunter2@mirror.example:8443/3.0/?sig=hunter2#hunter2", "https://***@mirror.example:8443/3.0/?***"),
            ("https://hunter2@mirror.example", "https://***@mirror.example/"),
            ("http://[::1]:80/x", "http://[::1]/x"),
        ] {
            assert_eq!(shown(&parse(address).unwrap()), words);
        }
    }

    #[test]
    fn what_is_no_address_is_refused_without_its_secrets() {
        for (text, words) in [
            ("https://ci:hunter2@", "https://***@"),
            ("https://ci:hunter2/3@mirror.example:x/?hunter2", "https://***@mirror.example:x/?***"),
            ("ftp://ci:hunter2@mirror.example/", "ftp://***@mirror.example/"),
            ("ci:hunter2@mirror.example/#hunter2", "***@mirror.example/?***"),
        ] {
            let error = parse(text).unwrap_err();
            assert!(matches!(error.failure, Failure::Address(_)));
            assert_eq!(error.address, words);
            assert!(!error.to_string().contains("hunter2"), "{error}");
        }
    }
}
