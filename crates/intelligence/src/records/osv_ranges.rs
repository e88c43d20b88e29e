//! The ranges of an OSV record: its events in order, and the versions that are listed beside them.

use std::borrow::Cow;
use std::collections::HashSet;

use seaworthy_model::{Bound, Order, UpstreamVersion, VersionRange};
use serde::Deserialize;

use super::json::Word;
use super::{AffectedRange, VERSION_BYTES};

/// The number of ranges in which a listed version is searched, so that a hostile record costs little.
const LOOKED_THROUGH: usize = 16;

#[derive(Deserialize)]
pub(super) struct Range<'a> {
    #[serde(borrow, rename = "type")]
    kind: Cow<'a, str>,
    #[serde(borrow, default)]
    events: Vec<Event<'a>>,
}

/// An object of events. The schema has one field in each; where there are several, each is an event.
#[derive(Deserialize)]
struct Event<'a> {
    #[serde(borrow, default)]
    introduced: Option<Word<'a>>,
    #[serde(borrow, default)]
    fixed: Option<Word<'a>>,
    #[serde(borrow, default)]
    last_affected: Option<Word<'a>>,
    #[serde(borrow, default)]
    limit: Option<Word<'a>>,
}

/// A version at which a range begins or ends.
#[derive(Clone, Copy)]
enum Turn<'a> {
    Introduced(&'a str),
    Fixed(&'a str),
    LastAffected(&'a str),
}

impl<'a> Turn<'a> {
    /// The place in the order of events. The last affected version is still affected where another range begins with it.
    fn place(self, order: Order) -> (Option<UpstreamVersion<'a>>, bool) {
        match self {
            Self::Introduced("0") => (None, false),
            Self::Introduced(v) | Self::Fixed(v) => (Some(UpstreamVersion::in_order(order, v)), false),
            Self::LastAffected(v) => (Some(UpstreamVersion::in_order(order, v)), true),
        }
    }
}

impl Range<'_> {
    /// The first text that is too long for a version; `None` where there is none.
    fn too_long(&self) -> Option<&str> {
        let texts = self.events.iter().flat_map(|e| [&e.introduced, &e.fixed, &e.last_affected, &e.limit]);
        texts.flatten().map(|text| &**text).find(|text| text.len() > VERSION_BYTES)
    }

    /// The events as ranges, evaluated as in the schema: in the order of their versions, each range from a beginning to the next end.
    /// Commits have no order here and are not compared with versions, so they keep the order in the record.
    fn turned(&self, order: Order) -> Vec<AffectedRange<'_>> {
        let git = self.kind == "GIT";
        let mut turns: Vec<Turn<'_>> = Vec::with_capacity(self.events.len());
        for event in &self.events {
            turns.extend(event.introduced.as_deref().map(Turn::Introduced));
            turns.extend(event.fixed.as_deref().map(Turn::Fixed));
            turns.extend(event.last_affected.as_deref().map(Turn::LastAffected));
        }
        if !git {
            turns.sort_by_cached_key(|turn| turn.place(order));
        }
        // The schema asks for a beginning. Where there is none, the end says that all before it is affected.
        let has_beginning = turns.iter().any(|turn| matches!(turn, Turn::Introduced(_)));
        let mut start = (!has_beginning).then_some(Bound::Unbounded);
        let mut pairs: Vec<VersionRange<'_>> = Vec::new();
        for turn in turns {
            let end = match turn {
                Turn::Introduced(version) => {
                    start = start.or(Some(if version == "0" { Bound::Unbounded } else { Bound::Including(version) }));
                    continue;
                }
                Turn::Fixed(version) => Bound::Excluding(version),
                Turn::LastAffected(version) => Bound::Including(version),
            };
            pairs.extend(start.take().map(|start| VersionRange { start, end }));
        }
        pairs.extend(start.filter(|_| has_beginning).map(|start| VersionRange { start, end: Bound::Unbounded }));
        if !git {
            self.limit(order, &mut pairs);
        }
        pairs.into_iter().map(|versions| AffectedRange { versions, affected: true, git }).collect()
    }

    /// Cuts ranges at the highest limit of the events: versions from it on are not affected.
    fn limit<'s>(&'s self, order: Order, pairs: &mut Vec<VersionRange<'s>>) {
        let limits = || self.events.iter().filter_map(|e| e.limit.as_deref());
        let version = |text| UpstreamVersion::in_order(order, text);
        let Some(limit) = limits().max_by_key(|limit| version(*limit)).filter(|_| limits().all(|l| l != "*")) else { return };
        let highest = version(limit);
        let is_before = |bound: Bound<'s>| match bound {
            Bound::Unbounded => None,
            Bound::Including(v) | Bound::Excluding(v) => Some(version(v) < highest),
        };
        pairs.retain(|pair| is_before(pair.start) != Some(false));
        for pair in pairs.iter_mut().filter(|pair| is_before(pair.end) != Some(true)) {
            pair.end = Bound::Excluding(limit);
        }
    }
}

/// The affected ranges: those of the events, then the listed versions that are in none of them, in the order of the ecosystem. A text that
/// is too long for a version is given to `refuse`, and its range or version is left out.
pub(super) fn ranges_of<'a>(
    ranges: &'a [Range<'_>],
    versions: &'a [Word<'_>],
    order: Order,
    refuse: &mut dyn FnMut(&str),
) -> Vec<AffectedRange<'a>> {
    let mut out = Vec::new();
    for range in ranges {
        match range.too_long() {
            Some(text) => refuse(text),
            None => out.extend(range.turned(order)),
        }
    }
    let by_events = out.len();
    let mut seen = HashSet::new();
    for version in versions {
        if version.len() > VERSION_BYTES {
            refuse(version);
        } else if seen.insert(&**version) && !is_within(&out[..by_events], order, version) {
            out.push(AffectedRange { versions: VersionRange::only(version), affected: true, git: false });
        }
    }
    out
}

/// Whether a range has a listed version already.
fn is_within(ranges: &[AffectedRange<'_>], order: Order, version: &str) -> bool {
    let version = UpstreamVersion::in_order(order, version);
    let mut compared = ranges.iter().filter(|r| !r.git).take(LOOKED_THROUGH).map(|r| &r.versions);
    version.is_numeric() && compared.any(|range| range.is_comparable(&version) && range.contains(&version))
}
