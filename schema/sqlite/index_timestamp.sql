CREATE INDEX IF NOT EXISTS tail_logs_timestamp ON tail_logs (timestamp);
