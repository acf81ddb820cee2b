"""Terrain-relative navigation shown on pixels: a camera's image of the ground, matched with a map of it."""
