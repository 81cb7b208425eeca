"""The cold store: days of readings in Parquet files, a manifest of them in the database, DuckDB or Spark over both."""
