-- What an earlier try may have left.
DELETE FROM tail_text_stripes;
DELETE FROM tail_text_slices;
