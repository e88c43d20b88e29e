//! The policy: the table `[policy]` of `seaworthy.toml`.

use std::collections::BTreeMap;
use std::ops::Range;

use jiff::Timestamp;
use jiff::civil::Date;
use seaworthy_model::Severity;
use seaworthy_model::case::Stage;
use serde::{Deserialize, Serialize};
use toml::Spanned;

use crate::{Calendar, Freeze, Span, Train};

/// The time from which deadlines count.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ClockStart {
    /// The scan that opened the case.
    #[default]
    Detected,
    /// The publication of the record, where that is before the case was opened; a reopened case counts from its reopening.
    Published,
}

/// The time that counts for deadlines.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(tag = "days", rename_all = "snake_case")]
pub enum Time {
    /// All days, all hours.
    #[default]
    Calendar,
    /// Monday to Friday (UTC), without holidays.
    Business {
        /// The holidays, days in UTC.
        holidays: Vec<Date>,
    },
}

/// A kind of host, with the way in which it gets fixes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Deployment {
    /// The name, such as `container-host`.
    pub name: String,
    /// The severities whose fixes are published as package updates at once; fixes of all others wait for the next image.
    pub out_of_band: Vec<Severity>,
}

/// The policy: deadlines, and the delivery of fixes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Policy {
    /// The time from which deadlines count.
    pub clock: ClockStart,
    /// The time that counts for deadlines.
    pub time: Time,
    /// The time allowed for each stage, by severity.
    pub deadlines: BTreeMap<Severity, BTreeMap<Stage, Span>>,
    /// The time allowed for each stage once the CVE is known to be exploited, from when the case knows it; the earlier deadline holds.
    pub exploited: BTreeMap<Stage, Span>,
    /// The kinds of hosts.
    pub deployments: Vec<Deployment>,
    /// The packages (names, or their beginnings with `*` at the end) whose updates take effect only after a reboot.
    pub reboot: Vec<String>,
    /// The image release calendar.
    pub calendar: Calendar,
}

/// The refusal of a policy.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {message}")]
pub struct PolicyError {
    /// The line, counted from 1.
    pub line: usize,
    /// The error, and how to mend it.
    pub message: String,
}

type Words = BTreeMap<Spanned<String>, Spanned<String>>;

#[derive(Deserialize)]
struct File {
    policy: Option<Layout>,
}

