-- Has no index: asked only where an id is nothing else.
SELECT rowid, timestamp, trace_id
FROM tail_logs
WHERE span_id = ?1 AND rowid <= ?2;
