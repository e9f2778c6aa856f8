-- Segments that an earlier version sealed lack some tables, and those that were sealed without a text index lack its.
SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = ?1;
