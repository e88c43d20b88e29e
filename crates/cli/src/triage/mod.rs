//! `triage`: the queue for people. Each decision is one command, and one event in the ledger.

mod adopt;
mod args;
mod board;
mod bulk;
mod list;
mod show;
mod suggestions;

use anyhow::{Context, anyhow, bail};
use jiff::Timestamp;
use seaworthy_ledger::{Draft, Event, Ledger, Sight};
use seaworthy_model::case::{Case, CaseEvent, CaseKey, CaseState, Decision, Embargo, Facts, Origin, Reach};
use seaworthy_model::{Evidence, EvidenceKind, Evr, Status};

pub(crate) use args::TriageCommand;
use args::{DecisionArgs, Note, Which};

use crate::args::Arguments;
use crate::config::Config;
use crate::{cases, clock, ledger};

pub(crate) fn run(arguments: &Arguments, command: &TriageCommand) -> anyhow::Result<u8> {
    let config = Config::read(&arguments.home)?;
    let mut desk = Desk { ledger: ledger::open(arguments, &config)?, config, now: clock::timestamp() };
    match command {
        TriageCommand::List(args) => list::run(arguments, &mut desk, args),
        TriageCommand::Show { which, json } => show::run(arguments, &mut desk, which, *json),
        TriageCommand::Board { line, embargoed } => board::run(arguments, desk, line.as_deref(), *embargoed),
        TriageCommand::Decide { which, state, decision, note } => {
            let case = desk.case(which)?;
            desk.write(case, note, vec![CaseEvent::Decided(decided(*state, decision))])
        }
        TriageCommand::Defer { which, decision, note } => {
            let case = desk.case(which)?;
            desk.write(case, note, vec![CaseEvent::Decided(decided(CaseState::Deferred, decision))])
        }
        TriageCommand::Adopt(args) => adopt::run(arguments, &mut desk, args),
        TriageCommand::Assign { which, to, note, .. } => {
            let case = desk.case(which)?;
            desk.write(case, note, vec![CaseEvent::Assigned { to: to.clone() }])
        }
        TriageCommand::Rate { which, severity, reason, note } => {
            let case = desk.case(which)?;
            if reason.trim().is_empty() {
                bail!("a rating needs a --reason: it wins over every other rating, and people will ask why");
            }
            desk.write(case, note, vec![CaseEvent::Rated { severity: *severity, reason: reason.clone() }])
        }
        TriageCommand::Pause { which, reason, note } => {
            let case = desk.case(which)?;
            desk.write(case, note, vec![CaseEvent::Paused { reason: *reason, note: note.why.clone().unwrap_or_default() }])
        }
        TriageCommand::Resume { which, note } => {
            let case = desk.case(which)?;
            desk.write(case, note, vec![CaseEvent::Resumed])
        }
        TriageCommand::Open { which, version, severity, until, contact, tracking, note } => {
            let embargo = until.map(|until| Embargo { until, contact: contact.clone().unwrap_or_default(), tracking: tracking.clone() });
            desk.open(which, version, *severity, embargo, note)
        }
        TriageCommand::Embargo { which, until, contact, tracking, note } => {
            let case = desk.case(which)?;
            if *until <= desk.now {
                bail!("an embargo until {until} is over already");
            }
            let embargo = Embargo { until: *until, contact: contact.clone(), tracking: tracking.clone() };
            desk.write(case, note, vec![CaseEvent::Embargoed(embargo)])
        }
        TriageCommand::Disclose { which, note } => {
            let case = desk.case(which)?;
            desk.write(case, note, vec![CaseEvent::Disclosed])
        }
        TriageCommand::Split { which, parts, note } => desk.split(which, parts, note),
        TriageCommand::Bulk { rule, state, decision, line, yes, embargoed, note } => {
            let choice = bulk::Choice { rule, line: line.as_deref(), embargoed: *embargoed };
            bulk::run(&mut desk, &choice, &decided(*state, decision), *yes, note)
        }
        TriageCommand::Suggest { cve, package, line, accept, justification, refuse, embargoed, note } => {
            let which = cve.zip(package.clone()).map(|(cve, package)| Which {
                cve,
                package,
                line: line.clone(),
                part: String::new(),
                embargoed: *embargoed,
            });
            let Some(which) = which else { return suggestions::overview(&mut desk, line.as_deref(), *embargoed) };
            let answer = match (accept, refuse) {
                (Some(number), _) => suggestions::Answer::Accept(*number, *justification),
                (None, Some(number)) => suggestions::Answer::Refuse(*number),
                (None, None) => suggestions::Answer::Show,
            };
            suggestions::of_case(&mut desk, &which, &answer, note)
        }
    }
}

/// A person's decision.
fn decided(state: CaseState, args: &DecisionArgs) -> Decision {
    Decision {
        state,
        justification: args.justification,
        reason: args.reason,
        statement: args.statement.clone(),
        until: args.until,
        origin: Origin::Person,
    }
}

