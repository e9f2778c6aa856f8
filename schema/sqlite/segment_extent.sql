-- How far an unsealed segment reaches: a few page reads, whatever its size.
SELECT
    (SELECT max(rowid) FROM tail_logs),
    (SELECT created_at FROM tail_logs ORDER BY rowid LIMIT 1),
    (SELECT created_at FROM tail_logs ORDER BY rowid DESC LIMIT 1),
    (SELECT max(resource_id) FROM tail_resources);
