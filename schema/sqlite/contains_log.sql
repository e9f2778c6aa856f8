SELECT 1 FROM tail_logs WHERE log_id = ?1;
