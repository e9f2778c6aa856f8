SELECT rowid, timestamp, trace_id
FROM tail_logs INDEXED BY tail_logs_correlation
WHERE correlation_id = ?1 AND rowid <= ?2;
