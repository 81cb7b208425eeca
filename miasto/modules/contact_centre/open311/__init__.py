"""Open311 GeoReport v2: the city as a server for other people's apps, and as a client of other authorities."""
