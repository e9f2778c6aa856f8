SELECT rowid, timestamp
FROM tail_logs INDEXED BY tail_logs_trace
WHERE trace_id = ?1 AND rowid <= ?2;
