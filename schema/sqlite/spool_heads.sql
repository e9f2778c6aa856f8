-- One after the other, so that a damaged page costs what is on it.
SELECT position, request_key, received_at, stream_id, ranges FROM spool_entries WHERE position > ?1 ORDER BY position LIMIT 1;
