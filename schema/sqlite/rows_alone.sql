-- As rows_by_rowid.sql, without their resources: where a page of these is broken, the rows can be read all the same.
SELECT
    rowid, log_id, worker_name, request_id, correlation_id, log_level, message, context_json, timestamp, created_at, kind,
    trace_id, span_id, parent_span_id, outcome, NULL AS resource_json, execution_time_ms, wall_time_ms
FROM tail_logs
WHERE rowid BETWEEN ?1 AND ?2
ORDER BY rowid;
