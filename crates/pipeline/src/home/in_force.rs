//! The policy and the settings in force, as events of the log, and corrections of times that a wrong clock has given.

use jiff::Timestamp;
use seaworthy_ledger::{Draft, Ledger, LedgerError};
use seaworthy_model::subject::{Settings as Recorded, SettingsChanged};
use seaworthy_model::text::masked;
use seaworthy_triage::{Policies, Policy};

use super::{Home, HomeError, SETTINGS_FILE};

/// The correction of an event's time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TimeCorrection {
    /// The number of the event.
    pub seq: u64,
    /// The time at which it happened.
    pub to: Timestamp,
    /// The reason: how the time is known.
    pub why: String,
}

impl Home {
    /// The events for the policy and the settings in force, where they differ from those of the log.
    pub(super) fn changed_settings(&self, ledger: &Ledger) -> Result<Vec<Draft>, HomeError> {
        let (_, text) = self.settings_text()?;
        let mut drafts = Vec::new();
        for event in contents(&text) {
            let last = ledger.subject::<Recorded>(&event.name)?;
            if last.is_none_or(|(settings, _)| settings.last().is_none_or(|last| last.digest != event.digest)) {
                drafts.push(Draft { why: Some(format!("found in {SETTINGS_FILE}")), ..self.draft(event) });
            }
        }
        Ok(drafts)
    }

    /// The policy in force, with the earlier ones of the log.
    pub(super) fn policies(&self, ledger: &Ledger) -> Result<Policies, HomeError> {
        let recorded = ledger.subject::<Recorded>(&Recorded::POLICY.to_owned())?;
        let history = recorded.map(|(settings, _)| settings.history).unwrap_or_default();
        // One that this version cannot read any more judges nothing.
        let past = history.into_iter().filter_map(|s| Some((s.since, Policy::parse(&s.content).ok()?))).collect();
        Ok(Policies::new(self.policy()?, past))
    }

    /// Corrects the time of an event that a wrong clock has dated, by another event; gives the number of that event.
    ///
    /// # Errors
    /// When there is no such event, the reason is empty, the time is later than now, nobody is named who corrects it, or the log does not
    /// fold with it.
    pub fn correct_time(&self, correction: &TimeCorrection) -> Result<u64, HomeError> {
        let TimeCorrection { seq, to, why } = correction;
        if why.trim().is_empty() || *to > self.now() {
            return Err(HomeError::Correction { to: *to });
        }
        Ok(self.ledger()?.correct_time(*seq, *to, self.now(), self.person()?, why)?)
    }

    /// Reports events of the log that are dated later than now.
    pub(super) fn report_ahead(&self, ledger: &Ledger) -> Result<(), LedgerError> {
        let ahead = ledger.ahead(self.now())?;
        if let Some(first) = ahead.first() {
            let notice = super::Notice::EventsAhead { events: ahead.len(), first: first.seq, at: first.at };
            self.options.progress.notice(&notice);
        }
        Ok(())
    }
}

/// The policy and the other settings of a file, in a form that order, comments and spaces do not change. The address of the ledger is left
/// out, since the ledger need not say where it is, and secrets in addresses are masked.
fn contents(text: &str) -> Vec<SettingsChanged> {
    let mut home: toml::Table = text.parse().unwrap_or_default();
    let mut policy = toml::Table::new();
    policy.extend(home.remove_entry("policy"));
    home.remove("ledger");
    let text = |table: &toml::Table| masked(&toml::to_string(table).unwrap_or_default()).into_owned();
    vec![SettingsChanged::new(Recorded::POLICY, text(&policy)), SettingsChanged::new(Recorded::HOME, text(&home))]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_recorded_follows_from_what_is_meant() {
        let of = |text: &str| contents(text).into_iter().map(|s| s.digest).collect::<Vec<_>>();
        let written = "line = '1.0'\n[ledger]\nurl = 'postgres://a:s3cret@b/c'\n[policy]\nclock = 'published'\n";
        let same = "# words\nline = \"1.0\"\n\n[policy]\n  clock = 'published' # since May\n";
        assert_eq!(of(written), of(same));
        let other = "line = '1.0'\n[policy]\nclock = 'detected'\n";
        assert_ne!(of(written)[0], of(other)[0]);
        assert_eq!(of(written)[1], of(other)[1]);
        assert!(contents(written).iter().all(|s| !s.content.contains("s3cret")));
        assert!(Policy::parse(&contents(written)[0].content).is_ok());
    }
}
