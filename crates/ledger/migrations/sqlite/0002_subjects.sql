-- What the events of each subject but cases amount to, and the number of the last event that it went on by.
CREATE TABLE subjects (
    -- Its kind and its key.
    id      TEXT PRIMARY KEY,
    kind    TEXT NOT NULL,
    version INTEGER NOT NULL,
    -- NULL where other events concern it, and none is its own.
    body    TEXT
) STRICT, WITHOUT ROWID;
CREATE INDEX subjects_kind ON subjects (kind, id);

-- The times of events that were dated by a wrong clock; derived from the log.
CREATE TABLE corrections (
    seq      INTEGER PRIMARY KEY,
    happened TEXT NOT NULL
) STRICT;

-- The latest time of any event, in microseconds since 1970 (UTC).
ALTER TABLE head ADD COLUMN latest INTEGER NOT NULL DEFAULT -9223372036854775808;

-- The schema, and what other versions may do with it.
CREATE TABLE schema_steps (
    major   INTEGER NOT NULL,
    minor   INTEGER NOT NULL,
    -- The oldest minor version that may write.
    writers INTEGER NOT NULL,
    -- The version of the program that made this step.
    program TEXT NOT NULL
) STRICT;
