-- A page of a sealed segment: the first places behind a bound, in one order or the other. It is composed of these
-- lines: those that end in no name always, of the others those that a question needs. The index is named, since
-- SQLite would guess without statistics; a test looks at the plans.
SELECT rowid, timestamp
FROM tail_logs
INDEXED BY tail_logs_timestamp                -- by time
INDEXED BY tail_logs_level                    -- by level
INDEXED BY tail_logs_worker                   -- by worker
INDEXED BY tail_logs_correlation              -- by correlation
INDEXED BY tail_logs_trace                    -- by trace
INDEXED BY tail_logs_request                  -- by request
WHERE timestamp >= ?1
AND timestamp < ?2
AND rowid <= ?3
AND (timestamp, rowid) < (?4, ?5)             -- newest first
AND (timestamp, rowid) > (?4, ?5)             -- oldest first
AND log_level = ?6                            -- level
AND worker_name = ?7                          -- worker
AND correlation_id = ?8                       -- correlation
AND trace_id = ?9                             -- trace
AND request_id = ?11                          -- request
AND kind = ?12                                -- kind
AND outcome = ?13                             -- outcome
ORDER BY timestamp DESC, rowid DESC           -- newest first
ORDER BY timestamp, rowid                     -- oldest first
LIMIT ?10
