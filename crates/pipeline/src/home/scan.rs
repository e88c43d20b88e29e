//! Use case: a scan, which judges every package of an inventory.

use std::collections::HashSet;

use seaworthy_intelligence::{Knowledge, Store};
use seaworthy_inventory::Inventory;
use seaworthy_ledger::{Event, Scan};
use seaworthy_matching::{Assessment, CannotTell, ENGINE, LeftOut, assess};
use seaworthy_model::{CveId, Day, Digest, Severity, Status};
use seaworthy_triage::Span;

use super::{Home, HomeError, Judging, NotIncremental, Notice, RemarksRequest, Selection, Stage};

/// The request of a scan.
#[derive(Clone, Debug)]
pub struct ScanRequest {
    /// The packages.
    pub selection: Selection,
    /// The options of judging them.
    pub judging: Judging,
    /// Whether all pairs are kept: those that the version alone rules out, and those that are accepted for a time.
    pub keep_all: bool,
    /// The remarks on the findings.
    pub remarks: RemarksRequest,
    /// Whether only CVEs are judged that changed since the last scan of the same selection. All are judged where these are not known.
    pub changed: bool,
    /// The longest time since the sources of records were read; `None` for any time.
    pub max_age: Option<Span>,
}

/// The outcome of a scan.
#[derive(Debug)]
pub struct Scanned {
    /// The findings, with the remarks on them. Those that are accepted for a time are left out, unless all were asked for.
    pub assessment: Assessment,
    /// The findings that are not raised by the remarks on them, counted by cause.
    pub left_out: Vec<LeftOut>,
    /// The inventory that was judged.
    pub inventory: Inventory,
    /// The knowledge that it was judged with.
    pub knowledge: Knowledge,
    /// The heading: the distribution and the release, image or location.
    pub title: String,
    /// The vendor, which is the namespace of purls; empty where the settings name none.
    pub vendor: String,
    /// Whether only CVEs were judged that changed since the last scan.
    pub only_changed: bool,
    /// The folder of the checkout in which the files of the inventory lie, as in [`Source::folder_in_checkout`](crate::Source).
    pub folder: String,
}

/// The conclusion of a scan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Conclusion {
    /// Something is affected at the severity that was asked for or above: the number of findings.
    Affected(usize),
    /// Nothing is known to be affected, and this is no all-clear.
    CannotTell(Vec<CannotTell>),
    /// Nothing of that is affected, or nothing was asked for.
    Clear,
}

impl Scanned {
    /// The conclusion: whether a package is affected at a severity or above, else whether that can be told at all. Without a severity
    /// nothing is asked of what is affected, and it cannot be told where nothing is.
    #[must_use]
    pub fn conclusion(&self, bar: Option<Severity>) -> Conclusion {
        let found = bar.map_or(0, |bar| self.affected_at(bar));
        if found > 0 {
            return Conclusion::Affected(found);
        }
        let reasons = CannotTell::of(&self.assessment, &self.inventory);
        let says_enough = reasons.is_empty() || bar.is_none() && self.affected_at(Severity::None) > 0;
        if says_enough { Conclusion::Clear } else { Conclusion::CannotTell(reasons) }
    }

    /// The number of findings by which a package is affected at a severity or above, without those that are accepted for a time. A finding
    /// without a rating counts as medium.
    #[must_use]
    pub fn affected_at(&self, bar: Severity) -> usize {
        let raised = self.assessment.findings.iter().filter(|f| f.status == Status::Affected && !f.is_accepted());
        raised.filter(|f| Severity::effective(f.severity) >= bar).count()
    }
}

