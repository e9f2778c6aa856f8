-- Looks at every page: one row that says ok, or the first faults, a row each.
PRAGMA integrity_check(10);
