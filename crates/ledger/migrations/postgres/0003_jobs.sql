-- As in the folder for SQLite.

-- What the work is about, as the name of a release line; NULL in rows of the first design.
ALTER TABLE jobs ADD COLUMN about TEXT COLLATE "C";
-- Who began it; `worker` is the machine.
ALTER TABLE jobs ADD COLUMN actor TEXT COLLATE "C" NOT NULL DEFAULT '';
-- The lock of an operating system that the worker holds beside the lease; NULL where it holds none.
ALTER TABLE jobs ADD COLUMN held TEXT COLLATE "C";
ALTER TABLE jobs ADD COLUMN begun BIGINT NOT NULL DEFAULT 0;
ALTER TABLE jobs ADD COLUMN renewed BIGINT NOT NULL DEFAULT 0;
ALTER TABLE jobs ADD COLUMN ended BIGINT;
-- 'done', 'failed' (`error` is the kind of error), 'cancelled' or 'lost'.
ALTER TABLE jobs ADD COLUMN outcome TEXT COLLATE "C";
-- How far it is: the word of a step, and the counts where it has some.
ALTER TABLE jobs ADD COLUMN step TEXT COLLATE "C";
ALTER TABLE jobs ADD COLUMN step_done BIGINT;
ALTER TABLE jobs ADD COLUMN step_total BIGINT;
-- Who asked when that it ends.
ALTER TABLE jobs ADD COLUMN cancelled BIGINT;
ALTER TABLE jobs ADD COLUMN cancelled_by TEXT COLLATE "C";
-- The last event of the log when its events were written: from there on it cannot be cancelled.
ALTER TABLE jobs ADD COLUMN committed BIGINT;

-- Work runs once at a time.
CREATE UNIQUE INDEX jobs_running ON jobs (kind, about) WHERE state = 'leased';
