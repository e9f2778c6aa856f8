-- Every table of a file with its columns, and every index under its own name without any: what older versions lack is
-- told from it.
SELECT parts.type, parts.name, columns.name
FROM sqlite_schema AS parts LEFT JOIN pragma_table_xinfo(parts.name) AS columns ON parts.type <> 'index'
WHERE parts.type IN ('table', 'view', 'index');
