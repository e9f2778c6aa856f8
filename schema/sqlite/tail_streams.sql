-- How far each stream of events is stored. It commits with the rows it speaks of, and the next segment takes it over, so
-- that an event that is sent again is known as such for 24 hours, whatever happened meanwhile.
CREATE TABLE IF NOT EXISTS tail_streams (
    stream_id  TEXT PRIMARY KEY,
    high_water INTEGER NOT NULL,  -- every sequence up to it is stored, but for the holes
    holes      TEXT NOT NULL,     -- "first-last first-last": those that are not
    seen_at    TEXT NOT NULL
) WITHOUT ROWID;
