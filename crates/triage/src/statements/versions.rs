//! The versions that a statement is about: one, all, or a range (vers, <https://github.com/package-url/vers-spec>, scheme `rpm`).

use percent_encoding::{AsciiSet, CONTROLS, percent_decode_str, utf8_percent_encode};
use seaworthy_model::{Evr, compare_evr};

use super::json::short;

/// The greatest length of a range in bytes: cases keep ranges.
const MOST_RANGE: usize = 4000;

/// The versions of a package that a statement is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Versions {
    /// All versions.
    All,
    /// One version, `[EPOCH:]VERSION-RELEASE` as the document writes it.
    One(String),
    /// The versions of a range.
    Range(Range),
}

/// A range of versions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Range {
    /// The range as the document writes it.
    pub text: String,
    /// The versions that are named by themselves, and whether they are in the range.
    named: Vec<(Evr, bool)>,
    /// The intervals; a bound says whether its version is inside, and `None` is no bound.
    intervals: Vec<(End, End)>,
    /// The versions that a document takes out of the range.
    without: Vec<Versions>,
}

/// The characters that are written as codes in a version of a range.
const IN_VERS: &AsciiSet = &CONTROLS.add(b' ').add(b'%').add(b'|').add(b'<').add(b'>').add(b'=').add(b'!').add(b'*');

/// The end of an interval.
type End = Option<(Evr, bool)>;

impl Versions {
    /// The versions in a range of vers. Versions without an epoch have the one that is given.
    ///
    /// # Errors
    /// When it is another scheme or does not follow the form, with what was expected.
    pub(super) fn of_range(text: &str, epoch: Option<&str>) -> Result<Self, String> {
        let refuse = || format!("the range {:?} is not understood: expected vers:rpm/ and versions", short(text));
        let constraints = text.strip_prefix("vers:rpm/").filter(|constraints| constraints.len() <= MOST_RANGE).ok_or_else(refuse)?;
        if constraints == "*" {
            return Ok(Self::All);
        }
        let range = read(constraints, epoch).ok_or_else(refuse)?;
        Ok(Self::Range(Range { text: short(text), ..range }))
    }

    /// The text of one version or of a range; `None` for all versions.
    #[must_use]
    pub fn text(&self) -> Option<&str> {
        match self {
            Self::All => None,
            Self::One(version) => Some(version),
            Self::Range(range) => Some(&range.text),
        }
    }

    /// The text by which a case keeps them, the reverse of [`of_kept`](Self::of_kept); `None` for all versions.
    pub(super) fn kept(&self) -> Option<String> {
        match self {
            Self::All => None,
            Self::One(version) => Some(version.clone()),
            Self::Range(range) => Some(range.kept()),
        }
    }

    /// The versions that a case has kept.
    pub(super) fn of_kept(text: Option<&str>) -> Self {
        let Some(text) = text else { return Self::All };
        let range = text.strip_prefix("vers:rpm/").and_then(|constraints| read(constraints, None));
        range.map_or_else(|| Self::One(text.to_owned()), |range| Self::Range(Range { text: short(text), ..range }))
    }

    /// These versions without others; `None` where none is left.
    pub(super) fn without(self, others: &[Self]) -> Option<Self> {
        if others.is_empty() {
            return Some(self);
        }
        let mut range = match self {
            Self::One(ref version) => {
                let version = Evr::of_log(version);
                let is_left = !others.iter().any(|other| other.have(version.as_ref()));
                return is_left.then_some(self);
            }
            Self::All => Range { text: "vers:rpm/*".to_owned(), named: Vec::new(), intervals: vec![(None, None)], without: Vec::new() },
            Self::Range(range) => range,
        };
        range.without.extend_from_slice(others);
        Some(Self::Range(range))
    }

    /// The version, where it is one that a package can have.
    pub(super) fn one(&self) -> Option<Evr> {
        match self {
            Self::One(version) => Evr::of_log(version).filter(Evr::is_plain),
            Self::All | Self::Range(_) => None,
        }
    }

