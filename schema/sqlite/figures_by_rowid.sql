-- What figures are made of, of neighbours in arrival in an unsealed segment: only these columns, and no order.
SELECT timestamp, worker_name, log_level, kind, execution_time_ms, wall_time_ms
FROM tail_logs
WHERE rowid BETWEEN ?1 AND ?2;
