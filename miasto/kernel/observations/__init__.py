"""Observations: things and their data streams (OGC SensorThings), readings kept for years, alerts, forecasts."""
