-- Rows in order of arrival, for rebuilding the hot index and the figures after a start.
SELECT rowid, timestamp, log_level, worker_name, correlation_id, trace_id, created_at,
    kind, execution_time_ms, wall_time_ms, request_id
FROM tail_logs
WHERE rowid BETWEEN ?1 AND ?2
ORDER BY rowid;
