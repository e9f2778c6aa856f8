-- Keys of the requests whose rows are here, stored with them, so that a producer's retry is known as one after a
-- restart. No index: it is only read at start, whole, and appended to otherwise.
--
-- The last three say which rows a request brought, and each one's rank in it, which is the same for every collector that the
-- request was sent to, in whatever order its groups came.
CREATE TABLE IF NOT EXISTS tail_requests (
    request_key BLOB NOT NULL,  -- SHA-256 of the signal and the message, or of its groups' sorted digests
    received_at TEXT NOT NULL,
    first_rowid INTEGER,        -- in tail_logs
    row_count   INTEGER,
    group_order BLOB            -- for each group, in order of rowid: its rank and its number of rows, as varints; NULL for one group
);
