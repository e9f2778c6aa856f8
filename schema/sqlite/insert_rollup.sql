INSERT OR REPLACE INTO tail_rollups
    (step_seconds, time, worker_name, kind, debug, info, warn, error, cpu_ms, last_timestamp, max_ms, latency)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12);
