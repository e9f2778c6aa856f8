-- How many rows a sealed segment had, by minute, worker and kind: what a damaged one lacks is counted by it.
SELECT time, worker_name, kind, debug + info + warn + error FROM tail_rollups WHERE step_seconds = 60;
