SELECT position, worker_name, row_count FROM spool_producers ORDER BY position;
