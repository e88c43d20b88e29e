//! The cases whose decisions may hold for others. Whoever goes through the queue asks for them at every case.

use std::sync::{Arc, Mutex, PoisonError};

use seaworthy_ledger::{Ledger, Query, Sight};
use seaworthy_model::case::{Case, CaseState};

use crate::home::HomeError;

/// The precedents as they were read last.
#[derive(Default)]
pub(super) struct Precedents {
    read: Mutex<Option<Read>>,
}

struct Read {
    /// The last event of the log at that time.
    head: u64,
    embargoed: bool,
    cases: Arc<Vec<Case>>,
}

impl Precedents {
    /// The cases; they are read again once the log has grown. `sight` is that of a caller with the right to cases under embargo where
    /// `embargoed` says so.
    pub(super) fn of(&self, ledger: &Ledger, embargoed: bool, sight: Sight) -> Result<Arc<Vec<Case>>, HomeError> {
        let head = ledger.head()?.seq;
        let mut kept = self.read.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(read) = kept.as_ref().filter(|read| (read.head, read.embargoed) == (head, embargoed)) {
            return Ok(read.cases.clone());
        }
        let states = vec![CaseState::NotAffected, CaseState::WillNotFix, CaseState::Deferred];
        let mut cases = Vec::new();
        ledger.each_case(&Query { states, sight, ..Query::default() }, |case| {
            if case.decision.is_some() {
                cases.push(case);
            }
            Ok(())
        })?;
        let cases = Arc::new(cases);
        *kept = Some(Read { head, embargoed, cases: cases.clone() });
        Ok(cases)
    }
}
