-- Any question does: SQLite takes back what a crash cut short before it answers the first one, if it may write.
PRAGMA schema_version;
