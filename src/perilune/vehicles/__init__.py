"""What flies, as data."""