#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Layout {
    clock: ClockStart,
    business_days: bool,
    holidays: Vec<Spanned<String>>,
    deadlines: BTreeMap<Spanned<String>, Words>,
    delivery: BTreeMap<Spanned<String>, Delivery>,
    reboot: Vec<String>,
    calendar: Option<Spanned<CalendarLayout>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Delivery {
    out_of_band: Vec<Spanned<String>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CalendarLayout {
    #[serde(default)]
    trains: Vec<Spanned<TrainLayout>>,
    #[serde(default)]
    freezes: Vec<Spanned<FreezeLayout>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TrainLayout {
    name: String,
    first: Spanned<String>,
    every: Spanned<String>,
    freeze: Spanned<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FreezeLayout {
    name: String,
    from: Spanned<String>,
    to: Spanned<String>,
}

/// The standard policy, for all that a file does not set: container hosts with weekly images, fixes of high and critical severity out of
/// band, and deadlines that such a team can keep.
const DEFAULT: &str = include_str!("default.toml");

struct Reader<'t> {
    text: &'t str,
}

impl Policy {
    /// The policy of a settings file; what the file does not set is as in [`Policy::standard`].
    ///
    /// # Errors
    /// The first line that does not read as a policy.
    pub fn parse(text: &str) -> Result<Self, PolicyError> {
        Self::standard().with(text)
    }

    /// The policy of a settings file with no deadlines but those that the file sets. The others guide the work of a team that did not ask
    /// for them, so that nobody is promised them.
    ///
    /// # Errors
    /// The first line that does not read as a policy.
    pub fn promised(text: &str) -> Result<Self, PolicyError> {
        Self { deadlines: BTreeMap::new(), exploited: BTreeMap::new(), ..Self::standard() }.with(text)
    }

    /// The policy with all that a settings file sets.
    fn with(self, text: &str) -> Result<Self, PolicyError> {
        let mut policy = self;
        let reader = Reader { text };
        if let Some(layout) = reader.layout()? {
            reader.overlay(&mut policy, layout)?;
        }
        Ok(policy)
    }

    /// The standard policy, which comes with the program.
    #[must_use]
    pub fn standard() -> Self {
        let mut policy = Self {
            clock: ClockStart::default(),
            time: Time::default(),
            deadlines: BTreeMap::new(),
            exploited: BTreeMap::new(),
            deployments: Vec::new(),
            reboot: Vec::new(),
            calendar: Calendar::default(),
        };
        let reader = Reader { text: DEFAULT };
        // The built-in text is a test's business.
        if let Ok(Some(layout)) = reader.layout() {
            let _ = reader.overlay(&mut policy, layout);
        }
        policy
    }

    /// The text of the standard policy, as a start for one's own.
    #[must_use]
    pub fn standard_text() -> &'static str {
        DEFAULT
    }

    /// Whether an update of a package takes effect only after a reboot.
    #[must_use]
    pub fn needs_reboot(&self, package: &str) -> bool {
        self.reboot.iter().any(|pattern| pattern.strip_suffix('*').map_or(pattern == package, |start| package.starts_with(start)))
    }
}

impl Reader<'_> {
    fn line(&self, span: &Range<usize>) -> usize {
        self.text.as_bytes().iter().take(span.start).filter(|b| **b == b'\n').count() + 1
    }

    fn error(&self, span: &Range<usize>, message: impl Into<String>) -> PolicyError {
        PolicyError { line: self.line(span), message: message.into() }
    }

    fn layout(&self) -> Result<Option<Layout>, PolicyError> {
        let file: File = toml::from_str(self.text).map_err(|e| self.error(&e.span().unwrap_or(0..0), e.message().trim().to_owned()))?;
        Ok(file.policy)
    }

    fn word<T>(&self, word: &Spanned<String>) -> Result<T, PolicyError>
    where
        T: std::str::FromStr<Err: ToString>,
    {
        word.get_ref().parse().map_err(|e: T::Err| self.error(&word.span(), e.to_string()))
    }

    fn time(&self, word: &Spanned<String>) -> Result<Timestamp, PolicyError> {
        let text = word.get_ref();
        let day = || text.parse::<Date>().ok().and_then(|d| jiff::tz::Offset::UTC.to_timestamp(d.at(0, 0, 0, 0)).ok());
        text.parse()
            .ok()
            .or_else(day)
            .ok_or_else(|| self.error(&word.span(), format!("{text:?} is no time: write 2026-01-05T09:00:00Z, or a day, 2026-01-05")))
    }

    fn overlay(&self, policy: &mut Policy, layout: Layout) -> Result<(), PolicyError> {
        policy.clock = layout.clock;
        if layout.business_days {
            let holidays = layout.holidays.iter().map(|day| self.day(day)).collect::<Result<_, _>>()?;
            policy.time = Time::Business { holidays };
        } else if let Some(day) = layout.holidays.first() {
            return Err(self.error(&day.span(), "holidays count only with `business_days = true`"));
        }
        for (name, stages) in layout.deadlines {
            let spans = self.stages(&stages)?;
            if name.get_ref() == "exploited" {
                policy.exploited = spans;
            } else {
                policy.deadlines.insert(self.word(&name)?, spans);
            }
        }
        if !layout.delivery.is_empty() {
            policy.deployments.clear();
        }
        for (name, delivery) in layout.delivery {
            let out_of_band = delivery.out_of_band.iter().map(|s| self.word(s)).collect::<Result<_, _>>()?;
            policy.deployments.push(Deployment { name: name.into_inner(), out_of_band });
        }
        if !layout.reboot.is_empty() {
            policy.reboot = layout.reboot;
        }
        if let Some(calendar) = layout.calendar {
            policy.calendar = self.calendar(&calendar)?;
        }
        Ok(())
    }

    fn day(&self, word: &Spanned<String>) -> Result<Date, PolicyError> {
        word.get_ref().parse().map_err(|_| self.error(&word.span(), format!("{:?} is no day: write 2026-12-25", word.get_ref())))
    }

    fn stages(&self, words: &Words) -> Result<BTreeMap<Stage, Span>, PolicyError> {
        let mut spans: BTreeMap<Stage, Span> = BTreeMap::new();
        let mut latest: Option<(Stage, Span)> = None;
        for (stage, span) in words {
            spans.insert(self.word(stage)?, self.word(span)?);
        }
        for (stage, span) in &spans {
            if let Some((before, longer)) = latest.filter(|(_, l)| l > span) {
                let place = words.iter().find(|(s, _)| s.get_ref() == stage.as_str()).map_or(0..0, |(_, s)| s.span());
                return Err(self.error(&place, format!("{stage} is due after {span}, before {before}, which has {longer}")));
            }
            latest = Some((*stage, *span));
        }
        Ok(spans)
    }

    fn calendar(&self, layout: &Spanned<CalendarLayout>) -> Result<Calendar, PolicyError> {
        let CalendarLayout { trains, freezes } = layout.get_ref();
        if trains.is_empty() {
            return Err(
                self.error(&layout.span(), "a calendar needs a train: add [[policy.calendar.trains]] with name, first, every, freeze")
            );
        }
        let mut calendar = Calendar::default();
        for train in trains {
            let t = train.get_ref();
            let (every, freeze): (Span, Span) = (self.word(&t.every)?, self.word(&t.freeze)?);
            if calendar.trains.iter().any(|other| other.name == t.name) {
                return Err(self.error(&train.span(), format!("there is a train {:?} already", t.name)));
            }
            calendar.trains.push(Train { name: t.name.clone(), first: self.time(&t.first)?, every, freeze });
        }
        for freeze in freezes {
            let f = freeze.get_ref();
            let (from, to) = (self.time(&f.from)?, self.time(&f.to)?);
            if to <= from {
                return Err(self.error(&f.to.span(), format!("the freeze {:?} ends before it begins", f.name)));
            }
            if let Some(other) = calendar.freezes.iter().find(|o| o.from < to && from < o.to) {
                return Err(self.error(&freeze.span(), format!("the freeze {:?} overlaps {:?}: make one of them", f.name, other.name)));
            }
            calendar.freezes.push(Freeze { name: f.name.clone(), from, to });
        }
        calendar.freezes.sort_by_key(|f| f.from);
        Ok(calendar)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(text: &str) -> (usize, String) {
        let error = Policy::parse(text).unwrap_err();
        (error.line, error.message)
    }

    #[test]
    fn the_standard_policy_is_whole() {
        let mut policy = Policy::standard();
        assert_eq!(policy.deadlines.len(), 4);
        assert!(!policy.exploited.is_empty() && !policy.deployments.is_empty() && !policy.calendar.trains.is_empty());
        let reader = Reader { text: DEFAULT };
        let layout = reader.layout().unwrap().unwrap();
        reader.overlay(&mut policy, layout).unwrap();
        assert!(policy.needs_reboot("kernel-64k") && policy.needs_reboot("glibc") && !policy.needs_reboot("curl"));
    }

    #[test]
    fn a_file_without_a_policy_has_the_standard_one() {
        assert_eq!(Policy::parse("[sources]\nnvd = \"off\"\n").unwrap(), Policy::standard());
    }

    #[test]
    fn only_deadlines_of_the_file_are_promised() {
        let none = Policy::promised("[policy]\nclock = \"published\"\n").unwrap();
        assert!(none.deadlines.is_empty() && none.exploited.is_empty());
        assert_eq!((none.clock, &none.calendar), (ClockStart::Published, &Policy::standard().calendar));
        let text = "[policy.deadlines.high]\npublished = \"9d\"\n";
        let high = Policy::promised(text).unwrap();
        assert_eq!(high.deadlines.keys().collect::<Vec<_>>(), [&Severity::High]);
        assert_eq!(high.deadlines.get(&Severity::High), Policy::parse(text).unwrap().deadlines.get(&Severity::High));
    }

    #[test]
    fn refusals_name_the_line() {
        let (line, message) = refusal("[policy]\n\n[policy.deadlines.urgent]\nfixed = \"7d\"\n");
        assert!(line == 3 && message.contains("unknown severity"), "{line} {message}");
        let (line, message) = refusal("[policy.deadlines.high]\ntriaged = \"2d\"\nfixed = \"soon\"\n");
        assert!(line == 3 && message.contains("length of time"), "{line} {message}");
        let (line, message) = refusal("[policy.deadlines.high]\nrepaired = \"2d\"\n");
        assert!(line == 2 && message.contains("unknown stage"), "{line} {message}");
        let (line, message) = refusal("[policy.deadlines.high]\ntriaged = \"9d\"\nfixed = \"7d\"\n");
        assert!(line == 3 && message.contains("before triaged"), "{line} {message}");
        let (line, message) = refusal("[policy]\nclock = \"detected\"\n[policy.calendar]\nfreezes = []\n");
        assert!(line == 3 && message.contains("needs a train"), "{line} {message}");
        let train = "[[policy.calendar.trains]]\nname = \"a\"\nfirst = \"2026-01-05\"\nevery = \"7d\"\nfreeze = \"2d\"\n";
        let freezes = "[[policy.calendar.freezes]]\nname = \"x\"\nfrom = \"2026-12-20\"\nto = \"2027-01-03\"\n\
                       [[policy.calendar.freezes]]\nname = \"y\"\nfrom = \"2027-01-01\"\nto = \"2027-01-05\"\n";
        let (line, message) = refusal(&format!("{train}{freezes}"));
        assert!(line == 10 && message.contains("overlaps"), "{line} {message}");
        let (line, message) = refusal("[policy.delivery.host]\nout_of_band = [\"high\",\n \"grave\"]\n");
        assert!(line == 3 && message.contains("unknown severity"), "{line} {message}");
        let (line, message) = refusal("[policy]\nclok = \"detected\"\n");
        assert!(line == 2 && message.contains("clok"), "{line} {message}");
        let (line, _) = refusal("[policy]\nholidays = [\"2026-12-25\"]\n");
        assert_eq!(line, 2);
    }
}
