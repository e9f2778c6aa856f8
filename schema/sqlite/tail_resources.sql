-- Resource and scope attributes, kept once a segment, since thousands of rows share them.
CREATE TABLE IF NOT EXISTS tail_resources (
    resource_id   INTEGER PRIMARY KEY,
    resource_json TEXT NOT NULL
);
