"""What the contact centre declares."""

from django.utils.translation import gettext_lazy as _

from miasto.kernel.core.module import Module

MODULE = Module(
    slug="contact_centre",
    name=_("Centrum kontaktu"),
    summary=_("Zgłoszenia mieszkańców: od pierwszego słowa do potwierdzonego rozwiązania."),
    icon="megaphone",
)
