-- Keys of the requests whose rows are here, stored with them, so that a producer's retry is known as one after a
-- restart. No index: it is only read at start, whole, and appended to otherwise.
CREATE TABLE IF NOT EXISTS tail_requests (
    request_key BLOB NOT NULL,  -- SHA-256 of the signal and the decompressed message
    received_at TEXT NOT NULL
);
