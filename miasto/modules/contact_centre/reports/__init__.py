"""Open statistics and the monthly report: how many, how fast, how often disputed."""
