-- What lets a search for text skip most rows of a sealed segment. Rows stand in blocks of neighbours; of each block it is
-- known which sequences of four bytes occur in its messages and contexts, letters folded, as one bit in 65,536 places
-- (a hash of the sequence). 128 blocks make a stripe; its bits are kept by place, so that a question for a word reads a
-- few of them, one for each sequence in the word, and not the blocks' whole filters.
--
-- Measured on a million rows with 400 bytes of text, 512 of them in a block: a row takes 1.0 µs of CPU, the pass over the
-- table (0.4 µs) included, and 13 bytes. FTS5's trigram index of the same text (contentless, detail=none) takes 41 µs and
-- 371 bytes. With 256 rows in a block it is 0.2 µs and 10 bytes more, and half the rows to be read for a rare word.
CREATE TABLE IF NOT EXISTS tail_text_stripes (
    stripe   INTEGER PRIMARY KEY,  -- from 0
    format   INTEGER NOT NULL,     -- of the bits: a search ignores what it does not know
    folding  INTEGER NOT NULL,     -- fingerprint of the folding that non-ASCII letters went through
    last_row INTEGER NOT NULL,     -- rowid of the stripe's last row
    blocks   BLOB NOT NULL         -- for each block, little-endian: rowids (4 bytes), smallest and largest event time (8 each)
);
CREATE TABLE IF NOT EXISTS tail_text_slices (
    place_group INTEGER PRIMARY KEY,  -- stripe * 1024 + place / 64; missing where no block has any of its places
    slices      BLOB NOT NULL         -- 8 bytes: which of the 64 places have a slice; then the slices, 16 bytes each, bit b for block b
);
