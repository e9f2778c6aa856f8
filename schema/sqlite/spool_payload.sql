SELECT checksum, payload FROM spool_entries WHERE position = ?1;
