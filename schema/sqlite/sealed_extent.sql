-- How far a segment reaches whose indexes are built: a few page reads, and the smallest index for the number of rows.
SELECT
    (SELECT count(*) FROM tail_logs),
    (SELECT min(timestamp) FROM tail_logs),
    (SELECT max(timestamp) FROM tail_logs);
