SELECT format, folding, last_row FROM tail_text_stripes ORDER BY stripe;
