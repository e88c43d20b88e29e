//! Rules that select cases for decisions in bulk, such as `package=python-* severity<=low state=affected age>30d`.

use std::fmt;
use std::str::FromStr;

use jiff::Timestamp;
use seaworthy_model::Severity;
use seaworthy_model::case::{Case, CaseState};

use crate::Span;

/// A rule: conditions that must all hold, written `FIELD OPERATOR VALUE`, separated by spaces; `=` and `!=` take alternatives separated by
/// commas.
#[derive(Clone, Debug, PartialEq)]
pub struct Rule {
    conditions: Vec<Condition>,
    text: String,
}

/// The refusal of a text that is no rule.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("at character {column}: {message}")]
pub struct RuleError {
    /// The character of the error, counted from 1.
    pub column: usize,
    /// The error, and the form that was expected.
    pub message: String,
}

#[derive(Clone, Debug, PartialEq)]
enum Condition {
    /// A text that is one of these (`true`) or none (`false`); `*` stands for any characters.
    Text(Field, bool, Vec<String>),
    State(bool, Vec<CaseState>),
    Severity(Operator, Severity),
    /// The hours since the case was opened.
    Age(Operator, i64),
    Epss(Operator, f32),
    Exploited(bool),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Field {
    Package,
    Cve,
    Line,
    Product,
    Assignee,
    Reach,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Operator {
    Is,
    IsNot,
    Less,
    AtMost,
    More,
    AtLeast,
}

impl Operator {
    /// All operators with their signs, the longer signs first.
    const ALL: [(&'static str, Self); 6] =
        [("!=", Self::IsNot), ("<=", Self::AtMost), (">=", Self::AtLeast), ("=", Self::Is), ("<", Self::Less), (">", Self::More)];

    fn holds<T: PartialOrd>(self, have: T, wanted: T) -> bool {
        match self {
            Self::Is => have == wanted,
            Self::IsNot => have != wanted,
            Self::Less => have < wanted,
            Self::AtMost => have <= wanted,
            Self::More => have > wanted,
            Self::AtLeast => have >= wanted,
        }
    }
}

const FIELDS: &str = "package, cve, line, product, assignee, reach, state, severity, age, epss or exploited";

impl Rule {
    /// Whether the rule selects a case at time `now`.
    #[must_use]
    pub fn holds(&self, case: &Case, now: Timestamp) -> bool {
        self.conditions.iter().all(|condition| condition.holds(case, now))
    }
}

impl Condition {
    fn holds(&self, case: &Case, now: Timestamp) -> bool {
        match self {
            Self::Text(field, is, wanted) => {
                let have = match field {
                    Field::Package => case.key.package.to_string(),
                    Field::Cve => case.key.cve.to_string(),
                    Field::Line => case.key.line.to_string(),
                    Field::Product => case.facts.product.clone().unwrap_or_default(),
                    Field::Assignee => case.assignee.clone().unwrap_or_default(),
                    Field::Reach => case.facts.reach.word().to_owned(),
                };
                wanted.iter().any(|w| is_like(&have, w)) == *is
            }
            Self::State(is, wanted) => wanted.contains(&case.state) == *is,
            // What nobody rated counts as medium, as everywhere.
            Self::Severity(operator, wanted) => operator.holds(Severity::effective(case.severity()), *wanted),
            Self::Age(operator, hours) => operator.holds((now.as_second() - case.opened.as_second()).div_euclid(3600), *hours),
            Self::Epss(operator, wanted) => case.facts.epss.is_some_and(|epss| operator.holds(epss, *wanted)),
            Self::Exploited(wanted) => case.facts.exploited_since.is_some() == *wanted,
        }
    }
}

/// Whether a text matches a pattern in which `*` stands for any characters.
fn is_like(text: &str, pattern: &str) -> bool {
    let mut parts = pattern.split('*');
    let Some(mut rest) = parts.next().and_then(|first| text.strip_prefix(first)) else { return false };
    let Some(last) = parts.next_back() else { return rest.is_empty() };
    for part in parts {
        let Some(at) = rest.find(part) else { return false };
        rest = &rest[at + part.len()..];
    }
    rest.ends_with(last)
}

impl FromStr for Rule {
    type Err = RuleError;

    fn from_str(text: &str) -> Result<Self, RuleError> {
        let mut conditions = Vec::new();
        let mut at = 0;
        while let Some(start) = text[at..].find(|c: char| !c.is_whitespace()).map(|skip| at + skip) {
            let end = text[start..].find(char::is_whitespace).map_or(text.len(), |length| start + length);
            conditions.push(
                condition(&text[start..end])
                    .map_err(|(skip, message)| RuleError { column: text[..start + skip].chars().count() + 1, message })?,
            );
            at = end;
        }
        if conditions.is_empty() {
            return Err(RuleError { column: 1, message: format!("a rule needs a condition, such as package=curl; a field is {FIELDS}") });
        }
        Ok(Self { conditions, text: text.split_whitespace().collect::<Vec<_>>().join(" ") })
    }
}

/// The condition in a word, or the byte in the word at which the error is, with the message.
fn condition(word: &str) -> Result<Condition, (usize, String)> {
    let length = word.bytes().take_while(|b| b.is_ascii_lowercase()).count();
    let (name, rest) = word.split_at(length);
    let Some((sign, operator)) = Operator::ALL.into_iter().find(|(sign, _)| rest.starts_with(sign)) else {
        return Err((length, format!("expected =, !=, <, <=, > or >= behind {name:?}, and no space before it")));
    };
    let value = &rest[sign.len()..];
    let behind = length + sign.len();
    if value.is_empty() {
        return Err((behind, format!("{name}{sign} needs a value right behind it")));
    }
    let equal = || match operator {
        Operator::Is => Ok(true),
        Operator::IsNot => Ok(false),
        _ => Err((length, format!("{name} is compared by = or != only"))),
    };
    let wrong = |message: String| (behind, message);
    let text = |field| Ok(Condition::Text(field, equal()?, value.split(',').map(str::to_owned).collect()));
    match name {
        "package" => text(Field::Package),
        "cve" => text(Field::Cve),
        "line" => text(Field::Line),
        "product" => text(Field::Product),
        "assignee" => text(Field::Assignee),
        "reach" if value.split(',').all(|v| matches!(v, "image" | "repository" | "inert")) => text(Field::Reach),
        "reach" => Err(wrong(format!("{value:?} is no reach: image, repository or inert"))),
        "state" => {
            let states = value.split(',').map(str::parse).collect::<Result<Vec<CaseState>, String>>();
            Ok(Condition::State(equal()?, states.map_err(wrong)?))
        }
        "severity" => Ok(Condition::Severity(operator, value.parse().map_err(wrong)?)),
        "age" => Ok(Condition::Age(operator, value.parse::<Span>().map_err(|e| wrong(e.to_string()))?.hours())),
        "epss" => {
            let share = value.parse::<f32>().ok().filter(|v| (0.0..=1.0).contains(v));
            Ok(Condition::Epss(operator, share.ok_or_else(|| wrong(format!("{value:?} is no probability: a number from 0 to 1")))?))
        }
        "exploited" => match value {
            "yes" => Ok(Condition::Exploited(equal()?)),
            "no" => Ok(Condition::Exploited(!equal()?)),
            _ => Err(wrong(format!("exploited is yes or no, not {value:?}"))),
        },
        _ => Err((0, format!("unknown field {name:?}: expected {FIELDS}"))),
    }
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tests::{affected, at};

    fn holds(rule: &str) -> bool {
        let case = affected("python-requests", "CVE-2024-6197", at("2024-09-01T00:00Z"));
        rule.parse::<Rule>().unwrap().holds(&case, at("2024-10-01T00:00Z"))
    }

    #[test]
    fn every_condition_has_to_hold() {
        for rule in [
            "package=python-requests",
            "package=curl,python-*  severity>=high state=affected",
            "package=*requests cve=CVE-2024-* line=3.0 reach=repository",
            "package=py*-re*s age>29d age<=30d exploited=no assignee!=mia product!=curl",
        ] {
            assert!(holds(rule), "{rule}");
        }
        for rule in ["package=python", "severity<high", "state!=affected", "age>30d", "epss>0.1", "exploited=yes", "package=python-*x"] {
            assert!(!holds(rule), "{rule}");
        }
    }

    #[test]
    fn errors_say_where_and_what() {
        for (rule, column, part) in [
            ("", 1, "needs a condition"),
            ("package=a packge=curl", 11, "unknown field"),
            ("package = curl", 8, "no space"),
            ("severity=bad", 10, "expected none, low"),
            ("state=open", 7, "unknown state"),
            ("age>soon", 5, "36h"),
            ("epss>7", 6, "0 to 1"),
            ("package>curl", 8, "= or !="),
        ] {
            let error = rule.parse::<Rule>().unwrap_err();
            assert_eq!(error.column, column, "{rule}: {error}");
            assert!(error.message.contains(part), "{rule}: {error}");
        }
    }
}
