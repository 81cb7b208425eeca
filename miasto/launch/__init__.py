"""Sets up and supervises a whole city on one machine; what ``./run`` and ``./test`` are made of. Imports no Django."""
