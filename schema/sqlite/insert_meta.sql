-- OR IGNORE: a segment that is opened again, or whose creation a crash cut short, goes through the same steps.
INSERT OR IGNORE INTO segment_meta (only, format, segment, state, created_at) VALUES (1, ?1, ?2, 'hot', ?3);
