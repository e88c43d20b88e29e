//! Queries of cases, which read the view.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Bound;

use jiff::Timestamp;
use seaworthy_model::case::{Case, CaseKey, CaseState, priority};
use seaworthy_model::{CveId, PackageName, ReleaseLine, Severity};
use serde::{Deserialize, Serialize};
use sqlx::AssertSqlSafe;

use crate::db::{Arg, Db, Row};
use crate::fold::{ROWS, case_of, rank, severity_rank};
use crate::{Ledger, LedgerError};

type Result<T> = std::result::Result<T, LedgerError>;

/// The sight of cases under embargo.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Sight {
    /// Only cases without an embargo, whatever its end: the default.
    #[default]
    Unembargoed,
    /// Cases without an embargo, and those whose embargo has ended by a time.
    DisclosedAt(Timestamp),
    /// All cases: only for people with the right to it.
    All,
}

impl Sight {
    /// The time in microseconds since 1970-01-01 after which an embargo that ends hides its case; `None` where none is hidden.
    pub(crate) fn hides_after(self) -> Option<i64> {
        match self {
            Self::Unembargoed => Some(i64::MIN),
            Self::DisclosedAt(now) => Some(now.as_microsecond()),
            Self::All => None,
        }
    }
}

/// The choice of cases, in the order of the queue: open ones first, then the highest priority, then those that are open longest.
#[derive(Clone, Debug, Default)]
pub struct Query {
    /// The states; empty for any but [`CaseState::Unopened`].
    pub states: Vec<CaseState>,
    /// Whether the cases are open; `None` for open and closed ones.
    pub open: Option<bool>,
    /// The source package.
    pub package: Option<PackageName>,
    /// The CVE.
    pub cve: Option<CveId>,
    /// The release line.
    pub line: Option<ReleaseLine>,
    /// The lowest severity; cases without a rating count as medium.
    pub severity: Option<Severity>,
    /// The person the cases are assigned to; `Some(None)` for cases that are assigned to nobody.
    pub assignee: Option<Option<String>>,
    /// The sight of cases under embargo.
    pub sight: Sight,
    /// The greatest number of cases, from 1 to 10,000; 100 where none is given.
    pub limit: Option<u64>,
    /// The place that the cases are behind, as [`Page::next`] gave it.
    pub after: Option<Cursor>,
    /// The number of cases to pass over before the first of the page.
    pub skip: u64,
}

/// A place in the queue.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Cursor {
    rank: i64,
    opened: i64,
    id: String,
}

impl Cursor {
    /// The place of a case.
    fn of(case: &Case) -> Self {
        let rank = rank(case.state.is_open(), priority(case).score.into());
        Self { rank, opened: case.opened.as_microsecond(), id: case.key.id() }
    }

    /// The place in a row of id, rank and time of opening.
    fn read(row: &Row) -> Result<Self> {
        Ok(Self { id: row.text(0)?.to_owned(), rank: row.int(1)?, opened: row.int(2)? })
    }

    /// Leaves only what is behind the place.
    fn limit<'a>(&'a self, filter: &mut Filter<'a>) {
        filter.and("(rank, opened, id) > (?, ?, ?)", [self.rank.into(), self.opened.into(), self.id.as_str().into()]);
    }
}

/// The number of cases that are read at once where all of a queue are.
const AT_ONCE: usize = 1000;

/// A page of the queue.
#[derive(Clone, Debug, PartialEq)]
pub struct Page {
    /// The cases, without their evidence.
    pub cases: Vec<Case>,
    /// The place where the next page begins; `None` behind the last.
    pub next: Option<Cursor>,
}

/// A condition of a statement that is built in parts, with its values.
pub(crate) struct Filter<'a> {
    text: String,
    args: Vec<Arg<'a>>,
}

impl<'a> Filter<'a> {
    pub(crate) fn new() -> Self {
        Self { text: String::new(), args: Vec::new() }
    }

