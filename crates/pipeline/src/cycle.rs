//! The cycle: what one scan means for the cases, and what the plan is after it.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use seaworthy_intelligence::Knowledge;
use seaworthy_intelligence::records::RecordState;
use seaworthy_inventory::{Inventory, attribute};
use seaworthy_matching::Assessment;
use seaworthy_model::case::{Case, CaseEvent, CaseKey, CaseState, IllegalStep};
use seaworthy_triage::{Plan, Policy, Scan, plan, reconcile};

use crate::observe::{OnImage, observe, versions};
use crate::replay::{apply, ships};

/// What a cycle works with.
pub struct Cycle<'a> {
    /// What is known.
    pub knowledge: &'a Knowledge,
    /// What is shipped.
    pub inventory: &'a Inventory,
    /// The image in service, if one is known.
    pub image: Option<&'a Inventory>,
    /// The policy to plan by.
    pub policy: &'a Policy,
    /// The release line.
    pub line: &'a str,
}

/// What a cycle came to.
#[derive(Clone, Debug, PartialEq)]
pub struct Cycled {
    /// What happened to cases, in this order.
    pub events: Vec<(CaseKey, CaseEvent)>,
    /// The plan after it.
    pub plan: Plan,
}

impl Cycle<'_> {
    /// Brings the cases of the line up to an assessment of the whole inventory, and plans. A second look at the same changes
    /// nothing.
    ///
    /// # Errors
    /// When an event does not fit its case, which is a defect.
    pub fn run(&self, assessment: &Assessment, cases: &mut BTreeMap<CaseKey, Case>, now: Timestamp) -> Result<Cycled, IllegalStep> {
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
        let plan = plan(cases.values().filter(|c| c.state != CaseState::Withdrawn), self.policy, now);
        Ok(Cycled { events, plan })
    }
}
