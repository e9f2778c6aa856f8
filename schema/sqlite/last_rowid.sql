SELECT max(rowid) FROM tail_logs;
