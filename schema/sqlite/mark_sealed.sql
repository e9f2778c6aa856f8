-- The last transaction of a segment's life: from here on nobody writes to it.
UPDATE segment_meta
SET state = 'sealed', row_count = ?1, first_timestamp = ?2, last_timestamp = ?3, first_arrival = ?4, last_arrival = ?5;
