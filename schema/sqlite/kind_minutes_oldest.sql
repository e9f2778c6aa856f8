-- Minutes in which a sealed segment has rows of a kind, the first one first: of any worker or one, and of the levels whose
-- parameter is 1.
SELECT DISTINCT time
FROM tail_rollups
WHERE step_seconds = 60 AND time >= ?1 AND time < ?2
AND kind = ?3
AND (?4 IS NULL OR worker_name = ?4)
AND ?5 * debug + ?6 * info + ?7 * warn + error > 0
ORDER BY time;
