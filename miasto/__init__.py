"""Platforma Smart City: one platform for one city."""
