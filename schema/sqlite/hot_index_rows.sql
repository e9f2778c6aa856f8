-- Rows in order of arrival, for rebuilding the hot index after a start.
SELECT rowid, timestamp, log_level, worker_name, correlation_id, trace_id, created_at
FROM tail_logs
WHERE rowid > ?1 AND rowid <= ?2
ORDER BY rowid;
