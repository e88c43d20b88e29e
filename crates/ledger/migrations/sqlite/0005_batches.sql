-- The events that were written together, by the numbers of the first and the last: they are undone together. The log does not say it, so
-- that it is no part of an export.
CREATE TABLE batches (
    first INTEGER PRIMARY KEY,
    last  INTEGER NOT NULL
) STRICT;
