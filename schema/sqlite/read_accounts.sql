SELECT worker_name, account_json FROM tail_ledger;
