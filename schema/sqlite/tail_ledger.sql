-- The producers' accounts as of the last transaction that changed them. It commits with the rows it counts, so that it
-- never says more or less than they do.
CREATE TABLE IF NOT EXISTS tail_ledger (
    worker_name  TEXT PRIMARY KEY,
    account_json TEXT NOT NULL
) WITHOUT ROWID;
