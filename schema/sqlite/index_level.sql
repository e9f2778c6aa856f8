-- With the time, so that a level's newest rows stand together: 1.4 µs and 44 bytes a row, against 0.8 µs and 13 bytes.
CREATE INDEX IF NOT EXISTS tail_logs_level ON tail_logs (log_level, timestamp);
