SELECT worker_name, max(last_timestamp)
FROM tail_rollups
WHERE step_seconds = ?1
GROUP BY worker_name;
