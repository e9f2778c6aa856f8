SELECT rowid, request_key, received_at, first_rowid, row_count, group_order FROM tail_requests WHERE rowid BETWEEN ?1 AND ?2 ORDER BY rowid;
