//! Use case: a sync brings the knowledge up to date.

use std::path::Path;

use seaworthy_intelligence::fetch::{Client, Options};
use seaworthy_intelligence::records::SourceKind;
use seaworthy_intelligence::{Sources, Status, SyncReport, SyncStep};

use super::{Home, HomeError, Notice, Stage, Synced};

/// The request of a sync.
#[derive(Clone, Debug, Default)]
pub struct SyncRequest {
    /// The sources; those of the settings where none is named, and where they say nothing those that were read last.
    pub sources: Sources,
    /// The key for the API of NVD, which allows ten times the requests.
    pub api_key: Option<String>,
}

impl Home {
    /// Fetches the changes of the sources, and puts them in force. A source that fails keeps its last good records; the outcome names it.
    ///
    /// # Errors
    /// When the state or the ledger cannot be written, or all sources failed.
    pub fn sync(&self, request: &SyncRequest) -> Result<Synced, HomeError> {
        std::fs::create_dir_all(&self.path).map_err(HomeError::io("create", &self.path))?;
        let work = self.work(&Stage::Sources);
        let sources = if request.sources.is_empty() {
            self.settings.sources().or_last_read(&self.store().status()?).resolved(&self.path)
        } else {
            request.sources.absolute().map_err(HomeError::io("find", Path::new(".")))?
        };
        let client = Client::new(Options { api_key: request.api_key.clone(), ..Options::default() })?;
        let progress = &*self.options.progress;
        let synced = self.store().sync(&sources, &client, self.now(), &|step| match step {
            SyncStep::Asked(kind, at) => progress.notice(&Notice::Asked { kind, at: at.to_owned() }),
            SyncStep::Source(kind, at) => progress.stage(&Stage::Source { kind, at }),
            SyncStep::ChangesSince(at) => progress.stage(&Stage::ChangesSince(at)),
            SyncStep::ChangesUntil(at) => progress.stage(&Stage::ChangesUntil(at)),
            SyncStep::Indexed(name) => progress.stage(&Stage::Indexed(name)),
            SyncStep::Refused(kind, refusal) => progress.notice(&Notice::Document { kind, refusal: refusal.to_owned() }),
            _ => {}
        })?;
        drop(work);
        let failed = synced.failed();
        let synced = self.record_sync(synced.report)?;
        if failed { Err(HomeError::NoSource { kept: synced.status.cves > 0 }) } else { Ok(synced) }
    }

    /// Builds the whole index again from the raw records, without the network.
    ///
    /// # Errors
    /// When nothing was synced yet, or a raw record is missing or was changed.
    pub fn rebuild_index(&self) -> Result<Synced, HomeError> {
        let work = self.work(&Stage::Sources);
        let report = self.store().rebuild(&|name| self.options.progress.stage(&Stage::Indexed(name)))?;
        drop(work);
        self.record_sync(report)
    }

    fn record_sync(&self, report: SyncReport) -> Result<Synced, HomeError> {
        if let Some(knowledge) = report.to {
            let event = seaworthy_model::subject::Synced { knowledge, changes: [report.new, report.changed, report.rejected] };
            self.ledger()?.append(vec![self.draft(event)])?;
        }
        let synced = Synced { report, status: self.status()? };
        // Reported at once, not with the result: a cycle goes on from here.
        self.options.progress.notice(&Notice::Synced(Box::new(synced.clone())));
        Ok(synced)
    }

    /// The age, size and state of each source. A source that the settings switch off is not late: without records it is left out, and
    /// otherwise it has its last good records.
    ///
    /// # Errors
    /// When the state cannot be read.
    pub fn status(&self) -> Result<Status, HomeError> {
        let mut status = self.store().status()?;
        for kind in self.settings.sources().switched_off() {
            if let Some(source) = status.sources.get_mut(&kind) {
                source.error = None;
            }
        }
        let off = |kind: &SourceKind| self.settings.sources().switched_off().any(|off| off == *kind);
        status.sources.retain(|kind, source| !source.artefacts.is_empty() || !off(kind));
        Ok(status)
    }
}
