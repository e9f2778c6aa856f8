SELECT time, worker_name, kind, debug, info, warn, error, cpu_ms, last_timestamp, max_ms, latency
FROM tail_rollups
WHERE step_seconds = ?1 AND time >= ?2 AND time < ?3;
