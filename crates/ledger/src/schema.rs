//! The schema and its migrations: forward only, on opening a ledger, each as a whole or not at all.
//!
//! A schema has a major and a minor version. A step that only adds (a table, a column with a default) raises the minor version: earlier
//! versions of the program read such a ledger, and write into it where the step says that they may. Any other step raises the major
//! version, and earlier programs leave the ledger alone.

use seaworthy_model::format::{Format, FormatError, Remedy, Version};
use sqlx::AssertSqlSafe;

use crate::LedgerError;
use crate::append::{rebuild, rebuild_subjects};
use crate::db::Db;

/// A function that derives views from the log again and gives the number of events.
type Derive = fn(&mut Db) -> Result<u64, LedgerError>;

/// A migration from the version before.
struct Step {
    to: Version,
    /// The oldest minor version that may write after this migration.
    writers: u32,
    /// The SQL for SQLite and for PostgreSQL.
    sql: [&'static str; 2],
    /// The views that are derived from the log again; `None` for none.
    derive: Option<Derive>,
}

const STEPS: [Step; 8] = [
    Step {
        to: Version { major: 1, minor: 0 },
        writers: 0,
        sql: [include_str!("../migrations/sqlite/0001_ledger.sql"), include_str!("../migrations/postgres/0001_ledger.sql")],
        derive: None,
    },
    Step {
        to: Version { major: 2, minor: 0 },
        writers: 0,
        sql: [include_str!("../migrations/sqlite/0002_subjects.sql"), include_str!("../migrations/postgres/0002_subjects.sql")],
        derive: Some(rebuild_subjects),
    },
    // No earlier version reads or writes a job.
    Step {
        to: Version { major: 2, minor: 1 },
        writers: 0,
        sql: [include_str!("../migrations/sqlite/0003_jobs.sql"), include_str!("../migrations/postgres/0003_jobs.sql")],
        derive: None,
    },
    // The cases of packages that had left have a state that no earlier version can read.
    Step {
        to: Version { major: 3, minor: 0 },
        writers: 0,
        sql: [include_str!("../migrations/sqlite/0004_not_shipped.sql"), include_str!("../migrations/postgres/0004_not_shipped.sql")],
        derive: Some(rebuild),
    },
    // What a version that does not know it writes is in no batch.
    Step {
        to: Version { major: 3, minor: 1 },
        writers: 0,
        sql: [include_str!("../migrations/sqlite/0005_batches.sql"), include_str!("../migrations/postgres/0005_batches.sql")],
        derive: None,
    },
    // A case knows what was taken back of it; an earlier version would forget it where it writes.
    Step {
        to: Version { major: 3, minor: 2 },
        writers: 2,
        sql: [include_str!("../migrations/sqlite/0006_recalled.sql"), include_str!("../migrations/postgres/0006_recalled.sql")],
        derive: Some(rebuild),
    },
    // A fix knows whether its version is the first with it; an earlier version would forget it where it writes.
    Step {
        to: Version { major: 3, minor: 3 },
        writers: 3,
        sql: [include_str!("../migrations/sqlite/0007_or_before.sql"), include_str!("../migrations/postgres/0007_or_before.sql")],
        derive: None,
    },
    // A case knows what VEX documents said of it; an earlier version knows no such event, and would forget it where it writes.
    Step {
        to: Version { major: 3, minor: 4 },
        writers: 4,
        sql: [include_str!("../migrations/sqlite/0008_said.sql"), include_str!("../migrations/postgres/0008_said.sql")],
        derive: None,
    },
];

/// The schema of this version.
const KNOWN: Version = STEPS[STEPS.len() - 1].to;

/// The schema of a ledger. Every earlier one is migrated.
pub(crate) static SCHEMA: Format = Format { name: "ledger", version: KNOWN, oldest: 1, newer: Remedy::NewerProgram, older: Remedy::Backup };

/// The version of a database in which nothing is yet.
const NOTHING: Version = Version::of(0);

/// The application id that marks an SQLite file as a ledger ("SWLG").
const APPLICATION: i64 = 0x5357_4c47;

/// The schema of an existing ledger.
struct Found {
    version: Version,
    /// The oldest minor version that may write.
    writers: u32,
    /// The version of the program that made the schema.
    program: String,
}

/// The access that this version has to a ledger.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Access {
    /// Reading and writing.
    Write,
    /// Reading only, with the reason for people.
    Read(String),
}

/// The access of this version to an existing schema, by the versions alone; `None` where it has to be migrated first.
fn access(found: &Found, place: &str) -> Result<Option<Access>, LedgerError> {
    let Found { version, writers, program } = found;
    if *version == NOTHING {
        return Ok(None);
    }
    let refuse = |source: FormatError| LedgerError::Version { place: place.to_owned(), program: program.clone(), source };
    SCHEMA.check(*version).map_err(refuse)?;
    if *version < KNOWN {
        return Ok(None);
    }
    if *version == KNOWN || *writers <= KNOWN.minor {
        return Ok(Some(Access::Write));
    }
    Ok(Some(Access::Read(format!("seaworthy {program} made it (schema {version}), and this version, which knows {KNOWN}, only reads it"))))
}

