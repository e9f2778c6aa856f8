-- A connection that answers questions. It never writes and never checkpoints: one writer.
PRAGMA query_only = ON;
PRAGMA wal_autocheckpoint = 0;
PRAGMA cache_size = -1024;
