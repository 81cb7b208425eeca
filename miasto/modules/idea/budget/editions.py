"""Preparing an edition: rules, money, phases, publication."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from miasto.kernel.accounts.selectors import Viewer, unit_for
from miasto.kernel.core import clock
from miasto.kernel.places.selectors import districts
from miasto.modules.idea.budget import rules as reading
from miasto.modules.idea.budget.models import Edition, EditionPhase, Pool, Project
from miasto.modules.idea.budget.rules import EditionRules, RulesError
from miasto.modules.idea.budget.states import PhaseKind
from miasto.modules.idea.budget.writing import Refused, lock_edition, record_edition, require

RESERVED = ("moje", "s", "p", "poparcie", "zgoda")
REQUIRED = (PhaseKind.PROPOSALS, PhaseKind.VERIFICATION, PhaseKind.VOTING)


@dataclass(frozen=True)
class EditionRow:
    """What an edition is made of. ``phases`` maps a ``PhaseKind`` to its first and last local day, both included."""

    slug: str
    year: int
    title: str
    total: int
    rules: Mapping[str, Any]
    phases: Mapping[str, tuple[date, date]]
    unit_id: UUID
    summary: str = ""


@transaction.atomic
def save_edition(*, row: EditionRow, by: Viewer, edition: Edition | None = None) -> Edition:
    """Make or change an edition. Raises ``RulesError`` with all that is wrong.

    The rules and pools of a published edition that has proposals stay as they are; phases and words may change until the
    order of the ballot is drawn.
    """
    require(by)
    rules = reading.read(row.rules)
    wrong = [*_phase_problems(row.phases), *_unit_problems(rules), *_area_problems(rules)]
    if row.slug in RESERVED:
        wrong.append(_("Tego skrótu w adresie nie można użyć. Wybierz inny."))
    if row.total <= 0:
        wrong.append(_("Podaj, ile pieniędzy jest do podziału."))
    if wrong:
        raise RulesError(wrong)
    found = lock_edition(edition.pk) if edition is not None else Edition()
    if found.election_id:
        raise Refused(_("Karta do głosowania jest już wylosowana. Tej edycji nie można zmienić."), code="drawn")
    changed = not found.rules or reading.read(found.rules) != rules or found.total != row.total
    if edition is not None and changed and Project.objects.filter(edition=found).exists():
        raise Refused(_("Są już złożone projekty, więc zasady i pieniądze muszą zostać takie, jakie były."), code="rules")
    for name in ("slug", "year", "title", "total", "unit_id", "summary"):
        setattr(found, name, getattr(row, name))
    found.rules = _plain(rules)
    found.save()
    if changed:
        _save_pools(found, rules)
    _save_phases(found, row.phases)
    record_edition("edition_saved", found, by)
    return found


def _plain(rules: EditionRules) -> dict[str, Any]:
    """The rules as they come back from the database: lists, not tuples."""
    return json.loads(json.dumps(rules.as_json()))


def _phase_problems(phases: Mapping[str, tuple[date, date]]) -> list[str]:
    wrong = [_("Podaj daty etapu „%(name)s”.") % {"name": PhaseKind(kind).label} for kind in REQUIRED if kind not in phases]
    given = [(PhaseKind(kind), *phases[kind]) for kind in PhaseKind.values if kind in phases]
    for kind, first, last in given:
        if last < first:
            wrong.append(_("Etap „%(name)s” kończy się, zanim się zacznie.") % {"name": kind.label})
    for (before, first, _last), (after, start, _end) in pairwise(given):
        if start < first:
            words = _("Etap „%(after)s” nie może zacząć się przed etapem „%(before)s”.")
            wrong.append(words % {"after": after.label, "before": before.label})
    ends = {kind: last for kind, _first, last in given}
    starts = {kind: first for kind, first, _last in given}
    if PhaseKind.VOTING in starts:
        late = [
            kind for kind in (PhaseKind.PROPOSALS, PhaseKind.DRAW) if kind in ends and ends[kind] >= starts[PhaseKind.VOTING]
        ]
        wrong += [_("Etap „%(name)s” musi skończyć się przed głosowaniem.") % {"name": kind.label} for kind in late]
    return wrong


def _unit_problems(rules: EditionRules) -> list[str]:
    wrong = []
    for _kind, competence in rules.verification.opinions:
        try:
            unit_for(competence)
        except LookupError:
            wrong.append(_("Żadna jednostka nie ma kompetencji „%(key)s”, której wymaga ocena.") % {"key": competence})
    return wrong


def _area_problems(rules: EditionRules) -> list[str]:
    known = {_slug(one) for one in districts()}
    wanted = [slug for one in rules.pools for slug in one.areas]
    unknown = sorted(set(wanted) - known)
    return [_("W rejestrze miasta nie ma dzielnic: %(names)s.") % {"names": ", ".join(unknown)}] if unknown else []


def _slug(area: Any) -> str:
    """How the rules name a district: by its code, or by its key in the file that it came from."""
    return area.code or area.source_key


def _save_pools(edition: Edition, rules: EditionRules) -> None:
    edition.pools.all().delete()
    by_slug = {_slug(one): one for one in districts()}
    money = reading.shared(edition.total, [one.share for one in rules.pools])
    for number, (one, amount) in enumerate(zip(rules.pools, money, strict=True), 1):
        made = Pool.objects.create(
            edition=edition,
            number=number,
            key=one.key,
            name=one.name,
            citywide=one.citywide,
            share=one.share,
            money=amount,
            least_cost=one.least_cost,
            most_cost=one.most_cost,
        )
        made.areas.set([by_slug[slug] for slug in one.areas])


def _save_phases(edition: Edition, phases: Mapping[str, tuple[date, date]]) -> None:
    edition.phases.all().delete()
    EditionPhase.objects.bulk_create(
        EditionPhase(edition=edition, kind=kind, starts_on=first, ends_on=last) for kind, (first, last) in phases.items()
    )


@transaction.atomic
def publish_edition(*, edition: Edition, by: Viewer) -> Edition:
    """Show an edition to everybody; from the first day of its phase proposals may be filed. Repeated, it changes nothing."""
    require(by)
    found = lock_edition(edition.pk)
    if found.published_at is None:
        found.published_at = clock.now()
        found.save(update_fields=["published_at"])
        record_edition("edition_published", found, by)
    return found


def rules_of(edition: Edition) -> EditionRules:
    """The rules of an edition; they were checked when it was saved."""
    return reading.read(edition.rules)
