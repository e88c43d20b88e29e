//! Versions in the words of the people who write records: `>= 1.5, < 1.8.0`, `1.7.1 and earlier`, `6.6.*`, `All versions`.
//!
//! The record format has a version there, and no language; many numbering authorities write expressions all the same. What this reads is
//! their common ground. Whatever it does not read is [`Reading::Unread`], which is never taken for a version that ours is not.

use std::borrow::Cow;

use seaworthy_model::{Bound, UpstreamVersion, VersionRange};

/// A bound of a [`Span`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum End<'a> {
    Open,
    Including(Cow<'a, str>),
    Excluding(Cow<'a, str>),
}

impl End<'_> {
    pub(super) fn bound(&self) -> Bound<'_> {
        match self {
            Self::Open => Bound::Unbounded,
            Self::Including(version) => Bound::Including(version),
            Self::Excluding(version) => Bound::Excluding(version),
        }
    }
}

/// A range that owns those of its bounds that are written otherwise in the record: the branch `1.7.x` ends with `1.7.*`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Span<'a> {
    pub(super) start: End<'a>,
    pub(super) end: End<'a>,
}

impl<'a> Span<'a> {
    /// The span of all versions.
    pub(super) const ALL: Self = Self { start: End::Open, end: End::Open };

    /// The span of one version, or of a branch with a star or an `x` at its end.
    fn of(version: &'a str) -> Self {
        match branch_of(version) {
            Some("") => Self::ALL,
            Some(branch) => Self { start: End::Including(branch.into()), end: End::Including(format!("{branch}.*").into()) },
            None => Self { start: End::Including(version.into()), end: End::Including(version.into()) },
        }
    }

    pub(super) fn range(&self) -> VersionRange<'_> {
        VersionRange { start: self.start.bound(), end: self.end.bound() }
    }
}

/// The meaning of a text in the place of a version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Reading<'a> {
    /// The spans, of which any one suffices.
    Spans(Vec<Span<'a>>),
    /// The text says that no version is named (`n/a`, `unspecified`).
    Unnamed,
    /// The text is none that can be read.
    Unread,
}

/// The words for a version that is not named.
pub(super) fn is_unnamed(text: &str) -> bool {
    let text = text.trim();
    ["", "-", "n/a", "na", "none", "unspecified", "unknown", "not specified"].iter().any(|word| text.eq_ignore_ascii_case(word))
}

/// A piece of an expression.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Token<'a> {
    Version(&'a str),
    /// The version that follows is an upper bound, which belongs to the span or not.
    Below {
        including: bool,
    },
    /// The version that follows is a lower bound, which belongs to the span or not.
    Above {
        including: bool,
    },
    /// The version that follows stands alone.
    Exactly,
    /// The version before is the last one: `and earlier`.
    AndBelow,
    /// The version before is the first one: `and later`.
    AndAbove,
    /// The bound before does not belong to the span: `(excluding)`.
    Outside,
    /// From the version before to the one that follows: `to`, `-`.
    To,
    /// The lower of two bounds that `and` joins.
    Between,
    /// A comma, `or`, `and`: what follows is another part.
    Next,
    All,
}

