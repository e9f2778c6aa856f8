SELECT worker_name, row_count FROM spool_producers WHERE position = ?1;
