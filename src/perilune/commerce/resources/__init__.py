"""Lunar resources: licences, contracts, samples, lots and who owns them; a register anyone may check."""
