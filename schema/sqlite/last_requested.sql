-- The last row that a request brought, by its own account: it tells also where the rows themselves can't be read.
SELECT COALESCE(MAX(first_rowid + row_count - 1), 0) FROM tail_requests;
