//! The report on the work on cases, of a replay or any ledger: latencies, deadlines and deliveries.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use jiff::Timestamp;
use seaworthy_model::Severity;
use seaworthy_model::case::{Case, CaseState, Stage};
use serde::Serialize;

use crate::{Outcome, Policies, deadlines_by};

/// The quantiles of some times, in hours; all 0 where there are no times.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Spread {
    /// The number of times.
    pub count: usize,
    /// The median.
    pub median: f64,
    /// The 75th percentile.
    pub p75: f64,
    /// The 90th percentile.
    pub p90: f64,
    /// The longest time.
    pub longest: f64,
}

impl Spread {
    /// The quantiles of times in seconds, by the nearest rank.
    #[must_use]
    pub fn of(mut seconds: Vec<i64>) -> Self {
        seconds.sort_unstable();
        let Some(longest) = seconds.last().copied() else { return Self::default() };
        let at = |share: f64| {
            let rank = (share * seconds.len() as f64).ceil() as usize;
            seconds[rank.clamp(1, seconds.len()) - 1] as f64 / 3600.0
        };
        Self { count: seconds.len(), median: at(0.5), p75: at(0.75), p90: at(0.9), longest: longest as f64 / 3600.0 }
    }
}

/// The numbers of deadlines of a stage by outcome.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Kept {
    /// The number of stages that were done in time.
    pub met: u64,
    /// The number of stages that were done too late.
    pub late: u64,
    /// The number of stages that are due and not done.
    pub breached: u64,
    /// The number of stages that are neither done nor due, paused ones among them.
    pub running: u64,
}

/// The work on the cases of one severity.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Line {
    /// The number of cases that were open when they were first seen.
    pub opened: u64,
    /// The number of cases that were closed when they were first seen.
    pub closed_when_seen: u64,
    /// The number of cases that are open at the end.
    pub open: u64,
    /// The number of cases, of those that were open when first seen, whose fix was published in a channel.
    pub out_of_band: u64,
    /// The times from the publication of the record to the opening of the case. All times leave out cases that were reopened, and those
    /// of records that were published before the report begins.
    pub to_detection: Spread,
    /// The times from the publication of the record to the fix.
    pub to_fix: Spread,
    /// The times from the fix to the first image that carries it, of packages that are on an image.
    pub fix_to_image: Spread,
    /// The times from the publication of the record to that image.
    pub to_image: Spread,
    /// The deadlines of the cases that were open when first seen, by stage.
    pub deadlines: BTreeMap<Stage, Kept>,
}

/// The report on the cases of a time.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Report {
    /// The start of the time.
    pub from: Timestamp,
    /// The end of the time.
    pub to: Timestamp,
    /// The work by severity: the word of the severity, `unrated` where there is none, and `all` for all cases.
    pub severities: BTreeMap<String, Line>,
}

/// The words of the severities in a report, in their order.
const SEVERITIES: [&str; 6] = ["critical", "high", "medium", "low", "unrated", "all"];

impl Report {
    /// The lines of the report in the order of their severities, with their words.
    pub fn lines(&self) -> impl Iterator<Item = (&'static str, &Line)> {
        SEVERITIES.into_iter().filter_map(|name| Some((name, self.severities.get(name)?)))
    }

