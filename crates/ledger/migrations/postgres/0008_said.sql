-- As in the folder for SQLite.
SELECT 1;