/// Phrases in lower case, longer ones before those with which they begin.
const PHRASES: [(&str, Token<'_>); 55] = [
    ("up to and including", Token::Below { including: true }),
    ("up to but not including", Token::Below { including: false }),
    ("up to", Token::Below { including: true }),
    ("upto", Token::Below { including: true }),
    ("through", Token::Below { including: true }),
    ("thru", Token::Below { including: true }),
    ("no later than", Token::Below { including: true }),
    ("and all prior", Token::AndBelow),
    ("and all earlier", Token::AndBelow),
    ("and all previous", Token::AndBelow),
    ("and earlier", Token::AndBelow),
    ("and prior", Token::AndBelow),
    ("and previous", Token::AndBelow),
    ("and before", Token::AndBelow),
    ("and below", Token::AndBelow),
    ("and older", Token::AndBelow),
    ("and lower", Token::AndBelow),
    ("or earlier", Token::AndBelow),
    ("or prior", Token::AndBelow),
    ("or below", Token::AndBelow),
    ("or older", Token::AndBelow),
    ("or lower", Token::AndBelow),
    ("and later", Token::AndAbove),
    ("and newer", Token::AndAbove),
    ("and above", Token::AndAbove),
    ("and higher", Token::AndAbove),
    ("and onwards", Token::AndAbove),
    ("and up", Token::AndAbove),
    ("or later", Token::AndAbove),
    ("or newer", Token::AndAbove),
    ("or above", Token::AndAbove),
    ("or higher", Token::AndAbove),
    ("onwards", Token::AndAbove),
    ("prior to", Token::Below { including: false }),
    ("prior", Token::Below { including: false }),
    ("before", Token::Below { including: false }),
    ("earlier than", Token::Below { including: false }),
    ("lower than", Token::Below { including: false }),
    ("less than", Token::Below { including: false }),
    ("older than", Token::Below { including: false }),
    ("below", Token::Below { including: false }),
    ("starting from", Token::Above { including: true }),
    ("starting with", Token::Above { including: true }),
    ("starting at", Token::Above { including: true }),
    ("from", Token::Above { including: true }),
    ("since", Token::Above { including: true }),
    ("later than", Token::Above { including: false }),
    ("newer than", Token::Above { including: false }),
    ("greater than", Token::Above { including: false }),
    ("after", Token::Above { including: false }),
    ("excluding", Token::Outside),
    ("exclusive", Token::Outside),
    ("between", Token::Between),
    ("to", Token::To),
    ("exactly", Token::Exactly),
];

/// Signs, longer ones before those with which they begin.
const SIGNS: [(&str, Token<'_>); 18] = [
    ("<=", Token::Below { including: true }),
    ("=<", Token::Below { including: true }),
    ("≤", Token::Below { including: true }),
    ("<", Token::Below { including: false }),
    (">=", Token::Above { including: true }),
    ("=>", Token::Above { including: true }),
    ("≥", Token::Above { including: true }),
    (">", Token::Above { including: false }),
    ("==", Token::Exactly),
    ("=", Token::Exactly),
    ("–", Token::To),
    ("—", Token::To),
    (",", Token::Next),
    (";", Token::Next),
    ("||", Token::Next),
    ("|", Token::Next),
    ("&&", Token::Next),
    ("&", Token::Next),
];

/// Words that add nothing.
const NOISE: [&str; 10] = ["version", "versions", "ver", "release", "releases", "the", "including", "inclusive", "v", "supported"];

/// The meaning of a text in the place of a version. Words of the product's name may stand in it.
pub(super) fn read<'a>(text: &'a str, product: &str) -> Reading<'a> {
    let text = text.trim();
    if is_unnamed(text) {
        return Reading::Unnamed;
    }
    // Nearly all are a version and nothing else.
    if text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_' | b'~' | b':' | b'/')) {
        return match text {
            _ if is_all(text) => Reading::Spans(vec![Span::ALL]),
            _ if is_version(text) => Reading::Spans(vec![Span::of(text)]),
            _ => Reading::Unread,
        };
    }
    if let Some(span) = interval(text) {
        return Reading::Spans(vec![span]);
    }
    let spans = tokens(text, product).and_then(|tokens| spans(&tokens));
    match spans {
        Some(spans) => Reading::Spans(spans),
        // A version with words behind it (`2.4.4 Patch 3`), or a name in one word (`１.０`).
        None if is_version_in_words(text) => Reading::Spans(vec![Span::of(text)]),
        None => Reading::Unread,
    }
}

/// Whether a word is several versions, a list or a range: `1.0.0-1.4.2`, `1.0/1.1`, `6.x-8.x`.
fn is_several(word: &str) -> bool {
    let is_part = |part: &str| is_wild(part) || !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    let is_number = |text: &str| text.contains('.') && text.trim_start_matches(['v', 'V']).split('.').all(is_part);
    ['-', '/'].iter().any(|sign| word.contains(*sign) && word.split(*sign).all(is_number))
}

fn is_all(word: &str) -> bool {
    word == "*" || ["all", "any", "every"].iter().any(|all| word.eq_ignore_ascii_case(all))
}

fn is_version_in_words(text: &str) -> bool {
    let signs = |c: char| matches!(c, '<' | '>' | '=' | '≤' | '≥' | '^' | '!' | ',' | ';' | '|' | '&' | '–' | '—' | '[' | ']' | '(' | ')');
    let one = !text.contains(char::is_whitespace);
    let known = |word: &str| PHRASES.iter().any(|(phrase, _)| phrase.split(' ').any(|part| part.eq_ignore_ascii_case(word)));
    let numbered = text.trim_start_matches(['v', 'V']).starts_with(|c: char| c.is_ascii_digit());
    let plain = !text.contains(signs) && !text.starts_with('~') && text.contains(char::is_numeric);
    plain && !text.split_whitespace().any(is_several) && (one || numbered && !text.split_whitespace().any(known))
}

/// Whether a part of a version stands for any.
fn is_wild(part: &str) -> bool {
    matches!(part, "*" | "x" | "X")
}

