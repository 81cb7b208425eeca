"""Noise analysed: levels made of energy, days and nights against the law, loud events of the night."""
