"""The operator's phone console: calls, who calls, what they want, and what became of it."""
