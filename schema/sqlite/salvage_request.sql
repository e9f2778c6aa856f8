INSERT INTO tail_requests (rowid, request_key, received_at) VALUES (?1, ?2, ?3);
