SELECT rowid, request_key, received_at FROM tail_requests WHERE rowid BETWEEN ?1 AND ?2 ORDER BY rowid;
