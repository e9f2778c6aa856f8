SELECT format, segment, state FROM segment_meta;
