"""Factories of the budget for tests: an edition in a phase, a proposal, its way to the ballot."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from uuid import uuid4

from django.contrib.gis.geos import Point

from miasto.kernel.accounts.selectors import SYSTEM, current_units
from miasto.kernel.accounts.testing import give_competence, make_unit
from miasto.kernel.core import clock
from miasto.kernel.core.city import city
from miasto.kernel.places.selectors import districts
from miasto.kernel.places.testing import make_area
from miasto.modules.idea.budget import drawing, editions, proposing, supporting, verifying
from miasto.modules.idea.budget.case_types import COORDINATION
from miasto.modules.idea.budget.models import Edition, Project
from miasto.modules.idea.budget.states import PhaseKind

LENGTH = 10
ORDER = [one.value for one in PhaseKind]


def rules(**changed: Any) -> dict[str, Any]:
    """Small rules: one city-wide pool and one of a district; two supporters; opinions of two kinds."""
    found: dict[str, Any] = {
        "pools": [
            {"key": "miasto", "name": "Całe miasto", "citywide": True, "share": 4000, "most_cost": 100_000_00},
            {"key": "centrum", "name": "Centrum", "share": 6000, "least_cost": 1_000_00, "most_cost": 60_000_00},
        ],
        "proposals": {"support": 2, "guardian_under": 13},
        "verification": {
            "opinions": [["land", "budget.test_land"], ["cost", "budget.test_cost"]],
            "appeal_body": "Prezydent",
            "verification_days": 40,
            "opinion_days": 10,
        },
        "ballot": {"citywide_most": 1, "district_most": 2},
    }
    return found | changed


def phases(now: str = PhaseKind.PROPOSALS) -> dict[str, tuple[date, date]]:
    """All phases one after another, ten days each, so that ``now`` is the present one."""
    first = clock.today() - timedelta(days=LENGTH * ORDER.index(now) + 2)
    return {
        kind: (first + timedelta(days=LENGTH * at), first + timedelta(days=LENGTH * (at + 1) - 1))
        for at, kind in enumerate(ORDER)
    }


def make_edition(*, now: str = PhaseKind.PROPOSALS, area: Any = None, slug: str = "2026", **changed: Any) -> Edition:
    """A published edition in a phase; ``area`` is the district of the pool "centrum"."""
    unit = current_units().filter(slug="budget-test").first() or make_unit(slug="budget-test")
    land = current_units().filter(slug="land-test").first() or make_unit(slug="land-test")
    for key, answers in ((COORDINATION, unit), ("budget.test_land", land), ("budget.test_cost", unit)):
        give_competence(answers, key)
    asked = rules(**changed)
    area = area or districts().first() or make_area(code="centrum", name="Centrum")
    for one in asked["pools"]:
        if not one.get("citywide") and not one.get("areas"):
            one["areas"] = [area.code or area.source_key]
    row = editions.EditionRow(
        slug=slug,
        year=2026,
        title="Budżet obywatelski 2026",
        total=200_000_00,
        rules=asked,
        phases=phases(now),
        unit_id=unit.pk,
    )
    saved = editions.save_edition(row=row, by=SYSTEM)
    return editions.publish_edition(edition=saved, by=SYSTEM)


def proposal(**changed: Any) -> proposing.ProposalRow:
    """A proposal in the middle of the city."""
    values = {
        "pool": "centrum",
        "title": "Ławki przy skwerze",
        "summary": "Dziesięć ławek z oparciami.",
        "description": "Starsi mieszkańcy nie mają gdzie usiąść.",
        "for_whom": "Dla wszystkich, bezpłatnie.",
        "place": Point(*city().centre, srid=4326),
        "items": [("Ławki", 20_000_00), ("Montaż", 5_000_00)],
        "authors": [proposing.AuthorRow(name="Anna Próbna", email="anna@przyklad.pl", postal_address="Długa 1")],
    }
    return proposing.ProposalRow(**{**values, **changed})


def make_project(edition: Edition, *, supporters: int = 2, by: Any = SYSTEM, **changed: Any) -> Project:
    """A filed proposal with signatures on its list."""
    made = proposing.file_project(edition=edition, row=proposal(**changed), client_key=uuid4(), by=by).project
    rows = [supporting.SupporterRow(f"Osoba Numer{one}", f"Krótka {one}") for one in range(supporters)]
    supporting.enter_supporters(project=made, rows=rows, by=SYSTEM)
    return fresh(made)


def fresh(project: Project) -> Project:
    """The project as it is in the database."""
    return Project.objects.select_related("edition", "pool", "case").get(pk=project.pk)


def accept(project: Project) -> Project:
    """The whole verification with a good end."""
    verifying.pass_formal(project=project, by=SYSTEM)
    for one in project.opinions.select_related("project", "case"):
        verifying.give_opinion(opinion=one, outcome="positive", text="Można.", by=SYSTEM)
    verifying.decide(project=fresh(project), accept=True, reasons="Projekt spełnia warunki.", by=SYSTEM)
    return fresh(project)


def draw_ballot(edition: Edition, event: str = "1, 2, 3, 4, 5, 6") -> Edition:
    """The order drawn and the election made."""
    drawing.commit_draw(edition=edition, source="Losowanie Lotto", by=SYSTEM)
    drawing.draw_order(edition=edition, event=event, by=SYSTEM)
    return Edition.objects.get(pk=edition.pk)
