INSERT OR IGNORE INTO known_resources (resource_json) SELECT resource_json FROM segment.tail_resources ORDER BY resource_id;