    /// Adds a condition that has a `?` for each value.
    pub(crate) fn and<const N: usize>(&mut self, condition: &str, values: [Arg<'a>; N]) {
        self.push(condition, values);
    }

    fn push(&mut self, condition: &str, values: impl IntoIterator<Item = Arg<'a>>) {
        use std::fmt::Write as _;
        self.text.push_str(if self.text.is_empty() { "WHERE " } else { " AND " });
        let mut values = values.into_iter();
        for (i, part) in condition.split('?').enumerate() {
            if i > 0 {
                self.args.extend(values.next());
                let _ = write!(self.text, "${}", self.args.len());
            }
            self.text.push_str(part);
        }
    }

    /// Ends a condition: the next one of the statement begins, with its values behind those so far.
    fn ended(&mut self) -> String {
        std::mem::take(&mut self.text)
    }

    pub(crate) fn done(self) -> (String, Vec<Arg<'a>>) {
        (self.text, self.args)
    }
}

impl Query {
    fn filter(&self) -> Filter<'_> {
        let mut filter = Filter::new();
        self.choose(&mut filter);
        filter
    }

    fn choose<'a>(&'a self, filter: &mut Filter<'a>) {
        // Open ones have a rank of 0 or less, so that the queue's index serves both the choice and the order.
        match self.open {
            Some(true) => filter.and("rank <= 0", []),
            Some(false) => filter.and("rank > 0", []),
            None => {}
        }
        if let Some(package) = &self.package {
            filter.and("package = ?", [package.as_str().into()]);
        }
        if let Some(cve) = self.cve {
            filter.and("cve = ?", [cve.key().into()]);
        }
        if let Some(line) = &self.line {
            filter.and("line = ?", [line.as_str().into()]);
        }
        if let Some(severity) = self.severity {
            filter.and("severity >= ?", [severity_rank(Some(severity)).into()]);
        }
        match &self.assignee {
            Some(Some(name)) => filter.and("assignee = ?", [name.as_str().into()]),
            Some(None) => filter.and("assignee IS NULL", []),
            None => {}
        }
        // Where nobody asks for them, they are as if they had never been.
        if !self.states.contains(&CaseState::Unopened) {
            filter.and("state <> ?", [CaseState::Unopened.as_str().into()]);
        }
        self.sight.limit(filter);
    }

    fn choose_states<'a>(&'a self, filter: &mut Filter<'a>) {
        if !self.states.is_empty() {
            let list = vec!["?"; self.states.len()].join(", ");
            filter.push(&format!("state IN ({list})"), self.states.iter().map(|s| s.as_str().into()));
        }
    }
}

impl Sight {
    /// Whether a case is hidden.
    fn hides(self, case: &Case) -> bool {
        let until = case.embargo.as_ref().map(|embargo| embargo.until.as_microsecond());
        self.hides_after().zip(until).is_some_and(|(time, until)| until > time)
    }

    fn limit(self, filter: &mut Filter<'_>) {
        if let Some(time) = self.hides_after() {
            filter.and("(embargo_until IS NULL OR embargo_until <= ?)", [time.into()]);
        }
    }
}

/// The ids of the cases that were split, among those of whole cases: of each its own and those of its parts.
fn split(db: &mut Db, wholes: &BTreeSet<String>) -> Result<BTreeSet<String>> {
    let (Some(first), Some(last)) = (wholes.first(), wholes.last()) else { return Ok(BTreeSet::new()) };
    // The id of a part begins with that of the whole, which ends with a separator. The index of ids has it all: no case is read.
    let end = format!("{last}{}", char::MAX);
    let sql = "SELECT id FROM cases WHERE id > $1 AND id < $2 AND id NOT LIKE '%\u{1f}'";
    let mut split = BTreeSet::new();
    for row in db.rows(sql, &[first.as_str().into(), end.into()])? {
        let part = row.text(0)?;
        let before = wholes.range::<str, _>((Bound::Unbounded, Bound::Excluded(part))).next_back();
        if let Some(whole) = before.filter(|whole| part.starts_with(whole.as_str())) {
            split.extend([whole.clone(), part.to_owned()]);
        }
    }
    Ok(split)
}

impl Ledger {
    /// The case of a key, with its evidence; `None` where there is none, or the batch that opened it was undone. It is given under embargo as well: the caller asks
    /// [`Case::is_disclosed`] before it shows the case.
    ///
    /// # Errors
    /// When the case cannot be read.
    pub fn case(&self, key: &CaseKey) -> Result<Option<Case>> {
        let id = key.id();
        let sql = "SELECT body, evidence FROM cases WHERE id = $1";
        let row = self.pool.with("look up a case", |db| db.row(sql, &[id.as_str().into()]))?;
        let case = row.map(|row| case_of(&id, row.text(0)?, Some(row.text(1)?))).transpose()?;
        Ok(case.filter(|case| case.state != CaseState::Unopened))
    }

