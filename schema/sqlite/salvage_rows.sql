-- Rows as they stand, on their way from a damaged file into a new one.
SELECT
    rowid, log_id, worker_name, request_id, correlation_id, log_level, message, context_json, timestamp, execution_time_ms,
    created_at, kind, wall_time_ms, trace_id, span_id, parent_span_id, outcome, resource_id
FROM tail_logs
WHERE rowid BETWEEN ?1 AND ?2
ORDER BY rowid;
