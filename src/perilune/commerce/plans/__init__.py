"""Plans: which missions there are, as announced; a stable id each, everything else by date."""