impl Home {
    /// Judges every package of a selection, and adds to the findings what the cases of the release line, VEX documents and ignore files
    /// say. A scan without a day is written into the log where that can be written, as it was judged, and the next scan of changed CVEs
    /// begins from it. The cases are of today: a scan with a day does without them.
    ///
    /// # Errors
    /// When no record is known yet, the records are older than the request allows, or the inventory, a file or the ledger cannot be read.
    pub fn scan(&self, request: &ScanRequest) -> Result<Scanned, HomeError> {
        let work = self.work(&Stage::Inventory);
        let store = self.store();
        let mut options = request.judging.options()?;
        options.keep_ruled_out = request.keep_all;
        let knowledge = store.open()?;
        self.check_knowledge(request.max_age)?;
        let now = request.judging.as_of.map_or_else(|| self.now(), |day| Day::from(day).end());
        let files = self.remark_files(&request.remarks, now)?;
        let inventory = self.inventory_to_judge(&request.selection, request.judging.as_of, request.remarks.line.as_ref())?;
        self.report_problems(&inventory.problems);
        let selector = request.selection.to_string();
        let products = options.products.digest();
        let writes = request.judging.as_of.is_none();
        let ledger = if request.changed || writes { Some(self.ledger_if_writable()?) } else { None };
        if let Some(ledger) = ledger.as_ref().filter(|_| request.changed) {
            match changed(&store, &knowledge, ledger.last_scan(&selector)?, products) {
                Ok(changed) => options.only = Some(changed),
                Err(reason) => self.options.progress.notice(&Notice::WholeScan(reason)),
            }
        }
        work.stage(&Stage::Judging);
        let mut assessment = assess(&knowledge, &inventory, &options);
        if let Some(ledger) = ledger.as_ref().filter(|ledger| writes && !ledger.is_read_only()) {
            ledger.append(vec![self.draft(scanned(&assessment, selector, products))])?;
        }
        if options.only.is_none() {
            self.report_unmatched(&files, &assessment.findings);
        }
        let cases = ledger.as_deref().filter(|_| writes);
        self.remark(&mut assessment.findings, &inventory, cases, &request.remarks, files, now)?;
        let left_out = LeftOut::of(&assessment.findings);
        if !request.keep_all {
            assessment.findings.retain(|finding| !finding.is_accepted());
        }
        let title = self.title(&inventory);
        let (vendor, only_changed) = (self.settings.vendor_of_scans(), options.only.is_some());
        let folder = request.selection.source.folder_in_checkout();
        Ok(Scanned { assessment, left_out, inventory, knowledge, title, vendor, only_changed, folder })
    }

    fn title(&self, inventory: &Inventory) -> String {
        let title = match (&inventory.image, &inventory.origin.revision) {
            (Some(image), _) => format!("{} {}", image.sku, image.version),
            (None, Some(revision)) => revision.clone(),
            (None, None) => inventory.origin.location.clone(),
        };
        match self.settings.distribution_name() {
            Some(name) => format!("{name}: {title}"),
            None => title,
        }
    }

    pub(super) fn report_problems(&self, problems: &[seaworthy_inventory::Problem]) {
        if !problems.is_empty() {
            self.options.progress.notice(&Notice::Problems(problems.to_vec()));
        }
    }
}

/// The event of a scan.
pub(super) fn scanned(assessment: &Assessment, selector: String, products: Digest) -> Event {
    let count = |status| assessment.findings.iter().filter(|f| f.status == status).count() as u64;
    Event::Scanned(Scan {
        selector,
        knowledge: assessment.knowledge,
        inventory: assessment.inventory,
        engine: assessment.engine.to_owned(),
        products: Some(products),
        raised: [Status::Affected, Status::Suspected].map(count),
    })
}

/// The CVEs that changed since the last scan of a selection, or the reason why all have to be judged.
fn changed(store: &Store, knowledge: &Knowledge, last: Option<Scan>, products: Digest) -> Result<HashSet<CveId>, NotIncremental> {
    let last = last.ok_or(NotIncremental::First)?;
    if last.engine != ENGINE {
        return Err(NotIncremental::OtherRules);
    }
    if last.products != Some(products) {
        return Err(NotIncremental::OtherProducts);
    }
    let changes = store.changes_since(last.knowledge, knowledge.digest()).ok_or(NotIncremental::OtherKnowledge)?;
    Ok(changes.into_iter().map(|c| c.cve).collect())
}
