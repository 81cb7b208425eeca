"""Sanitised files, their variants, signed links, and the owner's visibility."""
