//! The update of a release line's cases by a scan.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use seaworthy_intelligence::Knowledge;
use seaworthy_intelligence::records::RecordState;
use seaworthy_inventory::{Inventory, attribute};
use seaworthy_matching::Assessment;
use seaworthy_model::ReleaseLine;
use seaworthy_model::case::{Case, CaseKey, IllegalStep};
use seaworthy_triage::{Reachable, Scan, arrivals, reconcile};

use crate::baseline::{Baseline, Timed};
use crate::observe::{OnImage, observe, versions};
use crate::replay::{apply_one, ships};
use crate::timeline::built_at;

/// The input of an update of cases.
pub(crate) struct CaseUpdate<'a> {
    /// The knowledge.
    pub(crate) knowledge: &'a Knowledge,
    /// The inventory.
    pub(crate) inventory: &'a Inventory,
    /// The image in service; `None` where none is known.
    pub(crate) image: Option<&'a Inventory>,
    /// The release line.
    pub(crate) line: &'a ReleaseLine,
    /// The channel of the packages that machines get.
    pub(crate) channel: &'a str,
}

/// The outcome of an update of cases.
pub(crate) struct CaseChanges {
    /// The events in the order in which they were applied.
    pub(crate) events: Vec<Timed>,
    /// The new cases that are history.
    pub(crate) history: BTreeSet<CaseKey>,
}

impl CaseUpdate<'_> {
    /// Brings the cases of the line up to an assessment of the whole inventory. The same assessment a second time changes nothing.
    ///
    /// `baseline` says which new cases are history; `reachable` has the packages that machines can get, where the request names them.
    ///
    /// # Errors
    /// When an event does not fit its case, which is a defect.
    pub(crate) fn run(
        &self,
        assessment: &Assessment,
        cases: &mut BTreeMap<CaseKey, Case>,
        baseline: Option<&Baseline<'_>>,
        reachable: Option<&Reachable>,
        now: Timestamp,
    ) -> Result<CaseChanges, IllegalStep> {
        let sources = self.image.map(|image| {
            let mut image = image.clone();
            attribute(&mut image, self.inventory);
            image.packages.into_iter().filter(|p| !p.binaries.is_empty()).map(|p| (p.name, p.evr)).collect::<BTreeMap<_, _>>()
        });
        let on_image = OnImage { packages: sources.as_ref().map(|s| s.keys().cloned().collect()) };
        let is_rejected =
            |key: &&CaseKey| self.knowledge.find(key.cve).is_some_and(|cve| self.knowledge.state(cve) == RecordState::Rejected);
        let rejected: BTreeSet<_> = cases.keys().filter(is_rejected).map(|key| key.cve).collect();
        let scan = Scan {
            seen: observe(self.knowledge, self.inventory, &assessment.findings, &on_image, None),
            versions: versions(self.inventory),
            rejected,
            ..Scan::default()
        };
        let seen = reconcile(self.line, cases, &scan, now);
        let (mut events, history) = match baseline {
            Some(baseline) => baseline.take_over(seen, now),
            None => (seen.into_iter().map(|(key, event)| (now, key, event)).collect(), BTreeSet::new()),
        };
        apply(cases, &events)?;
        if let Some(reachable) = reachable {
            let arrived: Vec<Timed> =
                arrivals(cases.values(), reachable, self.channel).into_iter().map(|(key, event)| (now, key, event)).collect();
            apply(cases, &arrived)?;
            events.extend(arrived);
        }
        if let (Some(sources), Some(image)) = (&sources, self.image.and_then(|i| i.image.as_ref())) {
            // What is history was on the image when that was built.
            let built = image.built.as_deref().and_then(built_at).map_or(now, |built| built.min(now));
            let at = |key: &CaseKey| {
                let changed = cases.get(key).map_or(now, |case| case.changed);
                if history.contains(key) { built.max(changed) } else { now }
            };
            let shipped: Vec<Timed> =
                ships(cases, &image.version, sources).into_iter().map(|(key, event)| (at(&key), key, event)).collect();
            apply(cases, &shipped)?;
            events.extend(shipped);
        }
        Ok(CaseChanges { events, history })
    }
}

fn apply(cases: &mut BTreeMap<CaseKey, Case>, events: &[Timed]) -> Result<(), IllegalStep> {
    events.iter().try_for_each(|(at, key, event)| apply_one(cases, *at, key, event))
}
