-- A run of work. `state` is 'leased' while it runs and 'done' once it has ended, whatever came of it; `due` is the time at which its lease
-- ends. `payload`, `attempts` and `allowed` are of the first design, which no command used: a step that only adds keeps them.
-- Times are microseconds since 1970 (UTC).

-- What the work is about, as the name of a release line; NULL in rows of the first design.
ALTER TABLE jobs ADD COLUMN about TEXT;
-- Who began it; `worker` is the machine.
ALTER TABLE jobs ADD COLUMN actor TEXT NOT NULL DEFAULT '';
-- The lock of an operating system that the worker holds beside the lease; NULL where it holds none.
ALTER TABLE jobs ADD COLUMN held TEXT;
ALTER TABLE jobs ADD COLUMN begun INTEGER NOT NULL DEFAULT 0;
ALTER TABLE jobs ADD COLUMN renewed INTEGER NOT NULL DEFAULT 0;
ALTER TABLE jobs ADD COLUMN ended INTEGER;
-- 'done', 'failed' (`error` is the kind of error), 'cancelled' or 'lost'.
ALTER TABLE jobs ADD COLUMN outcome TEXT;
-- How far it is: the word of a step, and the counts where it has some.
ALTER TABLE jobs ADD COLUMN step TEXT;
ALTER TABLE jobs ADD COLUMN step_done INTEGER;
ALTER TABLE jobs ADD COLUMN step_total INTEGER;
-- Who asked when that it ends.
ALTER TABLE jobs ADD COLUMN cancelled INTEGER;
ALTER TABLE jobs ADD COLUMN cancelled_by TEXT;
-- The last event of the log when its events were written: from there on it cannot be cancelled.
ALTER TABLE jobs ADD COLUMN committed INTEGER;

-- Work runs once at a time.
CREATE UNIQUE INDEX jobs_running ON jobs (kind, about) WHERE state = 'leased';
