//! Use case: the fixes of the time before the ledger are adopted as cases.

use std::collections::BTreeSet;
use std::path::PathBuf;

use jiff::civil::Date;
use seaworthy_inventory::{History, Source, read, read_history};
use seaworthy_ledger::{Draft, Event, Sight};
use seaworthy_matching::{Options, assess};
use seaworthy_model::{ReleaseLine, Status};
use serde::Serialize;

use super::{Desk, HomeError};
use crate::adopt::Adoption;
use crate::home::read_at;
use crate::home::{Stage, cases};

/// The request of an adoption.
#[derive(Clone, Debug)]
pub struct AdoptRequest {
    /// The file with the history of fixes; the changelogs of the releases where none is named.
    pub history: Option<PathBuf>,
    /// The releases of the line, the oldest first.
    pub releases: Vec<Source>,
    /// The last day of the fixes that are adopted; all days where none is named.
    pub until: Option<Date>,
    /// Whether fixes of packages that none of the files has are adopted as well.
    pub retired: bool,
    /// The channel in which the fixes were published.
    pub channel: String,
    /// The release line; that of the settings where none is named.
    pub line: Option<ReleaseLine>,
}

/// The outcome of an adoption, in pairs of package and CVE.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct AdoptedFixes {
    /// The number of pairs that were adopted as fixed and published.
    pub published: usize,
    /// The number of pairs whose fix is in a version that is not shipped, adopted as fixed, or has no version that can be read.
    pub not_there: usize,
    /// The number of pairs that were passed over, since there is a case already.
    pub known: usize,
    /// The number of pairs that were passed over, since the package is not shipped.
    pub not_shipped: usize,
}

impl Desk<'_> {
    /// Adopts the fixes of a history, each as a case that was fixed and published on its day.
    ///
    /// # Errors
    /// When the history or the packages cannot be read, nobody is named who adopts them, or cases of the line changed meanwhile.
    pub fn adopt(&self, request: &AdoptRequest) -> Result<AdoptedFixes, HomeError> {
        let home = self.home;
        let work = home.work(&Stage::History);
        let line = home.line(request.line.as_ref());
        let shipped = request.releases.iter().map(read).collect::<Result<Vec<_>, _>>();
        let shipped = shipped.map_err(HomeError::reading("what was shipped"))?;
        let history = match &request.history {
            Some(path) => read_history(path).map_err(HomeError::reading("the history of fixes"))?,
            None => History::of_changelogs(&shipped),
        };
        home.report_problems(&history.problems);
        // Severities come from what is known; a home without it takes the fixes over unrated.
        let knowledge = home.knowledge()?;
        let head = self.ledger.head()?.seq;
        let known: BTreeSet<_> = cases(&self.ledger, Some(&line), Sight::All)?.into_keys().collect();
        let until = request.until.map(|day| day.to_string());
        let mut ruled_out = BTreeSet::new();
        if let (Some(knowledge), Some(newest)) = (&knowledge, shipped.last()) {
            work.stage(&Stage::Judging);
            let only = history.rows.iter().map(|row| row.cve).collect();
            let assessment = assess(knowledge, newest, &Options { only: Some(only), keep_ruled_out: true, ..Options::default() });
            let findings = assessment.findings.into_iter().filter(|f| f.status == Status::NotAffected);
            ruled_out.extend(findings.map(|f| (f.package, f.cve)));
        }
        let adoption = Adoption {
            line: &line,
            history: &history,
            shipped: &shipped,
            knowledge: knowledge.as_ref(),
            ruled_out: &ruled_out,
            until: until.as_deref(),
            place: &request.channel,
            retired: request.retired,
        };
        let adopted = adoption.adopt(&known);
        work.stage(&Stage::Cases);
        let file = request.history.as_ref().and_then(|path| path.file_name()).map(|name| name.to_string_lossy().into_owned());
        let why = format!("taken over from {}", file.unwrap_or_else(|| "changelogs".into()));
        let person = home.person()?;
        let event = |(at, key, event)| Draft { why: Some(why.clone()), ..Draft::new(at, person, Event::case(key, event)) };
        let drafts: Vec<Draft> = adopted.events.into_iter().map(event).collect();
        self.commit(read_at(head, &drafts), drafts)?;
        let (published, not_there) = (adopted.pairs, adopted.not_there);
        Ok(AdoptedFixes { published, not_there, known: adopted.known, not_shipped: adopted.not_shipped })
    }
}
