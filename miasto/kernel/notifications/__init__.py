"""Notifications: who is told what, by which channel, in which language, and the proof that it was sent."""