/// The branch of a version with a star or an `x` for its last parts: `1.7` of `1.7.x`, and an empty one for a star alone.
pub(super) fn branch_of(version: &str) -> Option<&str> {
    let mut rest = version;
    while let Some((before, _)) = rest.rsplit_once('.').filter(|(_, last)| is_wild(last)) {
        rest = before;
    }
    if is_wild(rest) && rest.len() == version.len() && rest != "*" {
        return None;
    }
    if is_wild(rest) {
        return Some("");
    }
    (rest.len() < version.len() && rest.contains(|c: char| c.is_ascii_digit())).then(|| rest.trim_start_matches(['v', 'V']))
}

/// An interval in the signs of mathematics, as Maven has it: `[1.0,1.4)`.
fn interval(text: &str) -> Option<Span<'_>> {
    let from = [('[', true), ('(', false)].into_iter().find_map(|(sign, including)| Some((text.strip_prefix(sign)?, including)));
    let ((rest, first), (sign, last)) = (from?, [(']', true), (')', false)].into_iter().find(|(sign, _)| text.ends_with(*sign))?);
    let (low, high) = rest.strip_suffix(sign)?.split_once(',')?;
    Some(Span { start: end_of(low, first)?, end: end_of(high, last)? })
}

fn end_of(version: &str, including: bool) -> Option<End<'_>> {
    match version.trim() {
        "" => Some(End::Open),
        version if !is_version(version) => None,
        version if including => Some(End::Including(version.into())),
        version => Some(End::Excluding(version.into())),
    }
}

/// Whether a word is a version: it has a digit, which `main` and `latest` have not, no sign that would make it something else, and is not
/// several.
fn is_version(word: &str) -> bool {
    let is_sign = |c: char| c.is_whitespace() || matches!(c, '<' | '>' | '=' | '^' | '!' | ',' | '[' | ']' | '(' | ')' | '%');
    word.contains(|c: char| c.is_ascii_digit()) && !word.contains(is_sign) && !word.starts_with('~') && !is_several(word)
}

/// The text behind a phrase that it begins with, where a word ends there.
fn behind<'a>(text: &'a str, phrase: &str) -> Option<&'a str> {
    let mut rest = text;
    for (nth, word) in phrase.split(' ').enumerate() {
        if nth > 0 {
            rest = rest.strip_prefix(char::is_whitespace)?.trim_start();
        }
        let head = rest.get(..word.len()).filter(|head| head.eq_ignore_ascii_case(word))?;
        rest = &rest[head.len()..];
    }
    let ends = rest.chars().next().is_none_or(|c| !c.is_alphanumeric() && !matches!(c, '-' | '.' | '_'));
    ends.then_some(rest)
}

/// Whether what follows a phrase fits it: `and earlier` stands behind its version, and is none of `and earlier than 1.4`.
fn stands_behind((after, token): (&str, Token<'_>)) -> bool {
    let after = after.trim_start();
    let goes_on = behind(after, "than").is_some() || behind(after, "to").is_some();
    !matches!(token, Token::AndBelow | Token::AndAbove)
        || !goes_on && !after.trim_start_matches(['v', 'V']).starts_with(|c: char| c.is_ascii_digit())
}

/// The tokens of an expression; `None` where a word means nothing here.
fn tokens<'a>(text: &'a str, product: &str) -> Option<Vec<Token<'a>>> {
    let mut tokens: Vec<Token<'a>> = Vec::new();
    let mut rest = text;
    loop {
        rest = rest.trim_start_matches(|c: char| c.is_whitespace() || matches!(c, '(' | ')' | '"' | '\''));
        if rest.is_empty() {
            return Some(tokens);
        }
        if let Some((sign, token)) = SIGNS.iter().find(|(sign, _)| rest.starts_with(sign)) {
            tokens.push(*token);
            rest = &rest[sign.len()..];
            continue;
        }
        let phrase = PHRASES.iter().find_map(|(phrase, token)| Some((behind(rest, phrase)?, *token)).filter(|found| stands_behind(*found)));
        if let Some((after, token)) = phrase {
            tokens.push(token);
            rest = after;
            continue;
        }
        let is_end =
            |c: char| c.is_whitespace() || SIGNS.iter().any(|(sign, _)| sign.starts_with(c)) || matches!(c, '(' | ')' | '"' | '\'');
        let (word, after) = rest.split_at(rest.find(is_end).unwrap_or(rest.len()));
        rest = after;
        let plain = word.trim_end_matches(['.', ':']);
        let known = |words: &[&str]| words.iter().any(|known| plain.eq_ignore_ascii_case(known));
        if plain == "-" {
            tokens.push(Token::To);
        } else if let Some(version) = plain.strip_suffix('+').filter(|version| is_version(version)) {
            tokens.extend([Token::Version(version), Token::AndAbove]);
        } else if is_version(plain) {
            tokens.push(Token::Version(plain));
        } else if is_all(plain) {
            tokens.push(Token::All);
        } else if known(&["and", "or"]) {
            tokens.push(Token::Next);
        } else if !plain.is_empty() && !known(&NOISE) && !product.split([' ', '_', '-']).any(|name| name.eq_ignore_ascii_case(plain)) {
            return None;
        }
    }
}

