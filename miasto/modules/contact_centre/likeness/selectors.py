"""What others may ask of likeness: the category that a text speaks of."""

from miasto.modules.contact_centre.likeness.guessing import Guess, likely_category

__all__ = ["Guess", "likely_category"]
