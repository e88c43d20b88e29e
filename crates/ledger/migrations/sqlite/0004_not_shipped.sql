-- The cases are folded again: those of packages that had left were not affected until now.
DELETE FROM cases;
