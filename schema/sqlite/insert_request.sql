INSERT INTO tail_requests (request_key, received_at, first_rowid, row_count, group_order) VALUES (?1, ?2, ?3, ?4, ?5);
