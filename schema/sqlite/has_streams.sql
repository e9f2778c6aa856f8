-- Segments that an earlier version sealed have no such table.
SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = 'tail_streams';
