use std::fmt;

use serde::{Deserialize, Serialize};

use super::Facts;
use crate::evr::Shown;
use crate::{Day, Evr, Rule, Severity, Status};

/// A difference between the facts that a case keeps and those of a scan. Its `Display` is the sentence for people.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "change", rename_all = "snake_case")]
pub enum Change {
    /// The status changed.
    Status {
        /// The status before.
        from: Status,
        /// The status now.
        to: Status,
    },
    /// The shipped version of the package changed.
    Version {
        /// The version before; `None` where it was not known.
        #[serde(with = "crate::evr::in_log_or_none")]
        from: Option<Evr>,
        /// The version now; `None` where it is not known.
        #[serde(with = "crate::evr::in_log_or_none")]
        to: Option<Evr>,
    },
    /// The rule changed: another source decides, or the same source names another range.
    Rule {
        /// The rule before; `None` where no versions were judged.
        from: Option<Rule>,
        /// The rule now; `None` where no versions are judged.
        to: Option<Rule>,
    },
    /// The rule is the first that can be compared, because the case comes from a log that kept rules as sentences.
    FirstRule {
        /// The rule now.
        rule: Rule,
    },
    /// The severity of the records changed.
    Severity {
        /// The severity before; `None` where nobody had rated.
        from: Option<Severity>,
        /// The severity now; `None` where nobody rates.
        to: Option<Severity>,
    },
    /// The vulnerability became known to be exploited.
    Exploited {
        /// The day on which CISA listed it (KEV).
        since: Day,
    },
    /// A closed case is raised again although no fact changed.
    RaisedAgain {
        /// The version for which it is raised; `None` where it is not known.
        #[serde(with = "crate::evr::in_log_or_none")]
        version: Option<Evr>,
    },
    /// A sentence from an event of a version before 0.2, which can be shown and not judged.
    #[serde(untagged)]
    Stated(String),
}

impl Change {
    /// The differences between two findings of one package and one CVE, in the order status, version, rule, severity, exploitation. The end
    /// of a known exploitation is none.
    #[must_use]
    pub fn between(before: &Facts, now: &Facts) -> Vec<Self> {
        let mut out = Vec::new();
        if before.status != now.status {
            out.push(Self::Status { from: before.status, to: now.status });
        }
        if before.version != now.version {
            out.push(Self::Version { from: before.version.clone(), to: now.version.clone() });
        }
        match (&before.rule, &now.rule) {
            (Some(Rule::Stated(_)), Some(rule)) if rule.is_comparable() => out.push(Self::FirstRule { rule: rule.clone() }),
            (from, to) if from != to => out.push(Self::Rule { from: from.clone(), to: to.clone() }),
            _ => {}
        }
        if before.severity != now.severity {
            out.push(Self::Severity { from: before.severity, to: now.severity });
        }
        if let (None, Some(since)) = (&before.exploited_since, &now.exploited_since) {
            out.push(Self::Exploited { since: *since });
        }
        out
    }

    /// Whether the change takes away the ground of a decision. A rating does not, nor does a verdict that became less certain: a record
    /// that ages without an end says less than before, and nothing new.
    #[must_use]
    pub fn is_ground(&self) -> bool {
        match self {
            Self::Status { from, to } => to < from,
            Self::Version { .. } | Self::Rule { .. } | Self::Exploited { .. } | Self::RaisedAgain { .. } | Self::Stated(_) => true,
            Self::Severity { .. } | Self::FirstRule { .. } => false,
        }
    }
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let rule = |rule: &Option<Rule>| rule.as_ref().map_or_else(|| "none".to_owned(), Rule::to_string);
        let rating = |severity: &Option<Severity>| severity.map_or("unrated", Severity::as_str);
        match self {
            Self::Status { from, to } => write!(f, "the verdict {} became {}", from.as_str(), to.as_str()),
            Self::Version { from, to } => write!(f, "the version {} became {}", Shown(from.as_ref()), Shown(to.as_ref())),
            Self::Rule { from, to } => write!(f, "the affected range {} became {}", rule(from), rule(to)),
            Self::FirstRule { rule } => write!(f, "the affected range is now kept as {rule}"),
            Self::Severity { from, to } => write!(f, "severity {} became {}", rating(from), rating(to)),
            Self::Exploited { since } => write!(f, "known to be exploited since {since}"),
            Self::RaisedAgain { version } => write!(f, "the scan raises {} again", Shown(version.as_ref())),
            Self::Stated(text) => f.write_str(text),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn changes_are_kept_as_values_and_sentences_of_old_logs_are_read() {
        let change = Change::Severity { from: None, to: Some(Severity::High) };
        let text = r#"{"change":"severity","from":null,"to":"high"}"#;
        assert_eq!(serde_json::to_string(&change).unwrap(), text);
        assert_eq!(serde_json::from_str::<Change>(text).unwrap(), change);
        let old: Change = serde_json::from_str("\"severity unrated became high\"").unwrap();
        assert_eq!(old.to_string(), change.to_string());
    }
}
