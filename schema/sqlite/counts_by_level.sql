-- The times of one level's rows: the index holds all of it, and no row is read.
SELECT timestamp
FROM tail_logs
INDEXED BY tail_logs_level
WHERE timestamp >= ?1 AND timestamp < ?2 AND rowid <= ?3 AND log_level = ?4;
