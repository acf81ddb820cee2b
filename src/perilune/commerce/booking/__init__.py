"""Bookings: who holds which part of a flight, exactly."""
