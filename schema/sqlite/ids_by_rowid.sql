-- What a candidate of the hot index is verified by where the row itself is not wanted yet.
SELECT correlation_id, trace_id, request_id FROM tail_logs WHERE rowid = ?1;
