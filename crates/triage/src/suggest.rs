//! Suggestions: decisions on other cases that may hold for an open one. A person accepts or refuses them; none takes effect by itself.

use seaworthy_model::case::{Case, CaseKey, CaseState, Decision, Origin, Reason};
use serde::Serialize;

/// A suggested decision, with the reason for it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Suggestion {
    /// The name: the same for as long as the suggestion has the same ground, so that a refusal is remembered.
    pub name: String,
    /// The decision, as a decision of the person who accepts it.
    pub decision: Decision,
    /// The reason why it may hold for this case, in words.
    pub because: String,
    /// The case that it was decided for.
    pub rests_on: CaseKey,
}

/// The strength of a suggestion; the first are shown first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Strength {
    Component,
    Cve,
    Package,
}

/// The decisions on other cases that may hold for an open case, the strongest first; none for a closed case. `others` must have only cases
/// that the reader may see, since a suggestion names the case that it rests on.
#[must_use]
pub fn suggest<'c>(case: &Case, others: impl IntoIterator<Item = &'c Case>) -> Vec<Suggestion> {
    if !case.state.is_open() {
        return Vec::new();
    }
    let mut found: Vec<(Strength, Suggestion)> = others.into_iter().filter_map(|other| rests(case, other)).collect();
    found.retain(|(_, s)| !case.refused.contains(&s.name));
    found.sort_by(|(a, x), (b, y)| (a, &x.rests_on).cmp(&(b, &y.rests_on)));
    // The same words from many cases are one suggestion.
    let mut out: Vec<Suggestion> = Vec::new();
    for (_, suggestion) in found {
        let same = |s: &Suggestion| {
            let of = |d: &Decision| (d.state, d.justification, d.statement.clone());
            of(&s.decision) == of(&suggestion.decision)
        };
        if !out.iter().any(same) {
            out.push(suggestion);
        }
    }
    out
}

/// The suggestion for `case` from the decision on `other`; `None` where there is none.
fn rests(case: &Case, other: &Case) -> Option<(Strength, Suggestion)> {
    let decision = other.decision.as_ref()?;
    let concludes = matches!(other.state, CaseState::NotAffected | CaseState::WillNotFix | CaseState::Deferred);
    // What a scan concluded, it concludes here by itself; what has no words helps nobody.
    if other.key == case.key || !concludes || decision.origin == Origin::Scan || decision.statement.trim().is_empty() {
        return None;
    }
    let same_product = case.facts.product.is_some() && case.facts.product == other.facts.product;
    let product = case.facts.product.as_deref().unwrap_or_default();
    let by = match &decision.origin {
        Origin::Document(name) => format!("{name} states"),
        Origin::SpecTree(file) => format!("{file} records"),
        Origin::Person | Origin::Scan => "somebody decided".to_owned(),
    };
    let (strength, because) = if other.key.cve == case.key.cve {
        if same_product && other.key.package != case.key.package {
            (Strength::Component, format!("{by} it for the same component, {product}, in {}", other.key.package))
        } else {
            (Strength::Cve, format!("{by} it for the same CVE in {}", place(&other.key)))
        }
    } else if other.key.package == case.key.package && same_product && other.state == CaseState::NotAffected {
        (Strength::Package, format!("{by} it for {} in the same package and of the same product, {product}", other.key.cve))
    } else {
        return None;
    };
    let reason = if matches!(decision.origin, Origin::Document(_)) { Reason::Statement } else { Reason::Precedent };
    let decision = Decision { reason, origin: Origin::Person, ..decision.clone() };
    let name = format!("{} as in {}", decision.state, other.key);
    Some((strength, Suggestion { name, decision, because, rests_on: other.key.clone() }))
}

fn place(key: &CaseKey) -> String {
    let part = if key.part.is_empty() { String::new() } else { format!(", {}", key.part) };
    format!("{} ({}{part})", key.package, key.line)
}

#[cfg(test)]
mod tests {
    use seaworthy_model::case::{CaseEvent, Facts, Justification};

    use super::*;
    use crate::tests::{affected, at, facts};

    const CVE: &str = "CVE-2023-45853";

    fn of_product(package: &str, cve: &str) -> Case {
        let mut case = affected(package, cve, at("2024-09-01T00:00Z"));
        case.facts = Facts { product: Some("a:zlib:zlib".into()), ..facts() };
        case
    }

    fn decided(mut case: Case, origin: Origin, statement: &str) -> Case {
        let decision = Decision {
            state: CaseState::NotAffected,
            justification: Some(Justification::VulnerableCodeNotPresent),
            reason: Reason::NotBuilt,
            statement: statement.into(),
            until: None,
            origin,
        };
        case.apply(at("2024-09-02T00:00Z"), &CaseEvent::Decided(decision)).unwrap();
        case
    }

    #[test]
    fn the_same_component_comes_before_the_same_package() {
        let mut case = of_product("harbor-lights", CVE);
        let others = [
            decided(of_product("harbor-lights", "CVE-2022-37434"), Origin::Person, "contrib is not built"),
            decided(of_product("zlib", CVE), Origin::SpecTree("CVE-2023-45853.nopatch".into()), "minizip is not built"),
            decided(of_product("rsync", CVE), Origin::Document("vex.json".into()), "minizip is not in it"),
            decided(of_product("silent", CVE), Origin::SpecTree("x.nopatch".into()), " "),
            decided(of_product("scanned", CVE), Origin::Scan, "the records say so"),
            of_product("open", CVE),
        ];
        let found = suggest(&case, &others);
        let packages: Vec<&str> = found.iter().map(|s| s.rests_on.package.as_str()).collect();
        assert_eq!(packages, ["rsync", "zlib", "harbor-lights"]);
        assert_eq!((found[0].decision.reason, found[1].decision.reason), (Reason::Statement, Reason::Precedent));
        assert!(found[1].because.contains("CVE-2023-45853.nopatch records it for the same component, a:zlib:zlib, in zlib"));
        assert!(found.iter().all(|s| s.decision.complete().is_ok() && s.decision.origin == Origin::Person));

        let refused = CaseEvent::Refused { suggestion: found[0].name.clone() };
        case.apply(at("2024-09-03T00:00Z"), &refused).unwrap();
        assert_eq!(suggest(&case, &others).len(), 2);
        case.apply(at("2024-09-03T00:00Z"), &refused).unwrap_err();
        let closed = decided(case, Origin::Person, "looked at");
        assert_eq!(suggest(&closed, &others), []);
    }

    #[test]
    fn the_same_words_are_one_suggestion() {
        let case = of_product("harbor-lights", CVE);
        let others: Vec<Case> = ["a", "b", "c"].map(|p| decided(of_product(p, CVE), Origin::Person, "not built")).into();
        assert_eq!(suggest(&case, &others).len(), 1);
    }
}