    /// Whether a version of the package is one of them; one that is not known is only where all are meant.
    pub(super) fn have(&self, version: Option<&Evr>) -> bool {
        match self {
            Self::All => true,
            Self::One(said) => version.is_some_and(|version| Evr::of_log(said).as_ref() == Some(version)),
            Self::Range(range) => version.is_some_and(|version| version.is_plain() && range.has(version)),
        }
    }
}

impl Range {
    /// The range as vers, with the epochs that the document writes elsewhere.
    fn kept(&self) -> String {
        let encoded = |version: &Evr| utf8_percent_encode(&version.to_string(), IN_VERS).to_string();
        let mut out: Vec<String> =
            self.named.iter().map(|(version, is_inside)| format!("{}{}", if *is_inside { "" } else { "!=" }, encoded(version))).collect();
        for (start, end) in &self.intervals {
            let start = start.iter().map(|(version, is_inside)| format!("{}{}", if *is_inside { ">=" } else { ">" }, encoded(version)));
            let end = end.iter().map(|(version, is_inside)| format!("{}{}", if *is_inside { "<=" } else { "<" }, encoded(version)));
            out.extend(start.chain(end));
        }
        format!("vers:rpm/{}", out.join("|"))
    }

    fn has(&self, version: &Evr) -> bool {
        if self.without.iter().any(|other| other.have(Some(version))) {
            return false;
        }
        if let Some((_, is_inside)) = self.named.iter().find(|(named, _)| compare_evr(named, version).is_eq()) {
            return *is_inside;
        }
        let is_behind = |(start, is_inside): &(Evr, bool)| match compare_evr(version, start) {
            std::cmp::Ordering::Equal => *is_inside,
            order => order.is_gt(),
        };
        let is_before = |(end, is_inside): &(Evr, bool)| match compare_evr(version, end) {
            std::cmp::Ordering::Equal => *is_inside,
            order => order.is_lt(),
        };
        self.intervals.iter().any(|(start, end)| start.as_ref().is_none_or(is_behind) && end.as_ref().is_none_or(is_before))
    }
}

/// The parts of a range behind its scheme; `None` where they do not follow the form.
fn read(text: &str, epoch: Option<&str>) -> Option<Range> {
    let (mut named, mut bounds) = (Vec::new(), Vec::new());
    for constraint in text.split('|') {
        let constraint = constraint.trim();
        let comparator = [">=", "<=", "!=", ">", "<", "="].into_iter().find(|c| constraint.starts_with(c)).unwrap_or_default();
        let version = percent_decode_str(constraint.get(comparator.len()..)?).decode_utf8().ok()?;
        let version: Evr = with_epoch(version.trim(), epoch).parse().ok()?;
        if !version.is_plain() {
            return None;
        }
        match comparator {
            "" | "=" => named.push((version, true)),
            "!=" => named.push((version, false)),
            _ => bounds.push((version, comparator)),
        }
    }
    bounds.sort_by_cached_key(|(version, _)| version.sort_key());
    let mut intervals: Vec<(End, End)> = Vec::new();
    let mut start: End = None;
    for (nth, (version, comparator)) in bounds.into_iter().enumerate() {
        let is_inside = comparator.ends_with('=');
        match (comparator.starts_with('>'), &start) {
            (true, None) => start = Some((version, is_inside)),
            (false, None) if nth > 0 => return None,
            (false, _) => intervals.push((start.take(), Some((version, is_inside)))),
            // Two beginnings behind each other, of which one says nothing: whoever wrote it may have meant another.
            (true, Some(_)) => return None,
        }
    }
    if start.is_some() {
        intervals.push((start, None));
    } else if intervals.is_empty() && named.iter().all(|(_, is_inside)| !is_inside) {
        // Nothing but exceptions: all the others are in it.
        intervals.push((None, None));
    }
    Some(Range { text: String::new(), named, intervals, without: Vec::new() })
}

