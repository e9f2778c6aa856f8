SELECT resource_id, resource_json FROM tail_resources WHERE resource_id BETWEEN ?1 AND ?2 ORDER BY resource_id;
