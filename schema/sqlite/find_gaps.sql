-- Those that touch the range (its end exclusive), the latest first. A NULL worker means all of them; '*' are those of
-- every worker, and rows of an unknown one may be anybody's.
SELECT worker_name, from_time, to_time, row_count, reason
FROM tail_gaps
WHERE to_time >= ?1 AND from_time < ?2 AND (?3 IS NULL OR worker_name IN (?3, '*', 'unknown-worker'))
ORDER BY to_time DESC
LIMIT 1000;