/// What every command works at.
struct Desk {
    ledger: Ledger,
    config: Config,
    now: Timestamp,
}

impl Desk {
    fn key(&self, which: &Which) -> CaseKey {
        let line = cases::line(which.line.as_deref(), &self.config).to_owned();
        CaseKey { line, package: which.package.clone(), cve: which.cve, part: which.part.clone() }
    }

    /// The case, unless it is not there or is kept from whoever asks, which is the same to them.
    fn case(&mut self, which: &Which) -> anyhow::Result<Case> {
        let key = self.key(which);
        let found = self.ledger.case(&key)?.filter(|case| which.embargoed || case.is_disclosed(self.now));
        found
            .ok_or_else(|| anyhow!("there is no case of {key}: `seaworthy triage list` shows the cases, --line names another release line"))
    }

    fn sight(&self, embargoed: bool) -> Sight {
        if embargoed { Sight::All } else { Sight::DisclosedAt(self.now) }
    }

    fn draft(&self, key: &CaseKey, note: &Note, event: CaseEvent) -> Draft {
        let event = Event::Case { key: key.clone(), event };
        Draft { why: note.why.clone(), ..Draft::new(self.now, ledger::actor(), event) }
    }

    /// Writes what happens to a case, and tells it.
    fn write(&mut self, case: Case, note: &Note, events: Vec<CaseEvent>) -> anyhow::Result<u8> {
        let mut after = case.clone();
        for event in &events {
            after.apply(self.now, event).context("nothing was changed")?;
        }
        let drafts: Vec<Draft> = events.into_iter().map(|event| self.draft(&case.key, note, event)).collect();
        let told: Vec<String> = drafts.iter().map(|d| d.event.to_string()).collect();
        self.ledger.append(drafts)?;
        for line in told {
            say!("{line}");
        }
        if after.state != case.state {
            say!("  {} became {}", case.state, after.state);
        }
        Ok(0)
    }

    fn open(
        &mut self,
        which: &Which,
        version: &str,
        severity: Option<seaworthy_model::Severity>,
        embargo: Option<Embargo>,
        note: &Note,
    ) -> anyhow::Result<u8> {
        let key = self.key(which);
        // Without the right even "it is there already" would tell of a case under embargo.
        if !which.embargoed {
            bail!("opening a case by hand needs the right to what is under embargo: --embargoed");
        }
        if self.ledger.case(&key)?.is_some() {
            bail!("{key} is open already");
        }
        if version.trim().is_empty() {
            bail!("a case needs the version that it is about: --version 8.8.0-2");
        }
        version.parse::<Evr>().with_context(|| format!("--version {version:?} is no EPOCH:VERSION-RELEASE"))?;
        let facts = Facts {
            status: Status::Affected,
            version: version.to_owned(),
            severity,
            rated_by: None,
            exploited_since: None,
            epss: None,
            product: None,
            fixed_in: None,
            rule: String::new(),
            record_published: self.now,
            reach: Reach::Repository,
            evidence: vec![Evidence::new(EvidenceKind::Record, "opened by hand: no source names it yet")],
        };
        let opened = CaseEvent::Opened { facts, state: CaseState::UnderInvestigation };
        let events = [Some(opened), embargo.map(CaseEvent::Embargoed)];
        let drafts: Vec<Draft> = events.into_iter().flatten().map(|event| self.draft(&key, note, event)).collect();
        let told: Vec<String> = drafts.iter().map(|d| d.event.to_string()).collect();
        self.ledger.append(drafts)?;
        for line in told {
            say!("{line}");
        }
        Ok(0)
    }

    fn split(&mut self, which: &Which, parts: &[String], note: &Note) -> anyhow::Result<u8> {
        let case = self.case(which)?;
        if !case.key.part.is_empty() {
            bail!("{} is a part already: split the whole", case.key);
        }
        let state = if case.state.is_open() { case.state } else { CaseState::UnderInvestigation };
        let mut drafts = Vec::new();
        for part in parts {
            let key = CaseKey { part: part.clone(), ..case.key.clone() };
            if part.trim().is_empty() || self.ledger.case(&key)?.is_some() {
                bail!("{key} cannot be split off: a part needs a name that no part has yet; nothing was changed");
            }
            drafts.push(self.draft(&key, note, CaseEvent::Opened { facts: case.facts.clone(), state }));
            // What is kept from others is kept from them in part, too.
            if let Some(embargo) = &case.embargo {
                drafts.push(self.draft(&key, note, CaseEvent::Embargoed(embargo.clone())));
            }
        }
        let told: Vec<String> = drafts.iter().map(|d| d.event.to_string()).collect();
        self.ledger.append(drafts)?;
        for line in told {
            say!("{line}");
        }
        Ok(0)
    }
}
