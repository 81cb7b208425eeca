"""OGC SensorThings API 1.1 (18-088): the city's things and readings to any client that speaks the standard."""
