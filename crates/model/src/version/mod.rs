//! Upstream versions, their order, and ranges of them.

mod range;

use std::cmp::Ordering;

pub use range::{Bound, VersionRange};

use crate::purl::is_of_distribution;

/// A version in an upstream project's own words (`1.1.1k`, `9.8p1`, `2.0-rc1`, `2024a`), ready to be compared.
///
/// There is no one scheme upstream, so [`Order::Upstream`] is the order that most projects share: numbers compare as numbers and trailing
/// zeros do not count (`1.0` is `1.0.0`); the words of a pre-release (dev, alpha, beta, pre, rc) come before the version they lead to; any
/// other word or letter (`k`, `p1`, `post2`) comes after it, but before a further number. The words of a patch level are one word
/// (`1.9.5-patch2` is `1.9.5p2`).
///
/// What RPM adds to an upstream version is read as RPM reads it (rpm-version(7)): `~` comes before everything else, and before a
/// pre-release it says no more than that one is behind it (`3.14.0~b3` is `3.14.0b3`); `^` comes after the version and before any of its
/// successors (`1.2^20240501` lies between `1.2` and `1.2.1`). Whole RPM versions have other rules: see [`crate::Evr`].
///
/// ```
/// use seaworthy_model::UpstreamVersion as V;
/// for pair in ["1.1.1k 1.1.1w", "9.8 9.8p1", "1.0-rc1 1.0", "1.0~rc1 1.0", "2023d 2024a", "1.9 1.10", "3.13.0a1 3.13.0"] {
///     let (a, b) = pair.split_once(' ').unwrap();
///     assert!(V::new(a) < V::new(b), "{pair}");
/// }
/// assert_eq!(V::new("v1.25"), V::new("1.25.0"));
/// ```
#[derive(Clone, Debug)]
pub struct UpstreamVersion<'a> {
    text: &'a str,
    order: Order,
    tokens: Vec<Token<'a>>,
}

/// The order of versions, and what a version is held to be.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Order {
    /// The order that most projects share. A bound without an update has all updates of its version: `8.7p1` is an 8.7.
    #[default]
    Upstream,
    /// The same order, in which each version is itself alone, as in the registries of ecosystems: PEP 440 and the orders of gems and Maven
    /// differ from it only in forms that their packages seldom use.
    Plain,
    /// Semantic Versioning 2.0.0, section 11: whatever stands behind a `-` comes before the version, by its identifiers. A text that is no
    /// such version has the place of [`Order::Plain`].
    SemVer,
}

impl Order {
    /// The order in an ecosystem, by the type of its purls. The schema of OSV says which ecosystems have semantic versions.
    #[must_use]
    pub fn of_ecosystem(kind: &str) -> Self {
        match kind {
            "golang" | "npm" | "cargo" | "hex" | "pub" | "swift" => Self::SemVer,
            // No registry gives these numbers, so they are those of the project.
            kind if kind == "generic" || is_of_distribution(kind) => Self::Upstream,
            _ => Self::Plain,
        }
    }
}

/// The scheme by which a project counts its versions. The order between versions of two schemes means nothing: a record that was written
/// when a project named its snapshots by date says nothing of its later `0.9.0`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Scheme {
    /// Numbers with dots: `1.2.3`.
    Numbered,
    /// A year or a day first: `2024.02.02`, `20240524`, `2016-10-01`, `2024a`.
    Calendar,
    /// A revision of a central repository: `r938`.
    Revision,
    /// The name of a commit.
    Commit,
}

impl Scheme {
    /// The scheme of a version's text.
    #[must_use]
    pub fn of(text: &str) -> Self {
        let bare = without_prefix(text.trim());
        let digits = bare.bytes().take_while(u8::is_ascii_digit).count();
        if bare.len() >= 7 && digits < bare.len() && bare.bytes().all(|b| b.is_ascii_hexdigit()) {
            return Self::Commit;
        }
        if text.strip_prefix('r').is_some_and(|n| !n.is_empty() && n.bytes().all(|b| b.is_ascii_digit())) {
            return Self::Revision;
        }
        match digits {
            4 | 6 | 8 if bare.starts_with("19") || bare.starts_with("20") => Self::Calendar,
            _ => Self::Numbered,
        }
    }
}

