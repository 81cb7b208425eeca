"""The area served: city objects and their index, districts, streets, addresses, the geocoder, and loaders of real files."""
