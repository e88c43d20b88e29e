-- The log. Every other table but jobs is derived from it.
CREATE TABLE events (
    seq      INTEGER PRIMARY KEY,
    happened TEXT NOT NULL,
    actor    TEXT NOT NULL,
    why      TEXT,
    prior    TEXT,
    digest   TEXT NOT NULL,
    event    TEXT NOT NULL,
    -- Derived from the event, to find it by.
    kind     TEXT NOT NULL,
    subject  TEXT
) STRICT;
CREATE INDEX events_subject ON events (subject, seq);
CREATE INDEX events_kind ON events (kind, seq);

-- An event is never changed. Whoever lifts these triggers is found by the chain of digests.
CREATE TRIGGER events_keep BEFORE UPDATE ON events BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;
CREATE TRIGGER events_stay BEFORE DELETE ON events BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;

-- The last event: one row, which writers take turns on.
CREATE TABLE head (
    id     INTEGER PRIMARY KEY CHECK (id = 1),
    seq    INTEGER NOT NULL,
    digest TEXT
) STRICT;
INSERT INTO head (id, seq, digest) VALUES (1, 0, NULL);

-- What the events of each case amount to. Times are microseconds since 1970 (UTC).
CREATE TABLE cases (
    id            TEXT PRIMARY KEY,
    line          TEXT NOT NULL,
    package       TEXT NOT NULL,
    cve           INTEGER NOT NULL,
    part          TEXT NOT NULL,
    state         TEXT NOT NULL,
    is_open       INTEGER NOT NULL,
    score         INTEGER NOT NULL,
    -- The queue's order: open ones first, then by falling score.
    rank          INTEGER NOT NULL,
    severity      INTEGER NOT NULL,
    opened        INTEGER NOT NULL,
    changed       INTEGER NOT NULL,
    assignee      TEXT,
    expires       INTEGER,
    embargo_until INTEGER,
    last_seq      INTEGER NOT NULL,
    body          TEXT NOT NULL,
    evidence      TEXT NOT NULL
) STRICT;
CREATE INDEX cases_queue ON cases (rank, opened, id);
CREATE INDEX cases_package ON cases (package, rank, opened, id);
CREATE INDEX cases_cve ON cases (cve, rank, opened, id);
CREATE INDEX cases_state ON cases (state, rank, opened, id, embargo_until);
CREATE INDEX cases_assignee ON cases (assignee, rank, opened, id) WHERE assignee IS NOT NULL;

CREATE TABLE jobs (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    kind       TEXT NOT NULL,
    payload    TEXT NOT NULL,
    state      TEXT NOT NULL CHECK (state IN ('ready', 'leased', 'done', 'dead')),
    -- When it may be begun, or when the lease of it ends.
    due        INTEGER NOT NULL,
    attempts   INTEGER NOT NULL,
    allowed    INTEGER NOT NULL,
    worker     TEXT,
    error      TEXT
) STRICT;
CREATE INDEX jobs_due ON jobs (kind, due, id) WHERE state IN ('ready', 'leased');
CREATE INDEX jobs_dead ON jobs (id) WHERE state = 'dead';
