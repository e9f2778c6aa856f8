-- In order of arrival; what came back from the spool may be older than what stands before it.
SELECT request_key, received_at FROM tail_requests WHERE received_at >= ?1 ORDER BY rowid;
