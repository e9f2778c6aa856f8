-- The first question of a transaction decides which moment all of it sees.
SELECT count(*) FROM sqlite_schema;