    /// A page of the queue, without evidence. Whoever passes over cases by their number may see one twice or miss one where the queue
    /// changes in between; whoever goes on behind a place does not.
    ///
    /// # Errors
    /// When a case cannot be read.
    pub fn cases(&self, query: &Query) -> Result<Page> {
        let limit = query.limit.unwrap_or(100).clamp(1, 10_000);
        self.pool.read("read the cases", |db| {
            // Each state by itself is in the queue's order in its index, so that no state has to be sorted: the database merges them.
            let states: Vec<Option<CaseState>> = match &*query.states {
                [] => vec![None],
                states => BTreeSet::from_iter(states).into_iter().copied().map(Some).collect(),
            };
            let mut filter = Filter::new();
            let mut choices = Vec::new();
            for state in states {
                query.choose(&mut filter);
                if let Some(state) = state {
                    filter.and("state = ?", [state.as_str().into()]);
                }
                if let Some(after) = &query.after {
                    after.limit(&mut filter);
                }
                choices.push(format!("SELECT id, rank, opened FROM cases {}", filter.ended()));
            }
            // One more than asked for tells whether there is a next page.
            let (choices, least, skip) = (choices.join(" UNION ALL "), limit + 1, query.skip);
            // SQLite takes the sides of a cross join in their order: the place first, then its case.
            let sql = format!(
                "SELECT cases.id, cases.rank, cases.opened, cases.body \
                 FROM ({choices} ORDER BY rank, opened, id LIMIT {least} OFFSET {skip}) AS place CROSS JOIN cases \
                 WHERE cases.id = place.id ORDER BY place.rank, place.opened, place.id"
            );
            let mut rows = db.rows(AssertSqlSafe(sql), &filter.args)?;
            let more = rows.len() as u64 > limit;
            rows.truncate(limit as usize);
            let cases = rows.iter().map(|row| case_of(row.text(0)?, row.text(3)?, None)).collect::<Result<_>>()?;
            let next = rows.last().filter(|_| more).map(Cursor::read).transpose()?;
            Ok(Page { cases, next })
        })
    }

    /// Gives each case of a query to `take`, without evidence, by line, package, CVE and part, as of one point in time. Limit and place of
    /// the query are ignored. `take` may itself read and write the ledger.
    ///
    /// # Errors
    /// When a case cannot be read, and the errors of `take`.
    pub fn each_case(&self, query: &Query, mut take: impl FnMut(Case) -> Result<()>) -> Result<()> {
        self.pool.read("read the cases", |db| {
            let mut after = String::new();
            loop {
                let mut filter = query.filter();
                query.choose_states(&mut filter);
                filter.and("id > ?", [after.as_str().into()]);
                let (clause, args) = filter.done();
                let rows = db.rows(AssertSqlSafe(format!("SELECT id, body FROM cases {clause} ORDER BY id LIMIT 5000")), &args)?;
                let Some(last) = rows.last() else { return Ok(()) };
                let next = last.text(0)?.to_owned();
                for row in &rows {
                    take(case_of(row.text(0)?, row.text(1)?, None)?)?;
                }
                after = next;
            }
        })
    }

