-- One segment's part of the view of "collector sql"; "main." is replaced by the name that the segment is attached as.
-- resource_json stands in the place of resource_id, which means something in its own segment only. It is a subquery and
-- no join, so that who does not ask for it does not pay for it.
SELECT
    log_id, worker_name, request_id, correlation_id, log_level, message, context_json, timestamp, execution_time_ms,
    created_at, kind, wall_time_ms, trace_id, span_id, parent_span_id, outcome,
    (SELECT resource_json FROM main.tail_resources WHERE resource_id = l.resource_id) AS resource_json
FROM main.tail_logs l
WHERE timestamp >= (SELECT from_time FROM temp.tail_span) AND timestamp < (SELECT to_time FROM temp.tail_span)
