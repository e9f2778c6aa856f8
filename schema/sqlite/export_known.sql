-- Every resource met so far, once, with the number that it has in the exported file.
CREATE TEMP TABLE IF NOT EXISTS known_resources (resource_id INTEGER PRIMARY KEY, resource_json TEXT NOT NULL UNIQUE);
