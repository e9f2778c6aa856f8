CREATE INDEX IF NOT EXISTS tail_logs_request ON tail_logs (request_id) WHERE request_id IS NOT NULL;
