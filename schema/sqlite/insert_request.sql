INSERT INTO tail_requests (request_key, received_at) VALUES (?1, ?2);
