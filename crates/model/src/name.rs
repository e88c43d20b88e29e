use std::borrow::Borrow;
use std::fmt;
use std::ops::Deref;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::subject::{Unfit, check_name};

/// A name that the log can keep: one line of 1 to [`NAME_LIMIT`](crate::subject::NAME_LIMIT) bytes without a control character.
macro_rules! name {
    ($(#[$doc:meta])* $name:ident, $what:literal) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            /// The text of the name.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl TryFrom<String> for $name {
            type Error = Unfit;

            fn try_from(text: String) -> Result<Self, Unfit> {
                if text.is_empty() {
                    return Err(Unfit::Missing(concat!($what, " has no name")));
                }
                check_name($what, &text)?;
                Ok(Self(text))
            }
        }

        impl FromStr for $name {
            type Err = Unfit;

            fn from_str(text: &str) -> Result<Self, Unfit> {
                Self::try_from(text.to_owned())
            }
        }

        impl From<$name> for String {
            fn from(name: $name) -> Self {
                name.0
            }
        }

        impl Deref for $name {
            type Target = str;

            fn deref(&self) -> &str {
                &self.0
            }
        }

        impl Borrow<str> for $name {
            fn borrow(&self) -> &str {
                &self.0
            }
        }

        impl AsRef<str> for $name {
            fn as_ref(&self) -> &str {
                &self.0
            }
        }

        impl PartialEq<str> for $name {
            fn eq(&self, other: &str) -> bool {
                self.0 == other
            }
        }

        impl PartialEq<&str> for $name {
            fn eq(&self, other: &&str) -> bool {
                self.0 == *other
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(&self.0)
            }
        }
    };
}

name!(
    /// The name of a source package.
    PackageName,
    "the package"
);

name!(
    /// A release line of the distribution, such as `3.0`.
    ReleaseLine,
    "the line"
);

impl Default for ReleaseLine {
    /// The release line of a distribution that names none.
    fn default() -> Self {
        Self("default".to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_one_line_of_text() {
        let long = "a".repeat(257);
        let rows = [
            ("openssl", true),
            ("gcc-c++", true),
            ("\u{e9}t\u{e9}", true),
            (&long[1..], true),
            (&long, false),
            ("", false),
            ("a\nb", false),
            ("a\u{1b}[2J", false),
        ];
        for (text, fits) in rows {
            assert_eq!(text.parse::<PackageName>().is_ok(), fits, "{text:?}");
            let json = serde_json::to_string(text).unwrap();
            let read: Result<ReleaseLine, _> = serde_json::from_str(&json);
            assert_eq!(read.is_ok(), fits, "{text:?} in JSON");
            if let Ok(read) = read {
                assert_eq!(serde_json::to_string(&read).unwrap(), json);
            }
        }
    }
}
