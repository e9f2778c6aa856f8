-- Rows, and the last of their numbers: the same, since rows are never deleted one by one.
SELECT count(*), coalesce(max(rowid), 0) FROM tail_logs;
