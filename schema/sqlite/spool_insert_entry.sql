INSERT INTO spool_entries (position, request_key, received_at, stream_id, ranges, checksum, payload)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7);
