-- Whole neighbours in arrival; the columns after the first are those of row_by_rowid.sql.
SELECT
    tail_logs.rowid, log_id, worker_name, request_id, correlation_id, log_level, message, context_json, timestamp, created_at, kind,
    trace_id, span_id, parent_span_id, outcome, resource_json, execution_time_ms, wall_time_ms
FROM tail_logs LEFT JOIN tail_resources USING (resource_id)
WHERE tail_logs.rowid BETWEEN ?1 AND ?2
ORDER BY tail_logs.rowid;
