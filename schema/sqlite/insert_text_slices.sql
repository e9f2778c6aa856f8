INSERT INTO tail_text_slices (place_group, slices) VALUES (?1, ?2);
