-- A request's rows of one worker may come in several runs.
INSERT INTO spool_producers (position, worker_name, row_count) VALUES (?1, ?2, ?3)
ON CONFLICT (position, worker_name) DO UPDATE SET row_count = row_count + excluded.row_count;
