//! The parts of an advisory that are not of its case: the record's description, references and rating, the binary packages, and the
//! promised date.

use std::collections::BTreeMap;

use jiff::Timestamp;
use seaworthy_intelligence::records::Rating;
use seaworthy_intelligence::{Cve, IntelligenceError, Knowledge};
use seaworthy_model::case::Stage;
use seaworthy_model::subject::Described;
use seaworthy_model::text::masked;
use seaworthy_model::{Cvss, CvssVersion};
use seaworthy_publish::Standing;
use seaworthy_triage::{Policy, deadlines};

use super::thread::Thread;
use crate::about::AboutRecord;

impl Thread {
    /// These parts by the knowledge and names of now, with the dates that this policy promises. Parts that cannot be looked up stay as they
    /// were.
    ///
    /// # Errors
    /// When the texts of the index cannot be read.
    pub(super) fn describe_by(
        &self,
        knowledge: Option<&Knowledge>,
        binaries: &BTreeMap<String, Vec<String>>,
        promised: &Policy,
        now: Timestamp,
    ) -> Result<Described, IntelligenceError> {
        let delivered = self.view.as_ref().is_some_and(|v| matches!(v.standing, Standing::Fixed { .. }));
        let open = deadlines(&self.case, promised, now).into_iter().filter(|d| d.done.is_none());
        let due = open.filter(|d| matches!(d.stage, Stage::Published | Stage::Imaged)).map(|d| d.due).min();
        let mut out = Described {
            binaries: binaries.get(self.case.key.package.as_str()).cloned().unwrap_or_default(),
            // The clock of what was taken back began long ago: nobody promised its next release by then.
            due: due.filter(|_| {
                !delivered && self.case.taken_back().is_none() && self.view.as_ref().is_some_and(|v| v.standing == Standing::Affected)
            }),
            ..Described::default()
        };
        // What was known once stays known, where it cannot be looked up.
        let Some(knowledge) = knowledge else {
            let before = self.described.clone().unwrap_or_default();
            return Ok(Described { binaries: if binaries.is_empty() { before.binaries } else { out.binaries }, due: out.due, ..before });
        };
        if binaries.is_empty() {
            out.binaries = self.described.as_ref().map(|d| d.binaries.clone()).unwrap_or_default();
        }
        let Some(cve) = knowledge.find(self.case.key.cve) else { return Ok(out) };
        let ratings = ratings(knowledge, cve);
        let about = AboutRecord::of(knowledge, cve)?;
        // As the log keeps it, or it would be described anew each time.
        out.description = masked(&about.description).into_owned();
        out.references = about.references.into_iter().filter(|reference| !reference.is_broken()).collect();
        out.weaknesses = about.weaknesses.into_iter().map(|weakness| weakness.id).collect();
        // Version 3 is what every format can carry.
        let third: Vec<Cvss> =
            ratings.iter().filter(|r| matches!(r.version, CvssVersion::V30 | CvssVersion::V31) && !r.vector.is_empty()).cloned().collect();
        out.score = Cvss::preferred(&third).or_else(|| Cvss::preferred(&ratings)).cloned();
        Ok(out)
    }
}

/// The ratings of a record, in the order of its views.
pub(crate) fn ratings(knowledge: &Knowledge, cve: Cve) -> Vec<Cvss> {
    let rating = |r: &Rating<'_>| Cvss { version: r.version, rater: r.rater, score: r.score, vector: r.vector.to_owned() };
    knowledge.views(cve).flat_map(|(_, view)| view.ratings.iter().map(rating).collect::<Vec<_>>()).collect()
}
