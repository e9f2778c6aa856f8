-- What a question may skip the segment by, sealed or not: the range of its ids, whether it has markers of losses, and its
-- last row. Rows are fewer than that where some of a damaged file were lost.
SELECT
    (SELECT min(log_id) FROM tail_logs),
    (SELECT max(log_id) FROM tail_logs),
    EXISTS (SELECT 1 FROM tail_gaps),
    (SELECT max(rowid) FROM tail_logs);
