//! Migrations: forward only, when the ledger is opened, each as a whole or not at all.

use sqlx::AssertSqlSafe;

use crate::LedgerError;
use crate::db::Db;

/// Each step in both languages, oldest first; the number of steps that were made is the schema's version.
const STEPS: [[&str; 2]; 1] =
    [[include_str!("../migrations/sqlite/0001_ledger.sql"), include_str!("../migrations/postgres/0001_ledger.sql")]];

/// Marks a file as a ledger ("SWLG").
const APPLICATION: i64 = 0x5357_4c47;

/// Brings the schema to what this version knows.
pub(crate) fn migrate(db: &mut Db) -> Result<(), LedgerError> {
    let known = STEPS.len() as i64;
    let found = version(db)?;
    if found == known {
        return Ok(());
    }
    if found > known {
        return Err(LedgerError::Newer { place: db.place().to_owned(), found, known });
    }
    db.doing("prepare the tables").write(|db| {
        if db.is_postgres() {
            // Any fixed number will do: two that open an empty database at once take turns.
            db.exec("SELECT pg_advisory_xact_lock($1)", &[APPLICATION.into()])?;
        }
        // Another one may have been quicker.
        let from = version(db)?;
        if from >= known {
            return Ok(());
        }
        for step in STEPS.iter().skip(usize::try_from(from).unwrap_or(0)) {
            db.script(step[usize::from(db.is_postgres())])?;
        }
        if db.is_postgres() {
            db.script("CREATE TABLE IF NOT EXISTS ledger_schema (version BIGINT NOT NULL); DELETE FROM ledger_schema")?;
            db.exec("INSERT INTO ledger_schema (version) VALUES ($1)", &[known.into()])?;
        } else {
            // A pragma takes no values.
            db.exec(AssertSqlSafe(format!("PRAGMA application_id = {APPLICATION}")), &[])?;
            db.exec(AssertSqlSafe(format!("PRAGMA user_version = {known}")), &[])?;
        }
        Ok(())
    })
}

/// The version of the schema that is there; 0 where nothing is.
fn version(db: &mut Db) -> Result<i64, LedgerError> {
    if db.is_postgres() {
        let there = db.one("SELECT count(*) FROM pg_class WHERE oid = to_regclass('ledger_schema')", &[])?.int(0)? > 0;
        return if there { db.one("SELECT max(version) FROM ledger_schema", &[])?.int(0) } else { Ok(0) };
    }
    // One statement, so that one state is seen: another program may be making the tables right now.
    let found = db.one(
        "SELECT user_version, application_id, (SELECT count(*) FROM sqlite_schema) FROM pragma_user_version, pragma_application_id",
        &[],
    )?;
    let (version, application, tables) = (found.int(0)?, found.int(1)?, found.int(2)?);
    if application != APPLICATION && (application != 0 || version != 0 || tables > 0) {
        return Err(LedgerError::Foreign { place: db.place().to_owned() });
    }
    Ok(version)
}
