"""Citizen panels: recruitment, the public draw, sessions, recommendations and what became of each."""
