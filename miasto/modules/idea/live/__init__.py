"""Live votes at meetings: phones in the room and far away, one tally, a screen for the hall."""