/// The spans that tokens stand for; `None` where they are no expression.
fn spans<'a>(tokens: &[Token<'a>]) -> Option<Vec<Span<'a>>> {
    let mut parts = Parts::default();
    let mut at = 0;
    while let Some(token) = tokens.get(at) {
        at += 1;
        let mut version = || {
            let found = tokens.get(at);
            at += 1;
            match found {
                Some(Token::Version(version)) => Some(*version),
                _ => None,
            }
        };
        match *token {
            Token::Version(version) => parts.single(version),
            Token::Exactly => {
                let version = version()?;
                parts.single(version);
            }
            Token::Below { including } => {
                let version = version()?;
                parts.below(version, including);
            }
            Token::To => {
                let version = version()?;
                parts.is_joined().then(|| parts.below(version, true))?;
            }
            Token::Above { including } => {
                let version = version()?;
                parts.above(version, including);
            }
            Token::Between => {
                let low = version()?;
                let joined = tokens.get(at) == Some(&Token::Next);
                at += 1;
                let Some(Token::Version(high)) = tokens.get(at).filter(|_| joined) else { return None };
                at += 1;
                parts.above(low, true);
                parts.below(high, true);
            }
            Token::AndBelow => parts.and_below()?,
            Token::AndAbove => parts.and_above()?,
            Token::Outside => parts.outside()?,
            Token::Next => parts.joins = false,
            Token::All => parts.all = true,
        }
    }
    parts.finish()
}

/// The spans so far.
#[derive(Default)]
struct Parts<'a> {
    spans: Vec<Span<'a>>,
    /// Whether the last span is a version alone, with nothing between it and what follows: `4.x before 4.2`.
    joins: bool,
    all: bool,
}

impl<'a> Parts<'a> {
    fn single(&mut self, version: &'a str) {
        self.spans.push(Span::of(version));
        self.joins = true;
    }

    /// Whether the last span can be the beginning of one whose end follows.
    fn is_joined(&self) -> bool {
        self.joins || self.spans.last().is_some_and(|last| last.end == End::Open && last.start != End::Open)
    }

    fn below(&mut self, version: &'a str, including: bool) {
        let end = match branch_of(version) {
            // Up to a branch is up to its last version; before a branch is before its first.
            Some(branch) if including => End::Including(format!("{branch}.*").into()),
            Some(branch) => End::Excluding(branch.into()),
            None if including => End::Including(version.into()),
            None => End::Excluding(version.into()),
        };
        let joined = self.is_joined();
        match self.spans.last_mut().filter(|_| joined) {
            Some(last) => last.end = end,
            None => self.spans.push(Span { start: End::Open, end }),
        }
        self.joins = false;
    }

    fn above(&mut self, version: &'a str, including: bool) {
        let version = branch_of(version).unwrap_or(version);
        let start = if including { End::Including(version.into()) } else { End::Excluding(version.into()) };
        self.joins = false;
        // `< 1.8.0, >= 1.5` is one span, and `< 1.5, >= 1.8.0` are two.
        if let Some(last) = self.spans.last_mut().filter(|last| last.start == End::Open) {
            let (End::Including(end) | End::Excluding(end)) = &last.end else { return };
            if UpstreamVersion::new(version) < UpstreamVersion::new(end) {
                last.start = start;
                return;
            }
        }
        self.spans.push(Span { start, end: End::Open });
    }

    fn and_below(&mut self) -> Option<()> {
        let last = self.spans.last_mut().filter(|_| self.joins)?;
        last.start = End::Open;
        self.joins = false;
        Some(())
    }

    fn and_above(&mut self) -> Option<()> {
        let last = self.spans.last_mut().filter(|_| self.joins)?;
        last.end = End::Open;
        self.joins = false;
        Some(())
    }

    fn outside(&mut self) -> Option<()> {
        let last = self.spans.last_mut().filter(|_| !self.joins)?;
        let end = if last.end == End::Open { &mut last.start } else { &mut last.end };
        let (End::Including(version) | End::Excluding(version)) = std::mem::replace(end, End::Open) else { return None };
        *end = End::Excluding(version);
        Some(())
    }

    fn finish(self) -> Option<Vec<Span<'a>>> {
        match (self.spans.is_empty(), self.all) {
            (true, true) => Some(vec![Span::ALL]),
            (true, false) => None,
            (false, _) => Some(self.spans),
        }
    }
}