/// Migrates the ledger to the schema of this version, and gives the access to it.
pub(crate) fn migrate(db: &mut Db) -> Result<Access, LedgerError> {
    let found = version(db)?;
    if let Some(access) = access(&found, db.place())? {
        return Ok(access);
    }
    db.doing("prepare the tables").write(|db| {
        if db.is_postgres() {
            // Any fixed number will do: two that open an empty database at once take turns.
            db.exec("SELECT pg_advisory_xact_lock($1)", &[APPLICATION.into()])?;
        }
        // Another one may have been quicker.
        let from = version(db)?;
        if let Some(access) = access(&from, db.place())? {
            return Ok(access);
        }
        for step in STEPS.iter().filter(|step| step.to > from.version) {
            db.script(step.sql[usize::from(db.is_postgres())])?;
            if let Some(derive) = step.derive {
                derive(db)?;
            }
            if step.to.major > 1 {
                db.exec(
                    "INSERT INTO schema_steps (major, minor, writers, program) VALUES ($1, $2, $3, $4)",
                    &[
                        i64::from(step.to.major).into(),
                        i64::from(step.to.minor).into(),
                        i64::from(step.writers).into(),
                        env!("CARGO_PKG_VERSION").into(),
                    ],
                )?;
            }
        }
        // A number that programs of before there were minor versions take for newer than theirs.
        let number = i64::from(KNOWN.major * 1000 + KNOWN.minor);
        if db.is_postgres() {
            db.script("CREATE TABLE IF NOT EXISTS ledger_schema (version BIGINT NOT NULL); DELETE FROM ledger_schema")?;
            db.exec("INSERT INTO ledger_schema (version) VALUES ($1)", &[number.into()])?;
        } else {
            // A pragma takes no values.
            db.exec(AssertSqlSafe(format!("PRAGMA application_id = {APPLICATION}")), &[])?;
            db.exec(AssertSqlSafe(format!("PRAGMA user_version = {number}")), &[])?;
        }
        Ok(Access::Write)
    })
}

/// Whether the ledger can be read without a migration.
pub(crate) fn is_known(db: &mut Db) -> Result<bool, LedgerError> {
    let found = version(db)?;
    Ok(access(&found, db.place())?.is_some())
}

/// The schema of the ledger; 0.0 where it has none.
fn version(db: &mut Db) -> Result<Found, LedgerError> {
    let (old, steps) = if db.is_postgres() {
        let there = |db: &mut Db, table: &str| -> Result<bool, LedgerError> {
            Ok(db.one("SELECT count(*) FROM pg_class WHERE oid = to_regclass($1)", &[table.into()])?.int(0)? > 0)
        };
        let old = if there(db, "ledger_schema")? { db.one("SELECT max(version) FROM ledger_schema", &[])?.int(0)? } else { 0 };
        (old, there(db, "schema_steps")?)
    } else {
        // One statement, so that one state is seen: another program may be making the tables right now.
        let found = db.one(
            "SELECT user_version, application_id, (SELECT count(*) FROM sqlite_schema), \
             (SELECT count(*) FROM sqlite_schema WHERE name = 'schema_steps') FROM pragma_user_version, pragma_application_id",
            &[],
        )?;
        let (version, application, tables, steps) = (found.int(0)?, found.int(1)?, found.int(2)?, found.int(3)?);
        if application != APPLICATION && (application != 0 || version != 0 || tables > 0) {
            return Err(LedgerError::Foreign { place: db.place().to_owned() });
        }
        (version, steps > 0)
    };
    if !steps {
        return Ok(Found { version: Version::of(number(old)), writers: 0, program: "of another version".into() });
    }
    let row = db.one("SELECT major, minor, writers, program FROM schema_steps ORDER BY major DESC, minor DESC LIMIT 1", &[])?;
    let version = Version { major: number(row.int(0)?), minor: number(row.int(1)?) };
    Ok(Found { version, writers: number(row.int(2)?), program: row.text(3)?.to_owned() })
}

/// A number of a version, as a database gives it. One that none can be is the newest: then nothing is touched.
fn number(stored: i64) -> u32 {
    u32::try_from(stored).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_may_be_done_follows_from_the_versions() {
        let Version { major, minor } = KNOWN;
        // Found major, minor, writers; what may be done.
        for (found_major, found_minor, writers, expected) in [
            (major, minor, minor, "write"),
            (major, minor + 1, minor, "write"),
            (major, minor + 1, minor + 1, "read"),
            (major, minor + 9, 0, "write"),
            (major + 1, 0, 0, "nothing"),
            (major - 1, 99, 0, "migrate"),
            (0, 0, 0, "migrate"),
        ] {
            let found = Found { version: Version { major: found_major, minor: found_minor }, writers, program: "9.9.9".into() };
            let may = match access(&found, "here") {
                Ok(Some(Access::Write)) => "write",
                Ok(Some(Access::Read(why))) => {
                    assert!(why.contains("seaworthy 9.9.9"), "{why}");
                    "read"
                }
                Ok(None) => "migrate",
                Err(e) => {
                    assert!(matches!(e, LedgerError::Version { source: FormatError::TooNew { .. }, .. }), "{e:?}");
                    "nothing"
                }
            };
            assert_eq!(may, expected, "{found_major}.{found_minor}, written from {writers} on");
        }
    }
}
