"""Alerts: rules as data, judged as readings are folded in, each raised once, handled by people until it is cleared."""
