-- What the events of each subject but cases amount to, and the number of the last event that it went on by.
CREATE TABLE subjects (
    -- Its kind and its key.
    id      TEXT COLLATE "C" PRIMARY KEY,
    kind    TEXT COLLATE "C" NOT NULL,
    version BIGINT NOT NULL,
    -- NULL where other events concern it, and none is its own.
    body    TEXT COLLATE "C"
);
CREATE INDEX subjects_kind ON subjects (kind, id);

-- The times of events that were dated by a wrong clock; derived from the log.
CREATE TABLE corrections (
    seq      BIGINT PRIMARY KEY,
    happened TEXT COLLATE "C" NOT NULL
);

-- The latest time of any event, in microseconds since 1970 (UTC).
ALTER TABLE head ADD COLUMN latest BIGINT NOT NULL DEFAULT -9223372036854775808;

-- The schema, and what other versions may do with it.
CREATE TABLE schema_steps (
    major   BIGINT NOT NULL,
    minor   BIGINT NOT NULL,
    -- The oldest minor version that may write.
    writers BIGINT NOT NULL,
    -- The version of the program that made this step.
    program TEXT COLLATE "C" NOT NULL
);
