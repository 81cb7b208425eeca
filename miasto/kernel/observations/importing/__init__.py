"""Readings from files: tables, exports of public services, telegrams of meters, models of water networks."""
