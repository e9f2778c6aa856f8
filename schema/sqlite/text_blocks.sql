SELECT last_row, blocks FROM tail_text_stripes WHERE stripe = ?1;
