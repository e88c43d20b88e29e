//! A case with its advisory: the public view, and the revisions that led to it.

use jiff::Timestamp;
use seaworthy_model::case::{Case, CaseEvent, CaseState, IllegalStep};
use seaworthy_model::subject::{self, AdvisoryStated, Described};
use seaworthy_publish::{Advisory, Revision, Standing};

use super::view::{View, changes, view_of, words};

/// A case with its advisory.
#[derive(Clone)]
pub(super) struct Thread {
    pub(super) case: Case,
    pub(super) id: Option<String>,
    pub(super) described: Option<Described>,
    /// The public view; `None` where there is none yet.
    pub(super) view: Option<View>,
    pub(super) revisions: Vec<(Timestamp, String)>,
    /// The number of revisions that were published, which do not change any more.
    published: usize,
    /// The view of the last published statement, as the statement has it.
    stated: Option<subject::View>,
    /// The view at the last published statement.
    told: Option<View>,
    /// Whether the case is under embargo, so that its events are not public yet.
    pub(super) sealed: bool,
}

impl Thread {
    pub(super) fn new(mut case: Case) -> Self {
        case.facts.evidence = Vec::new();
        Self { case, id: None, described: None, view: None, revisions: Vec::new(), published: 0, stated: None, told: None, sealed: false }
    }

    pub(super) fn step(&mut self, at: Timestamp, event: &CaseEvent) -> Result<(), IllegalStep> {
        // An embargo that ran out was lifted at its end, not at the next event.
        if let Some(embargo) = self.case.embargo.as_ref().filter(|e| self.sealed && e.until <= at) {
            let until = embargo.until;
            self.unseal(until);
        }
        self.case.apply(at, event)?;
        self.case.facts.evidence = Vec::new();
        match event {
            CaseEvent::Embargoed(embargo) if embargo.until > at => {
                self.sealed = true;
                // What was told before an embargo began stays told; without an id nothing was.
                if self.id.is_none() {
                    (self.view, self.revisions) = (None, Vec::new());
                }
            }
            CaseEvent::Disclosed => self.unseal(at),
            CaseEvent::Undone { before, .. } => self.forget(at, before.as_deref().map(|before| before.changed)),
            _ => {}
        }
        let recalled = match event {
            CaseEvent::Recalled { because, .. } => Some((because.trim(), self.view.clone())),
            _ => None,
        };
        self.review(at);
        if let Some((because, before)) = recalled
            && let Some((_, text)) = self.revisions.last_mut().filter(|_| self.view != before)
            && !because.is_empty()
        {
            text.push_str(&format!(" Taken back because: {}.", because.trim_end_matches('.')));
        }
        Ok(())
    }

    /// Takes back the revisions after a time, or all of them, as far as they were not published: nobody has heard of what was undone.
    fn forget(&mut self, at: Timestamp, since: Option<Timestamp>) {
        let kept = since.map_or(0, |since| self.revisions.iter().take_while(|(revised, _)| *revised <= since).count());
        self.revisions.truncate(kept.max(self.published));
        let told = self.told.as_ref().map(|view| &view.standing);
        self.view = match self.revisions.len() {
            0 => None,
            // What is left was told, and the review says where the case differs from it.
            count if count == self.published => self.told.clone(),
            _ => view_of(&self.case, told),
        };
        self.sealed = self.case.embargo.as_ref().is_some_and(|embargo| embargo.until > at);
        if self.sealed && self.id.is_none() {
            (self.view, self.revisions) = (None, Vec::new());
        }
    }

    /// Ends the embargo: the events since its start become public in one step.
    pub(super) fn unseal(&mut self, at: Timestamp) {
        self.sealed = false;
        self.review(at);
    }

    /// Adds a revision where the public view of the case differs from the view before.
    pub(super) fn review(&mut self, at: Timestamp) {
        // What was not told before the package left is not told of now.
        if self.sealed || self.left_untold() {
            return;
        }
        let Some(mut view) = view_of(&self.case, self.standing()) else { return };
        // A version that has the fix is no news of what is affected.
        if view.version.as_ref().is_some_and(|version| view.is_fixed_in(version, &self.case)) {
            view.version = self.view.as_ref().and_then(|before| before.version.clone());
        }
        let summary = match &self.view {
            None => format!("First published: {}.", words(&view.standing)),
            Some(before) if *before == view => return,
            Some(before) => changes(before, &view),
        };
        self.view = Some(view);
        self.revise(at, summary);
    }

    /// The summary of the revision that corrects what an earlier version published, where nothing was published since; `None` where that
    /// holds. Of a package that had left it said that it is not affected, and the package may be back by now; of an update that was taken
    /// back it said that the fix is ready.
    fn correction(&self) -> Option<String> {
        let stated = self.stated.as_ref().filter(|_| self.revisions.len() == self.published)?;
        let now = self.view.as_ref()?;
        let is_not_affected = |standing: &Standing| matches!(standing, Standing::NotAffected { .. });
        if is_not_affected(&stated.standing) && !is_not_affected(&now.standing) {
            return Some(format!("Corrected: {}.", words(&now.standing)));
        }
        // Other words for the same stay as they were published.
        self.case.taken_back()?;
        let is_affected = [&stated.standing, &now.standing].into_iter().all(|standing| *standing == Standing::Affected);
        (is_affected && stated.statement != now.statement).then(|| format!("Corrected: {}", now.statement))
    }

    /// The thread with the revision that corrects what was published, where that is needed. Revisions that were published stay.
    fn corrected(&self, at: Timestamp) -> Self {
        let mut next = self.clone();
        if let Some(correction) = self.correction() {
            next.revise(at, correction);
        }
        next
    }

