-- The same of a range of time in a sealed segment, its end exclusive. Where that is all of it, a scan costs as much.
SELECT timestamp, worker_name, log_level, kind, execution_time_ms, wall_time_ms
FROM tail_logs
INDEXED BY tail_logs_timestamp
WHERE timestamp >= ?1 AND timestamp < ?2 AND rowid <= ?3;
