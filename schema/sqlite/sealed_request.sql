SELECT rowid, timestamp, trace_id
FROM tail_logs INDEXED BY tail_logs_request
WHERE request_id = ?1 AND rowid <= ?2;
