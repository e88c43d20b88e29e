//! The language of views, one lens for each side of a view.
//!
//! - A version is `=1.3`, or bounds as in `>=1.0 <1.4`; `*` is every version, `-` no version; `/-` behind them says without an update.
//! - [`configurations`]: matches `part:vendor:product VERSION sw:TARGET hw:TARGET`, joined by ` , ` (any of a node) or ` + ` (all of it);
//!   nodes by ` | ` (any) or ` & ` (all); configurations by ` ; `. `on ` begins a match that is a platform, `not ` a node that is
//!   negated, `unless ` a configuration.
//! - [`affected`]: products `NAME default=affected: VERSION , VERSION`, joined by ` ; `; a version begins with `not ` where it is not
//!   affected, with `git ` where it is a commit, with `unknown ` where its status is; `added ` begins a product in another container than
//!   the CNA's; `parts=` has the source files or import paths.
//! - [`ratings`]: `3.1 NVD 7.5 VECTOR`, joined by ` , `.
//! - [`dates`]: `published MINUTE changed SECOND`, or `unknown`.
//! - [`state`]: the state, and the source's own word behind it.
//! - [`about`]: id, weaknesses, description, addresses that lead to homes; a long text by its beginning and its length.
//! - [`description`]: the same with the end of a long one.
//! - [`beginning`]: the beginning of the description in the view.
//! - [`references`]: `ADDRESS (KIND, KIND)`, joined by ` , `.

use jiff::Timestamp;
use seaworthy_intelligence::records::{Affected, Configuration, Node, ProductMatch, RecordState, Update, VersionMatch};
use seaworthy_model::{Bound, CveId, CvssVersion, Reference, VersionRange};

use super::Seen;

/// A readable text: control characters as escapes, and a long one by its beginning and its length.
fn text(text: &str) -> String {
    if text.len() > 60 {
        format!("{}..{}", text.chars().take(8).collect::<String>().escape_debug(), text.len())
    } else {
        text.escape_debug().to_string()
    }
}

fn range(range: &VersionRange<'_>) -> String {
    match (range.start, range.end) {
        (Bound::Unbounded, Bound::Unbounded) => return "*".to_owned(),
        (Bound::Including(a), Bound::Including(b)) if a == b => return format!("={}", text(a)),
        _ => {}
    }
    let bound = |bound: Bound<'_>, including: &str, excluding: &str| match bound {
        Bound::Unbounded => None,
        Bound::Including(v) => Some(format!("{including}{}", text(v))),
        Bound::Excluding(v) => Some(format!("{excluding}{}", text(v))),
    };
    let both: Vec<String> = [bound(range.start, ">=", ">"), bound(range.end, "<=", "<")].into_iter().flatten().collect();
    both.join(" ")
}

fn joined(items: impl Iterator<Item = String>, sign: &str) -> String {
    items.collect::<Vec<_>>().join(sign)
}

pub(super) fn configurations(seen: &Seen<'_>) -> String {
    let version = |v: &VersionMatch<'_>| {
        let mut out = match (&*v.version, &v.range) {
            ("*", Some(bounds)) => range(bounds),
            ("*" | "-", None) => v.version.to_string(),
            (version, None) => format!("={}", text(version)),
            (version, Some(bounds)) => format!("={} {}", text(version), range(bounds)),
        };
        if v.update == Update::Without {
            out.push_str("/-");
        }
        if let Some(target) = &v.target_sw {
            out.push_str(&format!(" sw:{}", text(target)));
        }
        if let Some(target) = &v.target_hw {
            out.push_str(&format!(" hw:{}", text(target)));
        }
        out
    };
    let product = |p: &ProductMatch<'_>, sign: &str| {
        let name = &seen.products[p.product as usize];
        joined(p.versions.iter().map(|v| format!("{}{name} {}", if p.vulnerable { "" } else { "on " }, version(v))), sign)
    };
    let node = |n: &Node<'_>| {
        let sign = if n.all { " + " } else { " , " };
        format!("{}{}", if n.negate { "not " } else { "" }, joined(n.products.iter().map(|p| product(p, sign)), sign))
    };
    let configuration = |c: &Configuration<'_>| {
        let sign = if c.all { " & " } else { " | " };
        format!("{}{}", if c.negate { "unless " } else { "" }, joined(c.nodes.iter().map(node), sign))
    };
    or_none(joined(seen.view.configurations.iter().map(configuration), " ; "))
}

