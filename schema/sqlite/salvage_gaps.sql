SELECT rowid, worker_name, from_time, to_time, row_count, reason FROM tail_gaps WHERE rowid BETWEEN ?1 AND ?2 ORDER BY rowid;
