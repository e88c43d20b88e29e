//! The image release calendar: trains with their freeze and release times, and times without releases.

use jiff::Timestamp;
use serde::Serialize;

use crate::Span;

/// A train: the releases of one kind of image at regular times.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Train {
    /// The name, such as `node image`.
    pub name: String,
    /// The time of the first release.
    pub first: Timestamp,
    /// The time between two releases.
    pub every: Span,
    /// The time before a release from which its content is frozen.
    pub freeze: Span,
}

/// A departure: one release of a train.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Slot {
    /// The time of the release.
    pub release: Timestamp,
    /// The time until which a fix may board.
    pub freeze: Timestamp,
    /// The name of the train.
    pub train: String,
}

/// A time without releases.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Freeze {
    /// The name, such as `end of year`.
    pub name: String,
    /// The beginning.
    pub from: Timestamp,
    /// The end.
    pub to: Timestamp,
}

/// All trains, and the times without releases.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Calendar {
    /// The trains.
    pub trains: Vec<Train>,
    /// The freezes, ordered by time; they do not overlap.
    pub freezes: Vec<Freeze>,
}

impl Calendar {
    /// The departures of a train whose release is after a time, the soonest first, without an end. A release within a freeze moves to the
    /// end of the freeze; the time until which fixes may board stays.
    pub fn departures<'a>(&'a self, train: &'a Train, after: Timestamp) -> impl Iterator<Item = Slot> + 'a {
        let every = train.every.seconds().max(1);
        let longest = self.freezes.iter().map(|f| f.to.as_second() - f.from.as_second()).max().unwrap_or(0);
        let passed = (after.as_second() - longest - train.first.as_second()).div_euclid(every).max(0);
        (passed..)
            .map_while(move |n| {
                let planned = Timestamp::from_second(train.first.as_second().checked_add(n.checked_mul(every)?)?).ok()?;
                let freeze = Timestamp::from_second(planned.as_second() - train.freeze.seconds()).ok()?;
                let release = self.freezes.iter().find(|f| f.from <= planned && planned < f.to).map_or(planned, |f| f.to);
                Some(Slot { release, freeze, train: train.name.clone() })
            })
            .filter(move |slot| slot.release > after)
    }

    /// The freeze in force at a time; `None` where releases are allowed.
    #[must_use]
    pub fn frozen(&self, at: Timestamp) -> Option<&Freeze> {
        self.freezes.iter().find(|f| f.from <= at && at < f.to)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn trains_leave_on_time_and_after_a_freeze() {
        let train =
            Train { name: "node image".into(), first: at("2026-01-05T09:00Z"), every: Span::of_hours(168), freeze: Span::of_hours(48) };
        let calendar = Calendar {
            trains: vec![train.clone()],
            freezes: vec![Freeze { name: "fair".into(), from: at("2026-01-18T00:00Z"), to: at("2026-01-21T00:00Z") }],
        };
        let slots: Vec<Slot> = calendar.departures(&train, at("2026-01-05T09:00Z")).take(3).collect();
        assert_eq!(slots[0].release, at("2026-01-12T09:00Z"));
        assert_eq!(slots[0].freeze, at("2026-01-10T09:00Z"));
        assert_eq!(slots[1].release, at("2026-01-21T00:00Z"), "the 19th lies in the freeze");
        assert_eq!(slots[2].release, at("2026-01-26T09:00Z"));
        // Within the freeze the delayed departure is still to come.
        assert_eq!(calendar.departures(&train, at("2026-01-20T00:00Z")).next().unwrap().release, at("2026-01-21T00:00Z"));
    }
}
