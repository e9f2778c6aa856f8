SELECT stream_id, high_water, holes, seen_at FROM tail_streams;