/// A token of a version. The order of the variants is the order of versions; `End` stands behind the last token of every version.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Token<'a> {
    Tilde,
    Pre(u8),
    End,
    Caret,
    /// A numeric identifier behind the `-` of a semantic version.
    Low(Decimal<'a>),
    /// Any other identifier there, whose case counts.
    Identifier(&'a str),
    Word(Caseless<'a>),
    Number(Decimal<'a>),
}

/// A word, compared without regard to case.
#[derive(Clone, Copy, Debug)]
struct Caseless<'a>(&'a str);

impl Ord for Caseless<'_> {
    fn cmp(&self, other: &Self) -> Ordering {
        let lower = |s: &'_ str| s.bytes().map(|b| b.to_ascii_lowercase()).collect::<Vec<_>>();
        lower(self.0).cmp(&lower(other.0))
    }
}

/// Digits without leading zeros, compared as a number of any length.
#[derive(Clone, Copy, Debug)]
struct Decimal<'a>(&'a str);

impl Ord for Decimal<'_> {
    fn cmp(&self, other: &Self) -> Ordering {
        self.0.len().cmp(&other.0.len()).then_with(|| self.0.cmp(other.0))
    }
}

macro_rules! order_by_cmp {
    ($($name:ident),*) => {$(
        impl PartialEq for $name<'_> { fn eq(&self, other: &Self) -> bool { self.cmp(other).is_eq() } }
        impl Eq for $name<'_> {}
        impl PartialOrd for $name<'_> { fn partial_cmp(&self, other: &Self) -> Option<Ordering> { Some(self.cmp(other)) } }
    )*};
}
order_by_cmp!(Caseless, Decimal, UpstreamVersion);

impl Ord for UpstreamVersion<'_> {
    fn cmp(&self, other: &Self) -> Ordering {
        self.tokens.cmp(&other.tokens)
    }
}

impl<'a> UpstreamVersion<'a> {
    /// The version in a text, in the order of upstream projects; every text has a place in it.
    #[must_use]
    pub fn new(text: &'a str) -> Self {
        Self::in_order(Order::Upstream, text)
    }

    /// The version in a text, in an order. Versions of two orders are not compared.
    #[must_use]
    pub fn in_order(order: Order, text: &'a str) -> Self {
        let semantic = if order == Order::SemVer { semantic(text) } else { None };
        Self { text, order, tokens: semantic.unwrap_or_else(|| tokens(text)) }
    }

    /// The version in another text, in the order of this one.
    fn like<'b>(&self, text: &'b str) -> UpstreamVersion<'b> {
        UpstreamVersion::in_order(self.order, text)
    }

    /// The text of the version.
    #[must_use]
    pub fn as_str(&self) -> &'a str {
        self.text
    }

    /// Whether the version has a number at all; without one, a range says nothing about it.
    #[must_use]
    pub fn is_numeric(&self) -> bool {
        self.tokens.iter().any(|t| matches!(t, Token::Number(_))) || self.text.bytes().any(|b| b.is_ascii_digit())
    }

    /// The leading numbers, at most `count`, as in the name of a branch: `6.6` of `6.6.51.1`.
    #[must_use]
    pub fn series(&self, count: usize) -> Vec<&'a str> {
        let numbers = self.text.trim_start_matches(|c: char| !c.is_ascii_digit());
        numbers.split('.').take(count).map(|n| n.split(|c: char| !c.is_ascii_digit()).next().unwrap_or("")).collect()
    }
}

/// The words of a patch level or an update behind which a number stands, in the spelling of [`one_spelling`].
const UPDATES: [&str; 3] = ["p", "u", "sp"];

