-- In order of arrival, as they stand: through the index on time they would have to be sorted.
INSERT INTO main.tail_logs (
    log_id, worker_name, request_id, correlation_id, log_level, message, context_json, timestamp, execution_time_ms,
    created_at, kind, wall_time_ms, trace_id, span_id, parent_span_id, outcome, resource_id)
SELECT
    log_id, worker_name, request_id, correlation_id, log_level, message, context_json, timestamp, execution_time_ms,
    created_at, kind, wall_time_ms, trace_id, span_id, parent_span_id, outcome,
    (SELECT known.resource_id FROM segment.tail_resources JOIN known_resources AS known USING (resource_json)
     WHERE tail_resources.resource_id = l.resource_id)
FROM segment.tail_logs AS l NOT INDEXED
WHERE timestamp >= ?1 AND timestamp < ?2
ORDER BY l.rowid;
