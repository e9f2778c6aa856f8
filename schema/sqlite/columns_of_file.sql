-- Every table of a file with its columns, and every index under its own name without any: what older versions lack is
-- told from it.
SELECT tables.type, tables.name, columns.name
FROM sqlite_schema AS tables LEFT JOIN pragma_table_info(tables.name) AS columns ON tables.type = 'table'
WHERE tables.type IN ('table', 'index');
