-- The rows of a block, with what tells most of those that don't match.
SELECT rowid, log_level, worker_name, message, context_json, timestamp
FROM tail_logs
WHERE rowid BETWEEN ?1 AND ?2;
