-- What came into the exported file.
SELECT (SELECT count(*) FROM main.tail_logs), (SELECT count(*) FROM main.tail_gaps);
