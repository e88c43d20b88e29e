-- The cases are folded again: they have the version that was taken back.
DELETE FROM cases;
