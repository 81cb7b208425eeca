"""What the counting says of itself: the words for its steps in the log of changes."""

from django.utils.translation import gettext_lazy as _

from miasto.kernel.spec.accounts import ChangeName

STEPS = {
    "planned": _("ustalono zasady liczenia głosów"),
    "requested": _("zlecono policzenie głosów"),
    "counted": _("policzono głosy"),
    "failed": _("liczenie głosów się nie udało"),
    "announced": _("pokazano wyniki wszystkim"),
}
TALLYING = tuple(ChangeName(key=f"participation.tally_{key}", name=name) for key, name in STEPS.items())
