INSERT INTO tail_resources (resource_id, resource_json) VALUES (?1, ?2);
