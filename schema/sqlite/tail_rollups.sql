-- Figures of a sealed segment by time, worker and kind, twice: by the minute, and by the hour for questions that reach
-- back over days. Written with the mark that it is sealed; no row at all where the cells were too many to keep.
CREATE TABLE IF NOT EXISTS tail_rollups (
    step_seconds   INTEGER NOT NULL,
    time           INTEGER NOT NULL,  -- seconds since 1970; the step's beginning
    worker_name    TEXT NOT NULL,
    kind           TEXT NOT NULL,
    debug          INTEGER NOT NULL,  -- rows by level
    info           INTEGER NOT NULL,
    warn           INTEGER NOT NULL,
    error          INTEGER NOT NULL,
    cpu_ms         INTEGER NOT NULL,
    last_timestamp INTEGER NOT NULL,  -- nanoseconds since 1970
    max_ms         REAL,              -- longest duration
    latency        BLOB,              -- durations: pairs of varints, step to the next bucket of base 1.02 and its count
    PRIMARY KEY (step_seconds, time, worker_name, kind)
) WITHOUT ROWID;
