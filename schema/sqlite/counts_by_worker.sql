-- The same of one worker.
SELECT timestamp
FROM tail_logs
INDEXED BY tail_logs_worker
WHERE timestamp >= ?1 AND timestamp < ?2 AND rowid <= ?3 AND log_level = ?4 AND worker_name = ?5;
