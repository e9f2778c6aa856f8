-- Whether anything that must not be lost was ever committed: a creation is one transaction, so that one which was cut
-- short has no row at all.
SELECT EXISTS (SELECT 1 FROM tail_logs) OR EXISTS (SELECT 1 FROM tail_ledger) OR EXISTS (SELECT 1 FROM tail_gaps);
