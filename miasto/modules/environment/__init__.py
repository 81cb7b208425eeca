"""The environment of the city: air, rivers, weather and noise, measured and explained."""
