"""From a mission file to a flown mission."""
