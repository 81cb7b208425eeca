"""What the ballot box says of itself: the words for its steps in the log of changes."""

from django.utils.translation import gettext_lazy as _

from miasto.kernel.spec.accounts import ChangeName

STEPS = {
    "created": _("przygotowano głosowanie"),
    "keyed": _("rozdano klucz komisji"),
    "opened": _("wystawiono urnę"),
    "closed": _("zamknięto urnę"),
    "tallied": _("otwarto urnę"),
    "published": _("ogłoszono wyniki głosowania"),
}
VOTING = tuple(ChangeName(key=f"participation.election_{key}", name=name) for key, name in STEPS.items())
