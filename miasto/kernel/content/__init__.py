"""The knowledge base: what the city does for people, where, when and for how much, with opening hours and answers."""
