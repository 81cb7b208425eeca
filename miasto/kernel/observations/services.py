"""What modules may do with things and readings."""

from miasto.kernel.observations.things import declared_property, feature_of, property_of, save_datastream, save_thing

__all__ = ["declared_property", "feature_of", "property_of", "save_datastream", "save_thing"]
