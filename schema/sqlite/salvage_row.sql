-- With its rowid, so that cursors and positions stay.
INSERT INTO tail_logs (
    rowid, log_id, worker_name, request_id, correlation_id, log_level, message, context_json, timestamp, execution_time_ms,
    created_at, kind, wall_time_ms, trace_id, span_id, parent_span_id, outcome, resource_id)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18);
