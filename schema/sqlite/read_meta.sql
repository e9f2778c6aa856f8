SELECT format, segment, state, created_at, row_count, first_timestamp, last_timestamp, first_arrival, last_arrival
FROM segment_meta;
