"""What may be done with things and readings."""

MANAGE = "observations.manage"  # things, data streams, quarantine
WRITE = "observations.write"  # readings, for programs: also the name of the API key's scope
ALERTS = "observations.alerts"  # rules and the handling of alerts
