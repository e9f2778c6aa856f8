-- Whether the figures by the minute were kept when the segment was sealed.
SELECT EXISTS (SELECT 1 FROM tail_rollups);
