"""The city's newsletter: who asked for it, what it says, and its sending at a declared rate."""
