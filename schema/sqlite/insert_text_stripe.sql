INSERT INTO tail_text_stripes (stripe, format, folding, last_row, blocks) VALUES (?1, ?2, ?3, ?4, ?5);