impl UpstreamVersion<'_> {
    /// Whether this is the version `base` with an update: a patch level (`8.7p1` of 8.7), a service pack or a pre-release, which a CPE name
    /// has in a component of its own. A letter alone (`1.1.1k`) is a version and no update. NISTIR 7695 (5.3.3.5) leaves it to the vendor
    /// what an update is; these are the words of NVD's dictionary that open-source projects use.
    #[must_use]
    pub fn is_update_of(&self, base: &str) -> bool {
        // Most versions are numbers alone.
        if !self.tokens.iter().any(|token| matches!(token, Token::Pre(_) | Token::Word(_))) {
            return false;
        }
        let base = self.like(base);
        let behind = base.tokens.split_last().and_then(|(_, base)| self.tokens.strip_prefix(base));
        match behind {
            Some([Token::Pre(_), ..]) => true,
            Some([Token::Word(word), Token::Number(_), ..]) => UPDATES.contains(&word.0),
            _ => false,
        }
    }

    /// Whether this is the version `update`, with its patch level as a further number: bash 5.2 with `patch21` is `5.2.21`.
    #[must_use]
    pub fn is_same_patch_level(&self, update: &str) -> bool {
        let is_level = |word: &str| matches!(one_spelling(word), "p" | "u");
        let mut numbered = String::new();
        for run in update.split_inclusive(|c: char| !c.is_ascii_alphabetic()) {
            let word = run.trim_end_matches(|c: char| !c.is_ascii_alphabetic());
            let behind = run.get(word.len()..).unwrap_or_default();
            numbered.extend([if is_level(word) { "." } else { word }, behind]);
        }
        numbered != update && self.like(&numbered) == *self
    }

    /// Whether the leading numbers are those of a branch such as `5.10`.
    fn is_of_branch(&self, branch: &str) -> bool {
        let numbers: Vec<&str> = branch.split('.').collect();
        self.series(numbers.len()) == numbers
    }
}

/// The rank of a pre-release word, the earliest first; `None` for any other word.
fn pre_release(word: &str) -> Option<u8> {
    const WORDS: [(&str, u8); 15] = [
        ("dev", 0),
        ("devel", 0),
        ("development", 0),
        ("snapshot", 0),
        ("nightly", 0),
        ("alpha", 1),
        ("beta", 2),
        ("milestone", 3),
        ("pre", 4),
        ("preview", 4),
        ("prerelease", 4),
        ("rc", 5),
        ("cr", 5),
        ("candidate", 5),
        ("test", 0),
    ];
    WORDS.iter().find(|(w, _)| w.eq_ignore_ascii_case(word)).map(|&(_, rank)| rank)
}

/// A word in one spelling: the words of a patch level and those of an update each are one.
fn one_spelling(word: &str) -> &str {
    const WORDS: [(&str, &str); 8] =
        [("p", "p"), ("pl", "p"), ("patch", "p"), ("patchlevel", "p"), ("u", "u"), ("update", "u"), ("sp", "sp"), ("servicepack", "sp")];
    WORDS.iter().find(|(w, _)| w.eq_ignore_ascii_case(word)).map_or(word, |&(_, one)| one)
}

/// The tokens of a semantic version, with or without a `v` before it and with any count of numbers; `None` for another text.
fn semantic(text: &str) -> Option<Vec<Token<'_>>> {
    let text = text.trim();
    let text = text.strip_prefix('v').unwrap_or(text);
    let text = text.split_once('+').map_or(text, |(before, _)| before);
    let (core, identifiers) = text.split_once('-').map_or((text, None), |(core, behind)| (core, Some(behind)));
    let mut out = Vec::with_capacity(6);
    for number in core.split('.') {
        out.push(Token::Number(decimal(number)?));
    }
    strip_zeros(&mut out);
    if let Some(identifiers) = identifiers {
        out.push(Token::Tilde);
        out.extend(identifiers.split('.').map(|text| decimal(text).map_or(Token::Identifier(text), Token::Low)));
    }
    out.push(Token::End);
    Some(out)
}

/// The number in a text that is digits alone.
fn decimal(text: &str) -> Option<Decimal<'_>> {
    let digits = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    digits.then(|| Decimal(text.trim_start_matches('0')))
}

