-- Segments that were sealed without it have no such table.
SELECT EXISTS (SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'tail_text_stripes');
