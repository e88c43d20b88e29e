-- Nothing of the tables changes: the version alone keeps those from writing that would forget what documents said of a case.
SELECT 1;
