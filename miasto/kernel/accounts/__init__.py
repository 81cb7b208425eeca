"""People, organisations, units, roles, secret links, log-in, and each person's power over their own data."""
