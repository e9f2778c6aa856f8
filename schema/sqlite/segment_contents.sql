-- What a question may skip the segment by, sealed or not: the range of its ids, and whether it has markers of losses.
SELECT
    (SELECT min(log_id) FROM tail_logs),
    (SELECT max(log_id) FROM tail_logs),
    EXISTS (SELECT 1 FROM tail_gaps);
