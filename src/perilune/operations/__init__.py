"""What a mission has achieved, with the evidence."""
