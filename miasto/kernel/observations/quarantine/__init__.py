"""Readings that cannot be, and what a person decides about them."""
