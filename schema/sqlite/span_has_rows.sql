-- Whether a segment has anything to say about a span of time. A sealed one looks into its index.
SELECT EXISTS (SELECT 1 FROM tail_logs WHERE timestamp >= ?1 AND timestamp < ?2);
