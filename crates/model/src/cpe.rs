use std::borrow::Cow;
use std::fmt;

/// The `part` component of a CPE name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum CpePart {
    /// `a`: an application.
    Application,
    /// `o`: an operating system.
    OperatingSystem,
    /// `h`: a hardware device.
    Hardware,
    /// `*` or `-`: any part. Published records have it; it matches no product that is shipped.
    Any,
}

impl CpePart {
    /// The letter of the formatted string; `*` for [`CpePart::Any`].
    #[must_use]
    pub fn letter(self) -> char {
        match self {
            Self::Application => 'a',
            Self::OperatingSystem => 'o',
            Self::Hardware => 'h',
            Self::Any => '*',
        }
    }
}

/// A component of a CPE name, without escapes.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum CpeAttribute<'a> {
    /// `*`: any value.
    Any,
    /// `-`: not applicable; as a version: not named.
    Na,
    /// A value, without the backslashes of the formatted string.
    Value(Cow<'a, str>),
}

impl<'a> CpeAttribute<'a> {
    /// The value; `None` for any and not applicable.
    #[must_use]
    pub fn value(&self) -> Option<&str> {
        match self {
            Self::Value(v) => Some(v),
            _ => None,
        }
    }

    fn parse(text: &'a str) -> Self {
        match text {
            "*" => Self::Any,
            "-" => Self::Na,
            _ if !text.contains('\\') => Self::Value(Cow::Borrowed(text)),
            _ => {
                let mut out = String::with_capacity(text.len());
                let mut chars = text.chars();
                while let Some(c) = chars.next() {
                    out.push(if c == '\\' { chars.next().unwrap_or('\\') } else { c });
                }
                Self::Value(Cow::Owned(out))
            }
        }
    }

    fn write(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        use fmt::Write as _;
        match self {
            Self::Any => f.write_char('*'),
            Self::Na => f.write_char('-'),
            // A lone dash is a value only when escaped.
            Self::Value(v) if v == "-" => f.write_str("\\-"),
            Self::Value(v) => {
                for c in v.chars() {
                    if c.is_ascii_punctuation() && !matches!(c, '.' | '-' | '_') {
                        f.write_char('\\')?;
                    }
                    f.write_char(c)?;
                }
                Ok(())
            }
        }
    }
}

/// A CPE 2.3 name after NISTIR 7695: the formatted string binding `cpe:2.3:part:vendor:product:version:...` with eleven components. Colons
/// and other punctuation inside a component are escaped by a backslash.
///
/// ```
/// use seaworthy_model::CpeName;
/// let text = r"cpe:2.3:a:openbsd:openssh:9.8:p1:*:*:*:*:*:*";
/// let cpe = CpeName::parse(text)?;
/// assert_eq!((cpe.vendor.value(), cpe.update.value()), (Some("openbsd"), Some("p1")));
/// assert_eq!(cpe.to_string(), text);
/// # Ok::<(), seaworthy_model::CpeError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[allow(missing_docs)] // the components carry the standard's names
pub struct CpeName<'a> {
    pub part: CpePart,
    pub vendor: CpeAttribute<'a>,
    pub product: CpeAttribute<'a>,
    pub version: CpeAttribute<'a>,
    pub update: CpeAttribute<'a>,
    pub edition: CpeAttribute<'a>,
    pub language: CpeAttribute<'a>,
    pub sw_edition: CpeAttribute<'a>,
    pub target_sw: CpeAttribute<'a>,
    pub target_hw: CpeAttribute<'a>,
    pub other: CpeAttribute<'a>,
}

/// The refusal of a text that is no CPE name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{text:?} is not a CPE 2.3 name: {why}")]
pub struct CpeError {
    /// The refused text, cut to 200 characters.
    pub text: String,
    why: &'static str,
}

impl<'a> CpeName<'a> {
    /// Parses a formatted string, or the older URI binding `cpe:/a:vendor:product:version:update:edition:language`.
    ///
    /// # Errors
    /// When the text has another prefix, an unknown part, a broken escape, an empty component or another number of components than the
    /// standard.
    pub fn parse(text: &'a str) -> Result<Self, CpeError> {
        let refuse = |why| CpeError { text: text.chars().take(200).collect(), why };
        if let Some(uri) = text.strip_prefix("cpe:/") {
            return Self::parse_uri(uri).ok_or_else(|| refuse("expected cpe:/ and a part of a, o or h"));
        }
        let body = text.strip_prefix("cpe:2.3:").ok_or_else(|| refuse("expected cpe:2.3: at its start"))?;
        let mut parts = [""; 11];
        let (mut count, mut start, mut at) = (0, 0, 0);
        let bytes = body.as_bytes();
        loop {
            match bytes.get(at) {
                Some(b'\\') => at += 2,
                Some(b':') | None => {
                    // An escape at the very end may step past it, or into a character: both are bad names.
                    let part = body.get(start..at.min(bytes.len())).ok_or_else(|| refuse("a broken escape"))?;
                    *parts.get_mut(count).ok_or_else(|| refuse("more than eleven components"))? = part;
                    count += 1;
                    if at >= bytes.len() {
                        break;
                    }
                    at += 1;
                    start = at;
                }
                Some(_) => at += 1,
            }
        }
        if count != 11 {
            return Err(refuse("fewer than eleven components"));
        }
        if parts.iter().any(|p| p.is_empty()) {
            return Err(refuse("an empty component; write * for any value"));
        }
        let part = match parts[0] {
            "a" => CpePart::Application,
            "o" => CpePart::OperatingSystem,
            "h" => CpePart::Hardware,
            "*" | "-" => CpePart::Any,
            _ => return Err(refuse("the part is not a, o or h")),
        };
        let [_, vendor, product, version, update, edition, language, sw_edition, target_sw, target_hw, other] =
            parts.map(CpeAttribute::parse);
        Ok(Self { part, vendor, product, version, update, edition, language, sw_edition, target_sw, target_hw, other })
    }