    /// The chart (SVG) of the deadlines that were met, by severity and stage, as bars.
    #[must_use]
    pub fn chart(&self) -> String {
        const COLOURS: [(&str, &str); 4] = [("kept", "#2e7d32"), ("late", "#f9a825"), ("broken", "#c62828"), ("open", "#90a4ae")];
        const WIDTH: f64 = 420.0;
        let rows: Vec<(String, [u64; 4])> = self
            .lines()
            .flat_map(|(name, line)| {
                line.deadlines.iter().map(move |(stage, k)| (format!("{name}, {stage}"), [k.met, k.late, k.breached, k.running]))
            })
            .collect();
        let height = 70 + rows.len() * 24;
        let mut out = format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 660 {height}\" width=\"660\" height=\"{height}\" font-family=\"sans-serif\" font-size=\"13\">\n\
             <rect width=\"660\" height=\"{height}\" fill=\"#ffffff\"/>\n<text x=\"12\" y=\"22\" font-size=\"15\" fill=\"#212121\">Deadlines as of {}</text>\n",
            self.to
        );
        for (i, (word, colour)) in COLOURS.iter().enumerate() {
            let x = 150 + i * 90;
            let _ = writeln!(
                out,
                "<rect x=\"{x}\" y=\"34\" width=\"12\" height=\"12\" fill=\"{colour}\"/><text x=\"{}\" y=\"45\" fill=\"#212121\">{word}</text>",
                x + 17
            );
        }
        for (i, (name, counts)) in rows.iter().enumerate() {
            let y = 60 + i * 24;
            let all: u64 = counts.iter().sum();
            let _ = writeln!(out, "<text x=\"140\" y=\"{}\" text-anchor=\"end\" fill=\"#212121\">{name}</text>", y + 13);
            let mut x = 150.0;
            for (count, (word, colour)) in counts.iter().zip(COLOURS) {
                let width = *count as f64 / all.max(1) as f64 * WIDTH;
                if *count > 0 {
                    let _ = writeln!(
                        out,
                        "<rect x=\"{x:.1}\" y=\"{y}\" width=\"{width:.1}\" height=\"18\" fill=\"{colour}\"><title>{count} {word}</title></rect>"
                    );
                }
                x += width;
            }
            let _ = writeln!(out, "<text x=\"580\" y=\"{}\" fill=\"#212121\">{all}</text>", y + 13);
        }
        out.push_str("</svg>\n");
        out
    }
}

#[derive(Default)]
struct Gathered {
    line: Line,
    times: [Vec<i64>; 4],
}

/// The report on cases between two times, with the state of `to`. Deadlines are judged by the policy that was in force then. Records that
/// were published before `from` give no latency, since nobody could have seen them then.
#[must_use]
pub fn report<'c>(cases: impl IntoIterator<Item = &'c Case>, policies: &Policies, from: Timestamp, to: Timestamp) -> Report {
    let mut all: BTreeMap<String, Gathered> = BTreeMap::new();
    for case in cases {
        let word = case.severity().map_or("unrated", Severity::as_str);
        for name in [word, "all"] {
            gather(all.entry(name.to_owned()).or_default(), case, policies, from, to);
        }
    }
    let severities = all.into_iter().map(|(name, gathered)| {
        let Gathered { mut line, times: [detection, fix, fix_to_image, image] } = gathered;
        (line.to_detection, line.to_fix) = (Spread::of(detection), Spread::of(fix));
        (line.fix_to_image, line.to_image) = (Spread::of(fix_to_image), Spread::of(image));
        (name, line)
    });
    Report { from, to, severities: severities.collect() }
}

fn gather(into: &mut Gathered, case: &Case, policies: &Policies, from: Timestamp, to: Timestamp) {
    let line = &mut into.line;
    let closed_when_seen = case.fixed.as_ref().is_some_and(|d| d.at == case.opened)
        || (case.state == CaseState::NotAffected && case.triaged == Some(case.opened));
    line.out_of_band += u64::from(case.published.is_some() && !closed_when_seen);
    let published = case.facts.record_published;
    let since = |at: Timestamp, start: Timestamp| at.as_second() - start.as_second();
    let timely = published >= from && case.reopened == 0;
    if closed_when_seen {
        line.closed_when_seen += 1;
    } else {
        line.opened += 1;
        line.open += u64::from(case.state.is_open());
        if timely {
            into.times[0].push(since(case.opened, published));
        }
        for deadline in deadlines_by(case, policies, to) {
            let kept = line.deadlines.entry(deadline.stage).or_default();
            match deadline.outcome {
                Outcome::Met => kept.met += 1,
                Outcome::Late => kept.late += 1,
                Outcome::Breached => kept.breached += 1,
                Outcome::Running | Outcome::Forecast | Outcome::Paused => kept.running += 1,
            }
        }
    }
    // A fix that came before anybody looked was made all the same, on a day that is known only if the record came later.
    if let Some(fixed) = case.fixed.as_ref().filter(|d| timely && d.at > from) {
        into.times[1].push(since(fixed.at, published));
        if let Some(imaged) = &case.imaged {
            into.times[2].push(since(imaged.at, fixed.at));
            into.times[3].push(since(imaged.at, published));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_by_nearest_rank() {
        let spread = Spread::of((1..=10).map(|n| n * 3600).collect());
        assert_eq!((spread.count, spread.median, spread.p75, spread.p90, spread.longest), (10, 5.0, 8.0, 9.0, 10.0));
        assert_eq!(Spread::of(Vec::new()), Spread::default());
    }
}
