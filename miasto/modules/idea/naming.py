"""What the city calls its participation: the profile says it."""

from django.utils.functional import lazy
from django.utils.translation import gettext

from miasto.kernel.core.city import city

KIND = "idea.consultation"


def brand() -> str:
    """The name of the place where residents take part, as the profile's ``names.idea`` says."""
    return str(city().section("names").get("idea") or gettext("Konsultacje społeczne"))


brand_later = lazy(brand, str)
