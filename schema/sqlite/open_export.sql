-- The file that an export makes. Until it has its name nobody reads it and a crash leaves nothing to repair: it is
-- synced once, at the end. The journal in memory takes back what a segment gave that vanished meanwhile.
PRAGMA page_size = 8192;
PRAGMA journal_mode = MEMORY;
PRAGMA synchronous = OFF;
PRAGMA cache_size = -65536;
