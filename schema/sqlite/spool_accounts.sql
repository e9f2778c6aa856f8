SELECT worker_name, account_json FROM spool_ledger;
