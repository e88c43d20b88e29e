-- As in the folder for SQLite.
DELETE FROM cases;