fn tokens(text: &str) -> Vec<Token<'_>> {
    // Build metadata (semver's `+`) does not order.
    let text = text.split_once('+').map_or(text, |(before, _)| if before.is_empty() { text } else { before });
    let text = without_prefix(text.trim());
    let bytes = text.as_bytes();
    let mut out: Vec<Token<'_>> = Vec::with_capacity(6);
    let mut at = 0;
    while at < bytes.len() {
        let start = at;
        let class = |b: u8| (b.is_ascii_digit(), b.is_ascii_alphabetic() || !b.is_ascii());
        let (is_digit, is_alpha) = class(bytes[at]);
        if !is_digit && !is_alpha {
            if let Some(mark) = [(b'~', Token::Tilde), (b'^', Token::Caret)].iter().find(|(byte, _)| *byte == bytes[at]) {
                strip_zeros(&mut out);
                out.push(mark.1);
            }
            at += 1;
            continue;
        }
        while at < bytes.len() && class(bytes[at]) == (is_digit, is_alpha) {
            at += 1;
        }
        let run = &text[start..at];
        if is_digit {
            // A date is a date, however it is written: 20240101 and 2024-01-01, 202401 and 2024-01.
            if let Some(day) = day_of(run).filter(|_| out.is_empty()) {
                out.extend(day.map(|part| Token::Number(Decimal(part.trim_start_matches('0')))));
                continue;
            }
            let digits = run.trim_start_matches('0');
            // Go writes the lowest pre-release of 1.22.0 as 1.22.0-0.
            if digits.is_empty() && at == bytes.len() && start > 0 && bytes[start - 1] == b'-' {
                strip_zeros(&mut out);
                out.push(Token::Pre(0));
            } else {
                out.push(Token::Number(Decimal(digits)));
            }
            continue;
        }
        strip_zeros(&mut out);
        let digit_before = start > 0 && bytes[start - 1].is_ascii_digit();
        let digit_after = bytes.get(at).is_some_and(u8::is_ascii_digit);
        let behind_tilde = start > 0 && bytes[start - 1] == b'~';
        let rank = match run {
            // 3.13.0a1 is an alpha; 1.1.1a and 2024a are later releases.
            "a" | "A" if behind_tilde || digit_before && digit_after => Some(1),
            "b" | "B" if behind_tilde || digit_before && digit_after => Some(2),
            // PEP 440 reads c as rc.
            "c" | "C" if behind_tilde => pre_release("rc"),
            word => pre_release(word),
        };
        if rank.is_some() && behind_tilde {
            out.pop();
        }
        out.push(rank.map_or(Token::Word(Caseless(one_spelling(run))), Token::Pre));
    }
    strip_zeros(&mut out);
    out.push(Token::End);
    out
}

/// The year, month and (of eight digits) day in a number of six or eight digits that is a date; `None` where it is none.
fn day_of(digits: &str) -> Option<impl Iterator<Item = &str>> {
    let (year, month, day) = (digits.get(..4)?, digits.get(4..6)?, digits.get(6..)?);
    let is_day = day.is_empty() || day.len() == 2 && ("01"..="31").contains(&day);
    let is_date = matches!(&year[..2], "19" | "20") && ("01"..="12").contains(&month) && is_day;
    is_date.then(|| [year, month, day].into_iter().filter(|part| !part.is_empty()))
}

/// Removes trailing zero numbers, so that `1.0.0` is `1`, and `1.0.0-rc1` is `1-rc1`; a lone zero stays.
fn strip_zeros(out: &mut Vec<Token<'_>>) {
    while out.len() > 1 && matches!(out.last(), Some(Token::Number(Decimal("")))) {
        out.pop();
    }
}

/// The text from its first digit on, without a `v`, `release-` or project name before it.
fn without_prefix(text: &str) -> &str {
    let Some(first_digit) = text.find(|c: char| c.is_ascii_digit()) else { return text };
    let prefix = text[..first_digit].trim_end_matches(['-', '_', '.', ' ']);
    let plain = prefix.chars().all(|c| c.is_ascii_alphabetic() || matches!(c, '-' | '_' | '.' | ' '));
    if plain && pre_release(prefix).is_none() { &text[first_digit..] } else { text }
}

#[cfg(test)]
mod tests;
