-- All rows in order of arrival, with what their text is made of.
SELECT rowid, message, context_json, timestamp FROM tail_logs ORDER BY rowid;
