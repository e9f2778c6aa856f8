DELETE FROM spool_entries WHERE position <= ?1;
