-- As in the folder for SQLite.
CREATE TABLE batches (
    first BIGINT PRIMARY KEY,
    last  BIGINT NOT NULL
);
