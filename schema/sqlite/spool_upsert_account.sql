INSERT INTO spool_ledger (worker_name, account_json) VALUES (?1, ?2)
ON CONFLICT (worker_name) DO UPDATE SET account_json = excluded.account_json;
