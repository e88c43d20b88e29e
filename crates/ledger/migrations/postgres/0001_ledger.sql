-- As in the folder for SQLite. Texts sort by bytes, as they do there.

-- The log. Every other table but jobs is derived from it.
CREATE TABLE events (
    seq      BIGINT PRIMARY KEY,
    happened TEXT COLLATE "C" NOT NULL,
    actor    TEXT COLLATE "C" NOT NULL,
    why      TEXT COLLATE "C",
    prior    TEXT COLLATE "C",
    digest   TEXT COLLATE "C" NOT NULL,
    event    TEXT COLLATE "C" NOT NULL,
    -- Derived from the event, to find it by.
    kind     TEXT COLLATE "C" NOT NULL,
    subject  TEXT COLLATE "C"
);
CREATE INDEX events_subject ON events (subject, seq);
CREATE INDEX events_kind ON events (kind, seq);

-- An event is never changed. Whoever lifts these triggers is found by the chain of digests.
CREATE FUNCTION events_refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'the ledger is append-only'; END $$;
CREATE TRIGGER events_keep BEFORE UPDATE OR DELETE OR TRUNCATE ON events FOR EACH STATEMENT EXECUTE FUNCTION events_refuse();

-- The last event: one row, which writers take turns on.
CREATE TABLE head (
    id     BIGINT PRIMARY KEY CHECK (id = 1),
    seq    BIGINT NOT NULL,
    digest TEXT COLLATE "C"
);
INSERT INTO head (id, seq, digest) VALUES (1, 0, NULL);

-- What the events of each case amount to. Times are microseconds since 1970 (UTC).
CREATE TABLE cases (
    id            TEXT COLLATE "C" PRIMARY KEY,
    line          TEXT COLLATE "C" NOT NULL,
    package       TEXT COLLATE "C" NOT NULL,
    cve           BIGINT NOT NULL,
    part          TEXT COLLATE "C" NOT NULL,
    state         TEXT COLLATE "C" NOT NULL,
    is_open       BIGINT NOT NULL,
    score         BIGINT NOT NULL,
    -- The queue's order: open ones first, then by falling score.
    rank          BIGINT NOT NULL,
    severity      BIGINT NOT NULL,
    opened        BIGINT NOT NULL,
    changed       BIGINT NOT NULL,
    assignee      TEXT COLLATE "C",
    expires       BIGINT,
    embargo_until BIGINT,
    last_seq      BIGINT NOT NULL,
    body          TEXT COLLATE "C" NOT NULL,
    evidence      TEXT COLLATE "C" NOT NULL
);
CREATE INDEX cases_queue ON cases (rank, opened, id);
CREATE INDEX cases_package ON cases (package, rank, opened, id);
CREATE INDEX cases_cve ON cases (cve, rank, opened, id);
CREATE INDEX cases_state ON cases (state, rank, opened, id, embargo_until);
CREATE INDEX cases_assignee ON cases (assignee, rank, opened, id) WHERE assignee IS NOT NULL;

CREATE TABLE jobs (
    id         BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    kind       TEXT COLLATE "C" NOT NULL,
    payload    TEXT COLLATE "C" NOT NULL,
    state      TEXT COLLATE "C" NOT NULL CHECK (state IN ('ready', 'leased', 'done', 'dead')),
    -- When it may be begun, or when the lease of it ends.
    due        BIGINT NOT NULL,
    attempts   BIGINT NOT NULL,
    allowed    BIGINT NOT NULL,
    worker     TEXT COLLATE "C",
    error      TEXT COLLATE "C"
);
CREATE INDEX jobs_due ON jobs (kind, due, id) WHERE state IN ('ready', 'leased');
CREATE INDEX jobs_dead ON jobs (id) WHERE state = 'dead';
