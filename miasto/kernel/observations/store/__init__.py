"""The store of readings: hot partitions in PostgreSQL, the archive of years in Parquet, one way to read both."""
