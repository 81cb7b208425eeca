"""Ideas of residents: from a few sentences to what became of them, on one public path that never ends in silence."""
