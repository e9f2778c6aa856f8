-- The spool: requests that wait for the store, and the accounts of what was refused or dropped meanwhile.
--
-- What a start must know of each request stands before its payload, so that it is read without the payload's pages: its key,
-- by which a retry is recognised, and its stream. The checksum tells a payload whose bytes changed on the disk, which
-- SQLite does not.
CREATE TABLE IF NOT EXISTS spool_entries (
    position    INTEGER PRIMARY KEY,  -- in order of arrival; rises as long as a process runs
    request_key BLOB,
    received_at TEXT NOT NULL,
    stream_id   TEXT,
    ranges      TEXT,                 -- "first-last first-last": the stream's events that it holds
    checksum    INTEGER NOT NULL,     -- XxHash3 of the payload
    payload     BLOB NOT NULL
);
-- Whose rows an entry holds. In a tree of its own: where a page of the other is damaged, this one still says what was lost.
CREATE TABLE IF NOT EXISTS spool_producers (
    position    INTEGER NOT NULL,
    worker_name TEXT NOT NULL,
    row_count   INTEGER NOT NULL,
    PRIMARY KEY (position, worker_name)
) WITHOUT ROWID;
-- As tail_ledger, but for what the store has not kept yet: each figure that is larger than the store's counts.
CREATE TABLE IF NOT EXISTS spool_ledger (
    worker_name  TEXT PRIMARY KEY,
    account_json TEXT NOT NULL
) WITHOUT ROWID;
-- As tail_gaps: those that the store has not kept yet.
CREATE TABLE IF NOT EXISTS spool_gaps (
    worker_name TEXT NOT NULL,
    from_time   TEXT NOT NULL,
    to_time     TEXT NOT NULL,
    row_count   INTEGER NOT NULL,
    reason      TEXT NOT NULL
);