    fn parse_uri(uri: &'a str) -> Option<Self> {
        let mut parts = uri.split(':');
        let part = match parts.next()? {
            "a" => CpePart::Application,
            "o" => CpePart::OperatingSystem,
            "h" => CpePart::Hardware,
            _ => return None,
        };
        let mut next = || match parts.next() {
            None | Some("") => CpeAttribute::Any,
            Some("-") => CpeAttribute::Na,
            Some(text) => CpeAttribute::Value(percent_decoded(text)),
        };
        let (vendor, product, version, update, edition, language) = (next(), next(), next(), next(), next(), next());
        let any = || CpeAttribute::Any;
        Some(Self {
            part,
            vendor,
            product,
            version,
            update,
            edition,
            language,
            sw_edition: any(),
            target_sw: any(),
            target_hw: any(),
            other: any(),
        })
    }
}

fn percent_decoded(text: &str) -> Cow<'_, str> {
    if !text.contains('%') {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('%') {
        out.push_str(before);
        match after.get(..2).and_then(|hex| u8::from_str_radix(hex, 16).ok()) {
            Some(byte) if byte.is_ascii() => {
                out.push(char::from(byte));
                rest = &after[2..];
            }
            _ => {
                out.push('%');
                rest = after;
            }
        }
    }
    out.push_str(rest);
    Cow::Owned(out)
}

impl fmt::Display for CpeName<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "cpe:2.3:{}", self.part.letter())?;
        for attribute in [
            &self.vendor,
            &self.product,
            &self.version,
            &self.update,
            &self.edition,
            &self.language,
            &self.sw_edition,
            &self.target_sw,
            &self.target_hw,
            &self.other,
        ] {
            f.write_str(":")?;
            attribute.write(f)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn escapes_are_real() {
        let text = r"cpe:2.3:a:apache:xerces-c\+\+:3.2.4:*:*:*:*:*:*:*";
        let cpe = CpeName::parse(text).unwrap();
        assert_eq!(cpe.product.value(), Some("xerces-c++"));
        assert_eq!(cpe.to_string(), text);
        let colon = CpeName::parse(r"cpe:2.3:a:perl:a\:\:b:-:*:*:*:*:perl:*:*").unwrap();
        assert_eq!(colon.product.value(), Some("a::b"));
        assert_eq!(colon.version, CpeAttribute::Na);
    }

    #[test]
    fn the_older_binding_is_read() {
        let cpe = CpeName::parse("cpe:/a:gnu:bash%2b:5.2").unwrap();
        assert_eq!((cpe.product.value(), cpe.version.value(), cpe.target_sw.value()), (Some("bash+"), Some("5.2"), None));
    }

    #[test]
    fn refusals_say_why() {
        for (text, why) in [
            ("cpe:2.2:a:b", "cpe:2.3:"),
            ("cpe:2.3:a:b:c", "fewer"),
            ("cpe:2.3:x:b:c:*:*:*:*:*:*:*:*", "part"),
            ("cpe:2.3:a:b:c:*:*:*:*:*:*:*:*:*", "more"),
            ("cpe:2.3:a:b:c:::*:*:*:*:*:*", "empty"),
        ] {
            let error = CpeName::parse(text).unwrap_err().to_string();
            assert!(error.contains(why), "{error}");
        }
    }

    proptest! {
        #[test]
        fn prints_what_it_parsed(values in prop::collection::vec("[a-zé0-9._:+!\\\\*-]{1,12}", 10)) {
            let value = |i: usize| CpeAttribute::Value(Cow::Owned::<str>(values[i].clone()));
            let cpe = CpeName {
                part: CpePart::Application, vendor: value(0), product: value(1), version: value(2), update: value(3), edition: value(4),
                language: value(5), sw_edition: value(6), target_sw: value(7), target_hw: value(8), other: value(9),
            };
            let text = cpe.to_string();
            prop_assert_eq!(CpeName::parse(&text).unwrap(), cpe);
        }

        #[test]
        fn any_text_is_read_without_panic(text in "\\PC{0,80}") {
            let _ = CpeName::parse(&text);
            let _ = CpeName::parse(&format!("cpe:2.3:a:{text}"));
            let _ = CpeName::parse(&format!("cpe:/a:{text}"));
        }
    }
}
