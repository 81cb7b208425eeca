"""What may be done in an edition now: decided by its phases, here and nowhere else."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from miasto.kernel.core import clock
from miasto.modules.idea.budget.editions import rules_of
from miasto.modules.idea.budget.models import Edition, EditionPhase
from miasto.modules.idea.budget.rules import VerificationRules
from miasto.modules.idea.budget.states import PhaseKind

ORDER = [one.value for one in PhaseKind]


class NotNow(ValidationError):
    """The edition is in another phase; the message says when it may be done."""


@dataclass(frozen=True, slots=True)
class PhaseView:
    """A phase as a page shows it; ``state`` is "done", "now" or "" (to come), ``note`` what terms the rules set in it."""

    kind: str
    name: str
    starts_on: date
    ends_on: date
    state: str
    note: str = ""


def phase(edition: Edition, kind: str) -> EditionPhase | None:
    """A phase of an edition; no query where the phases were prefetched."""
    return next((one for one in edition.phases.all() if one.kind == kind), None)


def is_open(edition: Edition, kind: str) -> bool:
    """Whether the edition is published and in this phase today."""
    found = phase(edition, kind)
    return edition.published_at is not None and found is not None and found.starts_on <= clock.today() <= found.ends_on


def began(edition: Edition, kind: str) -> bool:
    """Whether the phase has begun (it may be over)."""
    found = phase(edition, kind)
    return edition.published_at is not None and found is not None and found.starts_on <= clock.today()


def require(edition: Edition, kind: str) -> None:
    """Raises ``NotNow`` outside the phase."""
    if is_open(edition, kind):
        return
    found = phase(edition, kind)
    if found is None:
        raise NotNow(_("W tej edycji nie ma tego etapu."), code="phase")
    words = _("Teraz nie można tego zrobić. Ten etap trwa od %(first)s do %(last)s.")
    raise NotNow(words % {"first": f"{found.starts_on:%d.%m.%Y}", "last": f"{found.ends_on:%d.%m.%Y}"}, code="phase")


def line(edition: Edition) -> list[PhaseView]:
    """All phases in their order, each as done, now or to come."""
    today, notes = clock.today(), terms(edition)
    rows = sorted(edition.phases.all(), key=lambda one: (one.starts_on, ORDER.index(one.kind)))
    return [
        PhaseView(
            kind=one.kind,
            name=str(one.get_kind_display()),
            starts_on=one.starts_on,
            ends_on=one.ends_on,
            state="done" if one.ends_on < today else "now" if one.starts_on <= today else "",
            note=notes.get(one.kind, ""),
        )
        for one in rows
    ]


def terms(edition: Edition) -> dict[str, str]:
    """What terms the edition's rules set within its phases, in words, by kind of phase."""
    asked = rules_of(edition).verification
    found = {PhaseKind.VERIFICATION.value: _verification_terms(asked)}
    if asked.appeal_days:
        words = ngettext("odwołanie: %(n)d dzień od wyniku", "odwołanie: %(n)d dni od wyniku", asked.appeal_days)
        found[PhaseKind.APPEALS.value] = words % {"n": asked.appeal_days}
    return found


def _verification_terms(asked: VerificationRules) -> str:
    days = asked.verification_days
    parts = [ngettext("ocena w %(n)d dzień od złożenia", "ocena w %(n)d dni od złożenia", days) % {"n": days}]
    if asked.opinions:
        days = asked.opinion_days
        parts.append(ngettext("opinia jednostki w %(n)d dzień", "opinia jednostki w %(n)d dni", days) % {"n": days})
    return ", ".join(parts)


def now(edition: Edition) -> PhaseView | None:
    """The phase of today, the latest where two overlap; None between phases."""
    current = [one for one in line(edition) if one.state == "now"]
    return current[-1] if current else None


def following(edition: Edition) -> PhaseView | None:
    """The next phase to begin."""
    return next((one for one in line(edition) if not one.state), None)


def over(edition: Edition) -> bool:
    """Whether nothing but the realisation is left."""
    found = phase(edition, PhaseKind.VOTING)
    return edition.finished_at is not None or (found is not None and found.ends_on < clock.today())
