CREATE INDEX IF NOT EXISTS tail_logs_trace ON tail_logs (trace_id) WHERE trace_id IS NOT NULL;
