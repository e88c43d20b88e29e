//! The update of a release line's cases by a scan.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use seaworthy_intelligence::Knowledge;
use seaworthy_intelligence::records::RecordState;
use seaworthy_inventory::{Inventory, attribute};
use seaworthy_matching::Assessment;
use seaworthy_model::ReleaseLine;
use seaworthy_model::case::{Case, CaseEvent, CaseKey, IllegalStep};
use seaworthy_triage::{Scan, reconcile};

use crate::observe::{OnImage, observe, versions};
use crate::replay::{apply, ships};

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
}

impl CaseUpdate<'_> {
    /// Brings the cases of the line up to an assessment of the whole inventory, and gives their events in the order in which they were
    /// applied. The same assessment a second time gives none.
    ///
    /// # Errors
    /// When an event does not fit its case, which is a defect.
    pub(crate) fn run(
        &self,
        assessment: &Assessment,
        cases: &mut BTreeMap<CaseKey, Case>,
        now: Timestamp,
    ) -> Result<Vec<(CaseKey, CaseEvent)>, IllegalStep> {
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
        let mut events = reconcile(self.line, cases, &scan, now);
        apply(cases, &events, now)?;
        if let (Some(sources), Some(image)) = (&sources, self.image.and_then(|i| i.image.as_ref())) {
            let shipped = ships(cases, &image.version, sources);
            apply(cases, &shipped, now)?;
            events.extend(shipped);
        }
        Ok(events)
    }
}
