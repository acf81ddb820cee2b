"""Contracts: what is owed for what, as machines whose every step needs its evidence, authority and time."""
