DELETE FROM spool_gaps;
