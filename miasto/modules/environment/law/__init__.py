"""Arithmetic from laws and standards: pure functions over numbers, no database, each with its source."""
