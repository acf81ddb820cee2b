"""Prices: tariffs with their sources, quotes, what was realised, where a mission breaks even."""
