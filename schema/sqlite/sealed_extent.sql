-- How far a segment reaches whose indexes are built: a few page reads.
SELECT
    (SELECT max(rowid) FROM tail_logs),
    (SELECT min(timestamp) FROM tail_logs),
    (SELECT max(timestamp) FROM tail_logs);
