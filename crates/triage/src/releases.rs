//! The releases of a package that are shipped side by side under one name, and the finding that speaks for them.
//!
//! A client of a repository takes the newest release of a name, and a scanner compares with one version. So a newer release without the
//! flaw is the fix of the older ones, also where these stay in the tree, as older compilers do.

use seaworthy_model::{Evr, Status};

use crate::observation::{Closed, Observation};

/// The finding that speaks for all releases of a package, with regard to one CVE.
#[derive(Debug, PartialEq)]
pub(crate) struct Speaks<'a> {
    /// The finding.
    pub(crate) pair: &'a Observation,
    /// The newer release that does not have the flaw; `None` where the finding holds for the newest.
    pub(crate) superseded: Option<Superseded<'a>>,
}

/// The releases between which a flaw ends.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Superseded<'a> {
    /// The finding of the newest release that has it.
    pub(crate) raised: &'a Observation,
    /// The oldest release from which on none has it.
    pub(crate) by: &'a Evr,
}

/// The finding that speaks for a package, of those of its releases. `releases` has all that are shipped, the oldest first; `seen` is not
/// empty.
///
/// Where the newest release is raised, the worst of all speaks. Where it is fixed, it speaks. Where it is not affected, the next older one
/// is asked.
pub(crate) fn speaks<'a>(seen: &[&'a Observation], releases: &'a [Evr]) -> Option<Speaks<'a>> {
    let urgency = |pair: &&Observation| (pair.closed.is_some(), pair.facts.status);
    let worst = seen.iter().copied().min_by_key(urgency)?;
    let finding = |pair| Some(Speaks { pair, superseded: None });
    let mut sound: Option<&Evr> = None;
    // Whether nobody can tell of a release above.
    let mut is_open = false;
    let mut recorded = None;
    for release in releases.iter().rev() {
        let of_release = seen.iter().copied().filter(|pair| pair.facts.version.as_ref() == Some(release)).min_by_key(urgency);
        let Some(pair) = of_release else {
            sound = sound.filter(|_| is_open).or(Some(release));
            continue;
        };
        match (&pair.closed, sound) {
            (Some(Closed::Fixed { .. }), _) => return finding(pair),
            (Some(Closed::Recorded { .. }), _) => {
                recorded = recorded.or(Some(pair));
                sound = sound.filter(|_| is_open).or(Some(release));
            }
            (None, None) => return finding(worst),
            // Of what nobody can tell, neither follows.
            (None, Some(_)) if pair.facts.status == Status::Undecided => is_open = true,
            (None, Some(by)) => return Some(Speaks { pair: worst, superseded: Some(Superseded { raised: pair, by }) }),
        }
    }
    finding(recorded.unwrap_or(worst))
}

#[cfg(test)]
mod tests {
    use seaworthy_model::case::Facts;

    use super::*;
    use crate::tests::facts;

    #[test]
    fn a_newer_release_without_the_flaw_is_the_fix_of_an_older_one() {
        // For each release: nothing found (-), affected (a), suspected (s), undecided (u), fixed by a patch (f), recorded as not affected
        // (r).
        let rows = [
            ("one release", "1.75", "a", "1.75 speaks"),
            ("the newest is not affected", "1.75 1.90", "a -", "1.75 speaks, 1.75 until 1.90"),
            ("two newer ones are not", "1.23 1.24 1.25", "a - -", "1.23 speaks, 1.23 until 1.24"),
            ("recorded beside the spec", "1.75 1.90", "a r", "1.75 speaks, 1.75 until 1.90"),
            ("only the newest is affected", "1.75 1.90", "- a", "1.90 speaks"),
            ("both are, and the worst is the older one", "1.75 1.90", "a s", "1.75 speaks"),
            ("nobody can tell of the newest", "1.75 1.90", "a u", "1.75 speaks"),
            ("nobody can tell of one between", "1.23 1.24 1.25", "a u -", "1.23 speaks, 1.23 until 1.25"),
            ("and a sound one below it", "1.23 1.24 1.25 1.26", "a - u -", "1.23 speaks, 1.23 until 1.26"),
            ("the newest is fixed", "1.75 1.90", "a f", "1.90 speaks"),
            ("both are fixed", "1.75 1.90", "f f", "1.90 speaks"),
            ("the older one is fixed, the newer one is not", "1.75 1.90", "f a", "1.90 speaks"),
            ("the older one is fixed, the newer one never was affected", "1.75 1.90", "f -", "1.75 speaks"),
            ("a suspicion over what is affected", "1.23 1.24 1.25", "a s -", "1.23 speaks, 1.24 until 1.25"),
            ("nothing is raised", "1.75 1.90", "r -", "1.75 speaks"),
        ];
        seaworthy_testing::hold(rows.into_iter().map(|(why, releases, found, expected)| {
            let releases: Vec<Evr> = releases.split(' ').map(|version| Evr::new(0, version, "1")).collect();
            let of = |(release, found): (&Evr, &str)| {
                let fixed = || Closed::Fixed { version: Some(release.clone()), or_before: false, evidence: Vec::new() };
                let recorded = || Closed::Recorded { file: "CVE.nopatch".into(), statement: "not built".into() };
                let (status, closed) = match found {
                    "-" => return None,
                    "a" => (Status::Affected, None),
                    "s" => (Status::Suspected, None),
                    "u" => (Status::Undecided, None),
                    "f" => (Status::Fixed, Some(fixed())),
                    _ => (Status::NotAffected, Some(recorded())),
                };
                let facts = Facts { status, version: Some(release.clone()), ..facts() };
                Some(Observation { package: "rust".parse().unwrap(), cve: "CVE-2024-24576".parse().unwrap(), facts, closed })
            };
            let seen: Vec<Observation> = releases.iter().zip(found.split(' ')).filter_map(of).collect();
            let said = speaks(&seen.iter().collect::<Vec<_>>(), &releases).map_or_else(String::new, |speaks| {
                let version = |pair: &Observation| pair.facts.version.as_ref().map_or_else(String::new, |evr| evr.version.clone());
                let until = |s: Superseded<'_>| format!("{} until {}", version(s.raised), s.by.version);
                format!("{} speaks{}", version(speaks.pair), speaks.superseded.map_or_else(String::new, |s| format!(", {}", until(s))))
            });
            (why, expected.to_owned(), said)
        }));
    }
}
