"""The air between the stations: kriging of hourly means, its error, and the map drawn of it."""
