-- The one connection to the spool. Pages of 4 KiB: an entry of an everyday request has some 60 KiB, one of a single record
-- less than a page.
PRAGMA page_size = 4096;
-- So that a spool that was once large gives its room back.
PRAGMA auto_vacuum = INCREMENTAL;
-- A WAL needs one sync a commit, a rollback journal three and more.
PRAGMA journal_mode = WAL;
PRAGMA fullfsync = ON;
PRAGMA synchronous = FULL;
PRAGMA cache_size = -2048;
PRAGMA journal_size_limit = 16777216;
