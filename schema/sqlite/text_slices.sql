SELECT slices FROM tail_text_slices WHERE place_group = ?1;
