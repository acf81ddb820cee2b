"""What can break on the way down, as rows of a table: unit, kind, trigger, size, duration."""
