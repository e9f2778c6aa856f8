INSERT INTO main.tail_gaps (worker_name, from_time, to_time, row_count, reason)
SELECT worker_name, from_time, to_time, row_count, reason
FROM segment.tail_gaps
WHERE to_time >= ?1 AND from_time < ?2
ORDER BY rowid;
