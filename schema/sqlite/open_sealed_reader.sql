-- A connection that answers questions about a sealed file. Many may be open: a small cache each, since what it would
-- keep is in the operating system's already.
PRAGMA query_only = ON;
PRAGMA cache_size = -256;