    /// The public standing; `None` where there is none.
    fn standing(&self) -> Option<&Standing> {
        self.view.as_ref().map(|view| &view.standing)
    }

    fn revise(&mut self, at: Timestamp, summary: String) {
        // Several events of one moment are one change.
        let (first, count) = (self.revisions.len() == 1, self.revisions.len());
        match self.revisions.last_mut() {
            // What was published stays as it is, and times do not fall.
            Some((last, _)) if *last >= at && count <= self.published => {
                let at = *last;
                self.revisions.push((at, summary));
            }
            Some((last, text)) if *last >= at && first => {
                if let Some(view) = &self.view {
                    *text = format!("First published: {}.", words(&view.standing));
                }
            }
            Some((last, text)) if *last >= at => *text = format!("{text} {summary}"),
            _ => self.revisions.push((at, summary)),
        }
    }

    /// The statement that the log needs before the advisory is published; `None` where it was published as it is.
    ///
    /// Other references alone are no news: records get new ones at all times, and thousands at once where a source sorts its tags anew.
    /// They are told with the next revision. The first ones are told at once.
    pub(super) fn statement(&self, now: Timestamp, described: Described, id: Option<String>) -> Option<AdvisoryStated> {
        let view = self.view.as_ref()?;
        let before = self.described.as_ref();
        let changed = before != Some(&described);
        let only_other_references = before
            .filter(|before| !before.references.is_empty())
            .is_some_and(|before| Described { references: described.references.clone(), ..before.clone() } == described);
        if id.is_none() && (!changed || only_other_references) && self.revisions.len() == self.published && self.correction().is_none() {
            return None;
        }
        let mut next = self.corrected(now);
        if changed {
            next.describe(now, &described);
        }
        let numbered = (1..).zip(next.revisions).skip(self.published);
        Some(AdvisoryStated {
            key: self.case.key.clone(),
            id,
            described: changed.then_some(described),
            view: view.stated(),
            revisions: numbered.map(|(number, (at, summary))| Revision { number, at, summary }).collect(),
        })
    }

    /// Applies a published statement.
    pub(super) fn state(&mut self, stated: &AdvisoryStated) {
        if let Some(id) = &stated.id {
            self.id = Some(id.clone());
            // An earlier version told of a package that had left.
            if self.case.state == CaseState::NotShipped {
                self.view = view_of(&self.case, self.standing());
            }
        }
        if let Some(described) = &stated.described {
            self.described = Some(described.clone());
        }
        if let Some(first) = stated.revisions.first() {
            self.revisions.truncate((first.number as usize).saturating_sub(1));
        }
        self.revisions.extend(stated.revisions.iter().map(|r| (r.at, r.summary.clone())));
        self.published = self.revisions.len();
        self.stated = Some(stated.view.clone());
        self.told.clone_from(&self.view);
    }

    pub(super) fn describe(&mut self, at: Timestamp, described: &Described) {
        if let Some(before) = self.described.replace(described.clone()) {
            let mut what = Vec::new();
            if before.description != described.description {
                what.push("the record's description");
            }
            if before.references != described.references {
                what.push("the record's references");
            }
            if before.score != described.score || before.weaknesses != described.weaknesses {
                what.push("the record's rating");
            }
            if before.binaries != described.binaries {
                what.push("the binary packages");
            }
            if before.due != described.due {
                what.push("the promised date");
            }
            self.revise(at, format!("Changed: {}.", what.join(", ")));
        }
    }

    /// Whether the case has a public view. A suspicion has none until a person has decided.
    pub(super) fn is_public(&self) -> bool {
        !self.sealed && self.view.is_some() && !self.left_untold()
    }

    /// Whether the package left before anything was told of the case.
    fn left_untold(&self) -> bool {
        self.case.state == CaseState::NotShipped && self.id.is_none()
    }

    /// The advisory as it is published; `None` without an id, without a public view, or under embargo.
    pub(super) fn advisory(&self) -> Option<Advisory> {
        if self.sealed { None } else { self.advisory_as(self.id.clone()?) }
    }

    /// The advisory of the case as it is now, even under embargo; its id is empty where it has none.
    pub(super) fn as_it_stands(&self) -> Option<Advisory> {
        if !self.sealed {
            return self.corrected(self.case.changed).advisory_as(self.id.clone().unwrap_or_default());
        }
        let mut open = self.clone();
        open.unseal(open.case.changed);
        open.as_it_stands()
    }

    /// The advisory of the public view, with this id; `None` where there is no public view.
    fn advisory_as(&self, id: String) -> Option<Advisory> {
        let now = self.view.as_ref().filter(|_| !self.left_untold())?;
        // Until something is revised it says what it said.
        let unchanged = self.stated.as_ref().filter(|_| self.revisions.len() == self.published);
        let view = unchanged.cloned().unwrap_or_else(|| now.stated());
        let described = self.described.clone().unwrap_or_default();
        let numbered = (1..).zip(&self.revisions);
        Some(Advisory {
            id,
            cve: self.case.key.cve,
            package: self.case.key.package.to_string(),
            binaries: described.binaries,
            version: view.version.filter(|version| !now.is_fixed_in(version, &self.case)),
            standing: view.standing,
            statement: view.statement,
            severity: view.severity,
            score: described.score,
            description: described.description,
            weaknesses: described.weaknesses,
            references: described.references,
            exploited_since: view.exploited_since.map(|day| day.to_string()),
            ready: now.ready.clone(),
            deliveries: view.deliveries,
            due: described.due,
            revisions: numbered.map(|(number, (at, summary))| Revision { number, at: *at, summary: summary.clone() }).collect(),
        })
    }
}
