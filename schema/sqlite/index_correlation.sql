CREATE INDEX IF NOT EXISTS tail_logs_correlation ON tail_logs (correlation_id);
