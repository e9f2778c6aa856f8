-- No rowid: SQLite gives the next one, and appends to the last page without a search.
INSERT INTO tail_logs (
    log_id, worker_name, request_id, correlation_id, log_level, message, context_json, timestamp, execution_time_ms,
    created_at, kind, wall_time_ms, trace_id, span_id, parent_span_id, outcome, resource_id)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17);
