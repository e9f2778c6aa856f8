INSERT INTO tail_gaps (rowid, worker_name, from_time, to_time, row_count, reason) VALUES (?1, ?2, ?3, ?4, ?5, ?6);
