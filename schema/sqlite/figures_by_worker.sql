-- The same of one worker, a level at a time, since its rows stand in order of time only within one.
SELECT timestamp, worker_name, log_level, kind, execution_time_ms, wall_time_ms
FROM tail_logs
INDEXED BY tail_logs_worker
WHERE timestamp >= ?1 AND timestamp < ?2 AND rowid <= ?3 AND log_level = ?4 AND worker_name = ?5;
