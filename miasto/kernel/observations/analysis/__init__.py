"""What readings mean: anomalies, gaps, the health of sensors, calibration. Pure functions over arrays, and their services."""
