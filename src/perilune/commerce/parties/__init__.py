"""Parties: customers, agencies, licensing authorities, suppliers, and the company's own legal entities."""
