-- The published schema: the one place that says what a row is.
--
-- The hot segment has no index but the primary key. Ids increase with arrival, so that each insert appends to the
-- last page of both B-trees; every other index would cost a random page a row and comes when the segment is sealed.
-- Not WITHOUT ROWID: rowid order is arrival order, and live streams, cursors and the hot index count on it.
--
-- The check of the level is no list: for IN with more than two values SQLite fills a table of its own for each insert,
-- measured 2.2 µs of CPU a row, against 0.3 µs for comparisons.
CREATE TABLE IF NOT EXISTS tail_logs (
    log_id            TEXT PRIMARY KEY,  -- UUID version 7
    worker_name       TEXT NOT NULL,     -- service.name or script name
    request_id        TEXT,              -- the producer's own request id
    correlation_id    TEXT NOT NULL,     -- shared by all rows of one invocation or trace
    log_level         TEXT NOT NULL CHECK (
        log_level = 'info' OR log_level = 'error' OR log_level = 'warn' OR log_level = 'debug'),
    message           TEXT NOT NULL,
    context_json      TEXT,              -- everything else of the record, one JSON object
    timestamp         TEXT NOT NULL,     -- the event's time: ISO-8601 UTC, nine decimals
    execution_time_ms INTEGER,           -- CPU time
    created_at        TEXT NOT NULL,     -- when Collector received it
    kind              TEXT NOT NULL,     -- log, exception, request, span
    wall_time_ms      REAL,              -- duration
    trace_id          TEXT,              -- lower-case hex
    span_id           TEXT,
    parent_span_id    TEXT,
    outcome           TEXT,              -- ok, error, exception, exceededCpu, canceled, …
    resource_id       INTEGER            -- row of tail_resources
);