/// A version with an epoch, where it has none of its own.
pub(super) fn with_epoch(version: &str, epoch: Option<&str>) -> String {
    match epoch.filter(|epoch| *epoch != "0" && !version.contains(':')) {
        Some(epoch) => format!("{epoch}:{version}"),
        None => version.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn says(range: &str, version: &str) -> String {
        match Versions::of_range(range, None) {
            Err(_) => "not understood".into(),
            Ok(versions) => if versions.have(version.parse().ok().as_ref()) { "inside" } else { "outside" }.into(),
        }
    }

    #[test]
    fn which_versions_a_range_has() {
        // The range, the version of the package, and whether it is inside.
        let rows = [
            ("all", "*", "8.8.0-1", "inside"),
            ("before", "<8.8.0-2", "8.8.0-1", "inside"),
            ("before, at its end", "<8.8.0-2", "8.8.0-2", "outside"),
            ("up to", "<=8.8.0-2", "8.8.0-2", "inside"),
            ("from", ">=8.8.0-2", "8.8.0-2", "inside"),
            ("after", ">8.8.0-2", "8.8.0-2", "outside"),
            ("between", ">=8.0.0-1|<8.8.0-2", "8.8.0-1", "inside"),
            ("between, written from its end", "<8.8.0-2|>=8.0.0-1", "7.0.0-1", "outside"),
            ("in the gap of two branches", "<1.0-5|>=2.0-1|<2.0-3", "1.0-7", "outside"),
            ("in the second branch", "<1.0-5|>=2.0-1|<2.0-3", "2.0-2", "inside"),
            ("one version", "8.8.0-1", "8.8.0-1", "inside"),
            ("one of several", "8.8.0-1|8.8.0-3", "8.8.0-2", "outside"),
            ("all but one", "!=8.8.0-1", "8.8.0-1", "outside"),
            ("all but one, another", "!=8.8.0-1", "8.8.0-2", "inside"),
            ("a range but for one", ">=8.0.0-1|!=8.8.0-1", "8.8.0-1", "outside"),
            ("an epoch, encoded", "<1%3A1.0-1", "8.8.0-1", "inside"),
            ("a later epoch here", "<8.8.0-2", "1:1.0-1", "outside"),
            ("a tilde", "<8.8.0~rc1-1", "8.8.0-1", "outside"),
            ("a bound without a release", "<8.8.0", "8.8.0-1", "outside"),
            ("two beginnings", ">=1.0-1|>=2.0-1", "3.0-1", "not understood"),
            ("two ends", "<1.0-1|<2.0-1", "0.5-1", "not understood"),
            ("no version", "<", "8.8.0-1", "not understood"),
            ("nothing", "", "8.8.0-1", "not understood"),
        ];
        seaworthy_testing::hold(
            rows.map(|(why, range, version, expected)| (why, expected.to_owned(), says(&format!("vers:rpm/{range}"), version))),
        );
        let others = ["vers:deb/<8.8.0-2", "vers:generic/<8.8.0", "<8.8.0-2", "all versions", "vers:RPM/*"];
        seaworthy_testing::hold(others.map(|range| ("another scheme", "not understood".to_owned(), says(range, "8.8.0-1"))));
    }

    proptest! {
        #[test]
        fn any_range_is_read_or_refused(text in ".{0,40}", version in "[0-9.]{1,5}-[0-9]") {
            let _ = says(&format!("vers:rpm/{text}"), &version);
        }

        /// What a case keeps of a range is the same range.
        #[test]
        fn a_range_is_kept(text in "(!=|<|<=|>|>=|=)?[1-9](\\|(!=|<|<=|>|>=)[1-9]){0,4}", version in "[1-9]", epoch in "[01]") {
            if let Ok(versions) = Versions::of_range(&format!("vers:rpm/{text}"), Some(&epoch)) {
                let kept = Versions::of_kept(versions.kept().as_deref());
                for version in [version.clone(), format!("1:{version}")] {
                    let version = version.parse().ok();
                    prop_assert_eq!(versions.have(version.as_ref()), kept.have(version.as_ref()), "{:?}", versions.kept());
                }
            }
        }

        /// A version is inside of exactly one of two ranges that a bound parts.
        #[test]
        fn a_bound_parts_the_versions(bound in "[1-9]\\.[0-9]-[1-9]", version in "[1-9]\\.[0-9]-[1-9]") {
            let (before, from) = (says(&format!("vers:rpm/<{bound}"), &version), says(&format!("vers:rpm/>={bound}"), &version));
            prop_assert_ne!(before, from);
        }
    }
}
