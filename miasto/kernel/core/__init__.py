"""Module contract, registry, domain events, audit of changes, jobs, clock and outgoing mail."""
