-- What a segment says of itself: one row, from which the catalog is rebuilt at start.
--
-- The ranges stay NULL while the segment is hot: the hot index knows them, and a row rewritten with every commit
-- would cost a page a commit. They are filled in when the segment is sealed.
CREATE TABLE IF NOT EXISTS segment_meta (
    only            INTEGER PRIMARY KEY CHECK (only = 1),
    format          INTEGER NOT NULL,  -- version of these tables; a reader refuses what is newer than itself
    segment         INTEGER NOT NULL,  -- the number in the file's name; a copy under another name is found out
    state           TEXT NOT NULL CHECK (state IN ('hot', 'sealing', 'sealed')),
    created_at      TEXT NOT NULL,
    row_count       INTEGER,
    first_timestamp TEXT,              -- smallest event time
    last_timestamp  TEXT,              -- largest event time
    first_arrival   TEXT,              -- created_at of the first row
    last_arrival    TEXT               -- created_at of the last row
);
