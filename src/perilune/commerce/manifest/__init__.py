"""What a flight has room for, and everything that has to fit together on it."""