    /// The cases of a release line with some packages and CVEs that are closed, or that somebody has decided, without evidence; those that
    /// `sight` hides are left out. Of a case that was split, the whole and all parts are given, where one of them may say another thing
    /// than the others, and none of them where one is hidden: the others would say too much without it. However many cases the line has,
    /// only these are read.
    ///
    /// # Errors
    /// When a case cannot be read.
    pub fn decided_cases(&self, line: &ReleaseLine, pairs: &[(PackageName, CveId)], sight: Sight) -> Result<BTreeMap<CaseKey, Case>> {
        let id = |(package, cve): &(PackageName, CveId)| {
            CaseKey { line: line.clone(), package: package.clone(), cve: *cve, part: String::new() }.id()
        };
        let ids: BTreeSet<String> = pairs.iter().map(id).collect();
        self.pool.read("read the cases of findings", |db| {
            let split = split(db, &ids)?;
            let decision = if db.is_postgres() { "body::json -> 'decision'" } else { "json_extract(body, '$.decision')" };
            let is_decided = format!("(is_open = 0 OR {decision} IS NOT NULL)");
            let mut found = BTreeMap::new();
            let mut hidden = BTreeSet::new();
            let whole = |key: &CaseKey| CaseKey { part: String::new(), ..key.clone() };
            for (ids, condition) in [(ids.difference(&split).collect::<Vec<_>>(), Some(is_decided)), (split.iter().collect(), None)] {
                for chunk in ids.chunks(2 * ROWS) {
                    let mut filter = Filter::new();
                    filter.push(&format!("id IN ({})", vec!["?"; chunk.len()].join(", ")), chunk.iter().map(|id| id.as_str().into()));
                    if let Some(condition) = &condition {
                        filter.and(condition, []);
                        sight.limit(&mut filter);
                    }
                    // They are as if they had never been.
                    filter.and("state <> ?", [CaseState::Unopened.as_str().into()]);
                    let (clause, args) = filter.done();
                    for row in db.rows(AssertSqlSafe(format!("SELECT id, body FROM cases {clause}")), &args)? {
                        let case = case_of(row.text(0)?, row.text(1)?, None)?;
                        if sight.hides(&case) {
                            hidden.insert(whole(&case.key));
                        }
                        found.insert(case.key.clone(), case);
                    }
                }
            }
            if !hidden.is_empty() {
                found.retain(|key, _| !hidden.contains(&whole(key)));
            }
            Ok(found)
        })
    }

    /// All cases of a query in the order of the queue, without evidence, as of one point in time. Limit and place of the query are ignored.
    ///
    /// # Errors
    /// When a case cannot be read.
    pub fn queue(&self, query: &Query) -> Result<Vec<Case>> {
        self.pool.read("read the cases", |db| {
            let (mut cases, mut after): (Vec<Case>, Option<Cursor>) = (Vec::new(), None);
            loop {
                let mut filter = query.filter();
                query.choose_states(&mut filter);
                if let Some(after) = &after {
                    after.limit(&mut filter);
                }
                let (clause, mut args) = filter.done();
                args.push("\n".into());
                let order = "ORDER BY rank, opened, id";
                let page = format!("SELECT body, rank, opened, id FROM cases {clause} {order} LIMIT {AT_ONCE}");
                // A row goes from one thread to another, which costs more than what is in it: a page of cases is one row, a case a line.
                let sql = format!("SELECT string_agg(body, ${} {order}) FROM ({page}) AS page", args.len());
                let row = db.one(AssertSqlSafe(sql), &args)?;
                let before = cases.len();
                for body in row.text_or_null(0)?.unwrap_or_default().lines() {
                    cases.push(case_of("of the queue", body, None)?);
                }
                match cases.last() {
                    Some(last) if cases.len() - before == AT_ONCE => after = Some(Cursor::of(last)),
                    _ => return Ok(cases),
                }
            }
        })
    }

    /// The number of cases of a query. Its limit and place are ignored.
    ///
    /// # Errors
    /// When the database fails.
    pub fn count(&self, query: &Query) -> Result<u64> {
        let mut query = query.clone();
        if let (Some(open), []) = (query.open, &*query.states) {
            // The index by state has all that most queries ask for, so that no case has to be looked up.
            (query.open, query.states) = (None, CaseState::ALL.into_iter().filter(|state| state.is_open() == open).collect());
        }
        let mut filter = query.filter();
        query.choose_states(&mut filter);
        let (clause, args) = filter.done();
        let sql = format!("SELECT count(*) FROM cases {clause}");
        self.pool.with("count the cases", |db| db.one(AssertSqlSafe(sql), &args))?.count(0)
    }

    /// The number of cases in each state; states without a case are left out.
    ///
    /// # Errors
    /// When the database fails.
    pub fn counts(&self, sight: Sight) -> Result<BTreeMap<CaseState, u64>> {
        let mut filter = Filter::new();
        sight.limit(&mut filter);
        let (clause, args) = filter.done();
        let sql = format!("SELECT state, count(*) FROM cases {clause} GROUP BY state");
        let mut out = BTreeMap::new();
        for row in self.pool.with("count the cases", |db| db.rows(AssertSqlSafe(sql), &args))? {
            let unreadable = |message| LedgerError::Unreadable { what: "a case".into(), message };
            out.insert(row.text(0)?.parse().map_err(unreadable)?, row.count(1)?);
        }
        Ok(out)
    }
}
