"""The city map from declared layers: style, vector tiles, the map page, and OGC API Features."""
