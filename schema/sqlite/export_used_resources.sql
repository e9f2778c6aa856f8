INSERT INTO main.tail_resources (resource_id, resource_json)
SELECT resource_id, resource_json FROM known_resources
WHERE resource_id IN (SELECT resource_id FROM main.tail_logs);
