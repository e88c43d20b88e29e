//! Whether a CVSS vector is one, and whether its score is what it gives: the schemas of others refuse everything else.
//!
//! Specifications: <https://www.first.org/cvss/v2/guide>, <https://www.first.org/cvss/v3-1/specification-document>,
//! <https://www.first.org/cvss/v4-0/specification-document>.

use seaworthy_model::{Cvss, CvssVersion};

/// The metrics of a version: name, values (split at spaces), whether it must be there.
type Metric = (&'static str, &'static str, bool);

const V2: [Metric; 6] =
    [("AV", "N A L", true), ("AC", "L M H", true), ("Au", "N S M", true), ("C", "N P C", true), ("I", "N P C", true), ("A", "N P C", true)];

const V3: [Metric; 22] = [
    ("AV", "N A L P", true),
    ("AC", "L H", true),
    ("PR", "N L H", true),
    ("UI", "N R", true),
    ("S", "U C", true),
    ("C", "N L H", true),
    ("I", "N L H", true),
    ("A", "N L H", true),
    ("E", "X U P F H", false),
    ("RL", "X O T W U", false),
    ("RC", "X U R C", false),
    ("CR", "X L M H", false),
    ("IR", "X L M H", false),
    ("AR", "X L M H", false),
    ("MAV", "X N A L P", false),
    ("MAC", "X L H", false),
    ("MPR", "X N L H", false),
    ("MUI", "X N R", false),
    ("MS", "X U C", false),
    ("MC", "X N L H", false),
    ("MI", "X N L H", false),
    ("MA", "X N L H", false),
];

const V4: [Metric; 32] = [
    ("AV", "N A L P", true),
    ("AC", "L H", true),
    ("AT", "N P", true),
    ("PR", "N L H", true),
    ("UI", "N P A", true),
    ("VC", "H L N", true),
    ("VI", "H L N", true),
    ("VA", "H L N", true),
    ("SC", "H L N", true),
    ("SI", "H L N", true),
    ("SA", "H L N", true),
    ("E", "X A P U", false),
    ("CR", "X H M L", false),
    ("IR", "X H M L", false),
    ("AR", "X H M L", false),
    ("MAV", "X N A L P", false),
    ("MAC", "X L H", false),
    ("MAT", "X N P", false),
    ("MPR", "X N L H", false),
    ("MUI", "X N P A", false),
    ("MVC", "X N L H", false),
    ("MVI", "X N L H", false),
    ("MVA", "X N L H", false),
    ("MSC", "X N L H", false),
    ("MSI", "X N L H S", false),
    ("MSA", "X N L H S", false),
    ("S", "X N P", false),
    ("AU", "X N Y", false),
    ("R", "X A U I", false),
    ("V", "X D C", false),
    ("RE", "X L M H", false),
    ("U", "X Clear Green Amber Red", false),
];

/// The values of a vector's metrics in the order of its version's list; `None` when it is no vector of that version.
fn parse(rating: &Cvss) -> Option<Vec<&str>> {
    let (prefix, metrics): (&str, &[Metric]) = match rating.version {
        CvssVersion::V2 => ("", &V2),
        CvssVersion::V30 => ("CVSS:3.0/", &V3),
        CvssVersion::V31 => ("CVSS:3.1/", &V3),
        CvssVersion::V40 => ("CVSS:4.0/", &V4),
    };
    let mut values = vec![""; metrics.len()];
    let mut last = 0;
    for part in rating.vector.strip_prefix(prefix)?.split('/') {
        let (name, value) = part.split_once(':')?;
        let nth = metrics.iter().position(|(known, ..)| *known == name)?;
        let (_, allowed, _) = metrics.get(nth)?;
        let slot = values.get_mut(nth)?;
        // In version 4 the order is part of the form.
        if !slot.is_empty() || !allowed.split(' ').any(|a| a == value) || (rating.version == CvssVersion::V40 && nth < last) {
            return None;
        }
        *slot = value;
        last = nth;
    }
    metrics.iter().zip(&values).all(|((_, _, needed), value)| !needed || !value.is_empty()).then_some(values)
}

/// Whether the vector is one of its version.
pub(super) fn is_vector(rating: &Cvss) -> bool {
    parse(rating).is_some()
}

/// Whether the vector is one of its version and its base metrics give the score. Always false for version 4, whose scores come
/// from a large table and which no format here wants with a checked score.
pub(super) fn agrees(rating: &Cvss) -> bool {
    let Some(values) = parse(rating) else { return false };
    let score = match rating.version {
        CvssVersion::V2 => base_v2(&values),
        CvssVersion::V30 => base_v3(&values).map(|s| (s * 10.0).ceil() / 10.0),
        CvssVersion::V31 => base_v3(&values).map(round_up),
        CvssVersion::V40 => None,
    };
    score.is_some_and(|score| (score - f64::from(rating.score)).abs() < 0.01)
}

/// Rounds up to one decimal, as appendix A of version 3.1 does it.
fn round_up(score: f64) -> f64 {
    let whole = (score * 100_000.0).round() as u64;
    (if whole.is_multiple_of(10_000) { whole / 10_000 } else { whole / 10_000 + 1 }) as f64 / 10.0
}

fn base_v3(values: &[&str]) -> Option<f64> {
    let [vector, complexity, privileges, interaction, scope, c, i, a, ..] = values else { return None };
    let changed = *scope == "C";
    let vector = pick(vector, "N A L P", &[0.85, 0.62, 0.55, 0.2]);
    let complexity = pick(complexity, "L H", &[0.77, 0.44]);
    let privileges = pick(privileges, "N L H", if changed { &[0.85, 0.68, 0.5] } else { &[0.85, 0.62, 0.27] });
    let interaction = pick(interaction, "N R", &[0.85, 0.62]);
    let impact_of = |value: &str| 1.0 - pick(value, "N L H", &[0.0, 0.22, 0.56]);
    let sub = 1.0 - impact_of(c) * impact_of(i) * impact_of(a);
    let impact = if changed { 7.52 * (sub - 0.029) - 3.25 * (sub - 0.02_f64).powi(15) } else { 6.42 * sub };
    let sum = impact + 8.22 * vector * complexity * privileges * interaction;
    Some(if impact <= 0.0 { 0.0 } else { (if changed { 1.08 * sum } else { sum }).min(10.0) })
}

fn base_v2(values: &[&str]) -> Option<f64> {
    let [vector, complexity, authentication, c, i, a] = values else { return None };
    let impact_of = |value: &str| 1.0 - pick(value, "N P C", &[0.0, 0.275, 0.66]);
    let impact = 10.41 * (1.0 - impact_of(c) * impact_of(i) * impact_of(a));
    let exploitability = 20.0
        * pick(vector, "N A L", &[1.0, 0.646, 0.395])
        * pick(complexity, "L M H", &[0.71, 0.61, 0.35])
        * pick(authentication, "N S M", &[0.704, 0.56, 0.45]);
    let factor = if impact == 0.0 { 0.0 } else { 1.176 };
    Some(((0.6 * impact + 0.4 * exploitability - 1.5) * factor * 10.0).round() / 10.0)
}

/// The weight of a value; the value is one of the names.
fn pick(value: &str, names: &str, weights: &[f64]) -> f64 {
    names.split(' ').zip(weights).find(|(name, _)| *name == value).map_or(0.0, |(_, weight)| *weight)
}
