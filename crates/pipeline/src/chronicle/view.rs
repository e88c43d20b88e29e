//! The public view of a case, and its sentences.

use seaworthy_model::case::{Case, CaseState, Decision, Delivered, Origin};
use seaworthy_model::{Day, Evr, Severity, Status, compare_evr, subject};
use seaworthy_publish::{Delivery, Place, ReadyFix, Standing};

/// The part of an advisory that changes with the case.
#[derive(Clone, PartialEq)]
pub(super) struct View {
    pub(super) standing: Standing,
    pub(super) statement: String,
    /// The fix in the specs that is not delivered yet.
    pub(super) ready: Option<ReadyFix>,
    pub(super) version: Option<Evr>,
    pub(super) severity: Option<Severity>,
    pub(super) exploited_since: Option<Day>,
    pub(super) deliveries: Vec<Delivery>,
}

impl View {
    /// Whether a version of the package has the fix of the case that is not delivered, or may have it. The fix is ready, or was taken back.
    pub(super) fn is_fixed_in(&self, version: &Evr, case: &Case) -> bool {
        let Some(fix) = case.fixed.as_ref().filter(|_| self.standing == Standing::Affected) else { return false };
        let fix = fix.version.as_ref().filter(|fix| fix.is_plain());
        fix.is_none_or(|fix| version.is_plain() && compare_evr(version, fix).is_ge())
    }

    /// The view as a statement in the log has it.
    pub(super) fn stated(&self) -> subject::View {
        let Self { standing, statement, ready: _, version, severity, exploited_since, deliveries } = self.clone();
        subject::View { standing, statement, version, severity, exploited_since, deliveries }
    }
}

/// The public view of a case; `None` where it has none. `before` is the standing that it had; `None` where it had none.
pub(super) fn view_of(case: &Case, before: Option<&Standing>) -> Option<View> {
    let mut statement = case.decision.as_ref().map(said).unwrap_or_default();
    let mut deliveries = Vec::new();
    let mut ready = None;
    let standing = match case.state {
        // A suspicion, or a record that went away before anybody heard of it, is no news.
        CaseState::UnderInvestigation | CaseState::Withdrawn | CaseState::Unopened if before.is_none() => return None,
        CaseState::UnderInvestigation | CaseState::Unopened => Standing::UnderInvestigation,
        CaseState::Withdrawn => Standing::Withdrawn,
        CaseState::Affected => Standing::Affected,
        CaseState::Deferred => Standing::Deferred { until: case.expires() },
        CaseState::WillNotFix => Standing::WillNotFix,
        // What is on machines is as vulnerable as before; what nobody knew before the package left, nobody will find out now.
        CaseState::NotShipped => match before {
            Some(Standing::UnderInvestigation) => Standing::UnderInvestigation,
            None if case.facts.status != Status::Affected => Standing::UnderInvestigation,
            _ => Standing::NotShipped,
        },
        CaseState::NotAffected => Standing::NotAffected { justification: case.decision.as_ref().and_then(|d| d.justification) },
        CaseState::Fixed => {
            let delivered = |d: &Delivered, place| Some(Delivery { at: d.at, version: d.version.clone()?, place });
            // Of what was delivered before, the log's channel is where it would be today.
            let place = |d: &Delivered| {
                if case.is_history() { Place::Earlier } else { Place::Repository(d.place.clone()) }
            };
            deliveries.extend(case.published.as_ref().and_then(|d| delivered(d, place(d))));
            deliveries.extend(case.imaged.as_ref().and_then(|d| delivered(d, Place::Image(d.place.clone()))));
            deliveries.sort_by(|a, b| (a.at, &a.place).cmp(&(b.at, &b.place)));
            let version = case.fixed.as_ref().and_then(|d| d.version.as_ref());
            let or_before = case.fixed.as_ref().is_some_and(|d| d.or_before);
            match version.filter(|version| version.is_plain()) {
                // To the world a fix is there when machines can get it.
                Some(version) if !deliveries.is_empty() => Standing::Fixed { version: version.clone(), or_before },
                _ => {
                    // What was taken back is no fix that is ready, until the package has a newer release.
                    let next = case.deliverable();
                    let gone = case.taken_back().filter(|_| next.is_none());
                    ready = gone.is_none().then(|| ReadyFix { version: next.filter(|version| version.is_plain()).cloned() });
                    statement = match (gone, next) {
                        (Some(gone), _) => format!("The update to {gone}, which had the fix, was taken back."),
                        (None, Some(version)) => format!("A fix is ready in {version}, and not delivered yet."),
                        (None, None) => "A fix is ready, and not delivered yet.".to_owned(),
                    };
                    deliveries.clear();
                    Standing::Affected
                }
            }
        }
    };
    Some(View {
        standing,
        statement,
        ready,
        version: case.next.as_ref().or(case.facts.version.as_ref()).cloned(),
        severity: case.severity(),
        exploited_since: case.facts.exploited_since,
        deliveries,
    })
}

/// The words of a decision for readers. What a file beside the spec has is often the note of a tool: it is told as what it is.
fn said(decision: &Decision) -> String {
    let words = decision.statement.trim();
    match decision.origin {
        Origin::SpecTree(_) if !words.is_empty() => format!("The spec tree records: {words}"),
        _ => words.to_owned(),
    }
}

/// The words for a standing.
pub(super) fn words(standing: &Standing) -> String {
    match standing {
        Standing::UnderInvestigation => "under investigation".into(),
        Standing::Affected => "affected".into(),
        Standing::Deferred { until: Some(until) } => format!("affected, the fix is put off until {until}"),
        Standing::Deferred { until: None } => "affected, the fix is put off".into(),
        Standing::WillNotFix => "affected, and will not be fixed".into(),
        Standing::NotShipped => "affected, and no longer shipped: no fix is planned".into(),
        Standing::NotAffected { .. } => "not affected".into(),
        Standing::Fixed { version, or_before } => format!("fixed in {version}{}", if *or_before { " or before" } else { "" }),
        Standing::Withdrawn => "withdrawn, since the record was rejected".into(),
    }
}

/// The sentences for the differences between two views.
pub(super) fn changes(before: &View, now: &View) -> String {
    let mut out = Vec::new();
    if before.standing != now.standing {
        out.push(format!("Now {}.", words(&now.standing)));
    }
    for delivery in now.deliveries.iter().filter(|d| !before.deliveries.contains(d)) {
        out.push(match &delivery.place {
            Place::Repository(channel) => format!("{} is in the repository ({channel}).", delivery.version),
            Place::Image(image) => format!("Image {image} carries {}.", delivery.version),
            Place::Earlier => format!("{} had been delivered before.", delivery.version),
        });
    }
    for delivery in before.deliveries.iter().filter(|d| !now.deliveries.iter().any(|n| n.place == d.place)) {
        out.push(format!("{} was taken back.", delivery.version));
    }
    if before.severity != now.severity {
        let word = |s: Option<Severity>| s.map_or("unrated", Severity::as_str);
        out.push(format!("Severity {} became {}.", word(before.severity), word(now.severity)));
    }
    if let (None, Some(day)) = (&before.exploited_since, &now.exploited_since) {
        out.push(format!("Known to be exploited since {day}."));
    }
    if before.standing == now.standing && before.statement != now.statement && now.ready.is_some() {
        out.push(now.statement.clone());
    }
    if let Some(version) = now.version.as_ref().filter(|version| before.version.as_ref() != Some(version)) {
        out.push(format!("Looked at in version {version}."));
    }
    if out.is_empty() {
        out.push("What it means here is told in other words.".into());
    }
    out.join(" ")
}
