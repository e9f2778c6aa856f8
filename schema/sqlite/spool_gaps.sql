SELECT worker_name, from_time, to_time, row_count, reason FROM spool_gaps;
