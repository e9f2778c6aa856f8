SELECT COALESCE(MAX(position), 0) FROM spool_entries;
