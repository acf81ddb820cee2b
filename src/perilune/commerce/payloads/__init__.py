"""Payloads: what customers want carried, with what they need on board."""
