DELETE FROM spool_producers WHERE position <= ?1;
