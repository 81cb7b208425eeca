"""Months in words: as they stand alone and after „w”. The months of dates („5 maja”) come from Django."""

from datetime import date

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

ALONE = (
    gettext_lazy("styczeń"), gettext_lazy("luty"), gettext_lazy("marzec"), gettext_lazy("kwiecień"), gettext_lazy("maj"),
    gettext_lazy("czerwiec"), gettext_lazy("lipiec"), gettext_lazy("sierpień"), gettext_lazy("wrzesień"),
    gettext_lazy("październik"), gettext_lazy("listopad"), gettext_lazy("grudzień"),
)  # fmt: skip
WITHIN = (
    gettext_lazy("w styczniu"), gettext_lazy("w lutym"), gettext_lazy("w marcu"), gettext_lazy("w kwietniu"),
    gettext_lazy("w maju"), gettext_lazy("w czerwcu"), gettext_lazy("w lipcu"), gettext_lazy("w sierpniu"),
    gettext_lazy("we wrześniu"), gettext_lazy("w październiku"), gettext_lazy("w listopadzie"), gettext_lazy("w grudniu"),
)  # fmt: skip


def month_name(month: date) -> str:
    """„maj 2026”."""
    return _("%(month)s %(year)s") % {"month": ALONE[month.month - 1], "year": month.year}


def within(month: date) -> str:
    """„w maju 2026”, „we wrześniu 2026”."""
    return _("%(month)s %(year)s") % {"month": WITHIN[month.month - 1], "year": month.year}
