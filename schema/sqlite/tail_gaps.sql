-- Markers of rows that were lost. Few, and none on a good day: they are scanned.
CREATE TABLE IF NOT EXISTS tail_gaps (
    worker_name TEXT NOT NULL,
    from_time   TEXT NOT NULL,  -- of the first lost row
    to_time     TEXT NOT NULL,  -- of the last one
    row_count   INTEGER NOT NULL,
    reason      TEXT NOT NULL
);
