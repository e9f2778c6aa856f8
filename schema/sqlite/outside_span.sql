-- The span that the view of "collector sql" lets see: a view takes no parameters.
CREATE TEMP TABLE IF NOT EXISTS tail_span AS SELECT ?1 AS from_time, ?2 AS to_time;
