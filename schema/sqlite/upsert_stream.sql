INSERT INTO tail_streams (stream_id, high_water, holes, seen_at) VALUES (?1, ?2, ?3, ?4)
ON CONFLICT (stream_id) DO UPDATE
SET high_water = excluded.high_water, holes = excluded.holes, seen_at = excluded.seen_at;