pub(super) fn affected(seen: &Seen<'_>) -> String {
    let product = |a: &Affected<'_>| {
        let default = match a.default {
            Some(true) => "affected",
            Some(false) => "unaffected",
            None => "unknown",
        };
        let versions = a.ranges.iter().map(|r| {
            let words = [(!r.affected, "not "), (r.git, "git ")].into_iter().filter(|(is, _)| *is).map(|(_, word)| word);
            format!("{}{}", words.collect::<String>(), range(&r.versions))
        });
        let name = text(&seen.products[a.product as usize]);
        let versions = versions.chain(a.unknown.iter().map(|r| format!("unknown {}", range(r))));
        let mut out = format!("{}{name} default={default}", if a.added { "added " } else { "" });
        let versions = joined(versions, " , ");
        if !versions.is_empty() {
            out.push_str(&format!(": {versions}"));
        }
        if !a.parts.is_empty() {
            out.push_str(&format!(" parts={}", joined(a.parts.iter().map(|f| text(f)), ",")));
        }
        out
    };
    or_none(joined(seen.view.affected.iter().map(product), " ; "))
}

pub(super) fn ratings(seen: &Seen<'_>) -> String {
    let version = |version| match version {
        CvssVersion::V40 => "4.0",
        CvssVersion::V31 => "3.1",
        CvssVersion::V30 => "3.0",
        CvssVersion::V2 => "2",
    };
    let rating = seen.view.ratings.iter().map(|r| format!("{} {} {} {}", version(r.version), r.rater, r.score, text(r.vector)));
    or_none(joined(rating.map(|r| r.trim_end().to_owned()), " , "))
}

pub(super) fn dates(seen: &Seen<'_>) -> String {
    let time = |second| Timestamp::from_second(second).unwrap();
    let published = seen.view.published.map(|minute| time(i64::from(minute) * 60).strftime("%Y-%m-%dT%H:%M").to_string());
    let modified = seen.view.modified.map(|second| time(second).to_string());
    format!("published {} changed {}", published.as_deref().unwrap_or("unknown"), modified.as_deref().unwrap_or("unknown"))
}

pub(super) fn state(seen: &Seen<'_>) -> String {
    let state = match seen.view.state {
        RecordState::Published => "published",
        RecordState::Disputed => "disputed",
        RecordState::Rejected => "rejected",
    };
    format!("{state} {}", text(seen.view.analysis)).trim_end().to_owned()
}

pub(super) fn about(seen: &Seen<'_>) -> String {
    let mut out = id(seen);
    for weakness in &seen.view.weaknesses {
        out.push_str(&format!(" {}", text(weakness)));
    }
    if !seen.text.description.is_empty() {
        out.push_str(&format!(" \"{}\"", text(&seen.text.description)));
    }
    for home in &seen.homes {
        out.push_str(&format!(" -> {}", text(home)));
    }
    out
}

pub(super) fn beginning(seen: &Seen<'_>) -> String {
    text(seen.view.beginning)
}

/// The description whole, or its beginning, its length in bytes and its end.
pub(super) fn description(seen: &Seen<'_>) -> String {
    let whole = &seen.text.description;
    let end: String = whole.chars().skip(whole.chars().count().saturating_sub(8)).collect();
    if whole.len() > 60 { format!("{}..{end}", text(whole)) } else { text(whole) }
}

pub(super) fn references(seen: &Seen<'_>) -> String {
    let reference = |r: &Reference| {
        let words = r.words();
        if words.is_empty() { text(&r.url) } else { format!("{} ({words})", text(&r.url)) }
    };
    or_none(joined(seen.text.references.iter().map(reference), " , "))
}

pub(super) fn id(seen: &Seen<'_>) -> String {
    CveId::from_key(seen.view.key).to_string()
}

/// The id, with the bytes of the file from and to which the record goes.
pub(super) fn place(seen: &Seen<'_>) -> String {
    format!("{} at {}..{}", id(seen), seen.place.start, seen.place.end)
}

fn or_none(text: String) -> String {
    if text.is_empty() { "none".to_owned() } else { text }
}
