"""What others may ask of likeness: the category that a text speaks of, and the reports that tell of the same thing."""

from miasto.modules.contact_centre.likeness.duplicates import Likeness, likely_duplicates
from miasto.modules.contact_centre.likeness.guessing import Guess, likely_category

__all__ = ["Guess", "Likeness", "likely_category", "likely_duplicates"]
