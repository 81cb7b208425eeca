"""Factories for tests: a small case type of their own, categories, filed cases."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from typing import Any

from miasto.kernel.accounts import testing as accounts
from miasto.kernel.accounts.selectors import ANONYMOUS, Viewer, unit_for
from miasto.kernel.accounts.testing import make_unit
from miasto.kernel.cases.models import Case, Category, ExternalBody
from miasto.kernel.cases.services import Contact, Filed, file_case, take_step
from miasto.kernel.core.city import city
from miasto.kernel.core.testing import declared
from miasto.kernel.spec.cases import (
    CLOCK,
    FILER,
    FORWARD,
    MERGE,
    OUTSIDE_DONE,
    OUTSIDE_REFUSED,
    UNMERGE,
    CaseType,
    Deadline,
    Question,
    Stage,
    Transition,
)

_numbers = count(1)
KEY = "cases.matter"
MATTER = CaseType(
    key=KEY,
    name="Sprawa próbna",
    name_plural="Sprawy próbne",
    prefix="PR",
    order=0,
    competence="cases.trial",
    deadline=Deadline(days=14),
    questions=(
        Question(key="since", label="Od kiedy?"),
        Question(key="near", label="Czy przy szkole?", kind="boolean", public=True),
    ),
    stages=(
        Stage(key="new", name="Przyjęta", meaning="Czeka, aż ktoś się nią zajmie.", colour="blue"),
        Stage(key="working", name="W trakcie", meaning="Ktoś się nią zajmuje.", colour="yellow"),
        Stage(key="asking", name="Czeka na odpowiedź", meaning="Urząd czeka na odpowiedź.", colour="orange", clock="paused"),
        Stage(key="solved", name="Załatwiona", meaning="Urząd odpowiedział.", colour="green", clock="stopped"),
        Stage(key="closed", name="Zamknięta", meaning="Sprawa jest zakończona.", clock="stopped", final=True),
        Stage(
            key="outside",
            name="Przekazana",
            meaning="Odpowie instytucja spoza miasta.",
            colour="purple",
            clock="paused",
            waits_for="outside",
        ),
        Stage(key="merged", name="Połączona", meaning="To samo już zgłoszono.", clock="stopped", final=True),
        Stage(key="dropped", name="Wycofana", meaning="Sprawę wycofano.", clock="stopped", final=True, public=False),
    ),
    transitions=(
        Transition(key="take", label="Zajmij się", sources=("new",), target="working", by=("cases.handle",)),
        Transition(
            key="ask", label="Zapytaj", sources=("new", "working"), target="asking", by=("cases.handle",), needs=("question",)
        ),
        Transition(key="reply", label="Odpowiedz", sources=("asking",), target="working", by=(FILER, "cases.handle")),
        Transition(
            key="solve",
            label="Załatw",
            sources=("new", "working"),
            target="solved",
            by=("cases.handle",),
            needs=("answer", "photo_or_reason"),
            prominent=True,
        ),
        Transition(key="confirm", label="Potwierdź", sources=("solved",), target="closed", by=(FILER,)),
        Transition(
            key="dispute",
            label="Nie zgadzam się",
            sources=("solved",),
            target="working",
            by=(FILER,),
            needs=("reason",),
            days=7,
            dispute=True,
        ),
        Transition(key="expire", label="Minął czas", sources=("solved",), target="closed", by=(CLOCK,), days=7),
        Transition(
            key="forward",
            label="Przekaż",
            sources=("new", "working"),
            target="outside",
            by=("cases.handle",),
            effect=FORWARD,
        ),
        Transition(key="outside_done", label="Załatwiono", sources=("outside",), target="solved", by=(), effect=OUTSIDE_DONE),
        Transition(
            key="outside_refused", label="Zwrócono", sources=("outside",), target="working", by=(), effect=OUTSIDE_REFUSED
        ),
        Transition(
            key="take_back",
            label="Weź z powrotem",
            sources=("outside",),
            target="working",
            by=("cases.handle",),
            needs=("reason",),
        ),
        Transition(
            key="merge",
            label="Połącz",
            sources=("new", "working", "asking"),
            target="merged",
            by=("cases.assign",),
            effect=MERGE,
        ),
        Transition(
            key="unmerge", label="Rozłącz", sources=("merged",), target="working", by=("cases.supervise",), effect=UNMERGE
        ),
        Transition(key="drop", label="Wycofaj", sources=("new", "working"), target="dropped", by=(FILER, "cases.handle")),
    ),
)


@contextmanager
def matter_declared(kind: CaseType = MATTER) -> Iterator[CaseType]:
    """The case type of the tests exists for a time."""
    with declared(kind):
        yield kind


def give_competence(unit: Any, key: str = MATTER.competence) -> Any:
    """The unit answers for a competence, that of the tests' case type by default."""
    return accounts.give_competence(unit, key)


def make_category(*, case_type: str = KEY, slug: str = "", **fields: Any) -> Category:
    """A category of the tests' case type."""
    number = next(_numbers)
    values = {"name": f"Kategoria {number}", "order": number}
    return Category.objects.create(case_type=case_type, slug=slug or f"kategoria-{number}", **{**values, **fields})


def file_one(*, by: Viewer = ANONYMOUS, **fields: Any) -> Filed:
    """A filed case at the middle of the city, with its token; the competence is given to a new unit if nobody has it."""
    try:
        unit_for(MATTER.competence)
    except LookupError:
        give_competence(make_unit())
    values: dict[str, Any] = {
        "case_type": KEY,
        "category": None,
        "description": "Dziura w jezdni przy przejściu, głęboka na dłoń.",
        "point": city().centre,
        "address_text": "ul. Próbna 1",
        "contact": Contact(email="mieszkanka@przyklad.pl"),
    }
    return file_case(by=by, **{**values, **fields})


def make_case(*, by: Viewer = ANONYMOUS, **fields: Any) -> Case:
    """As ``file_one``, without the token."""
    return file_one(by=by, **fields).case


def filer_of(case: Case) -> Viewer:
    """The viewer who opened the case by its secret link."""
    return Viewer(links=frozenset({case.pk}))


def solve(case: Case, *, by: Viewer, **fields: Any) -> Case:
    """The case answered by staff."""
    return take_step(
        case=case, transition="solve", by=by, **{"answer": "Załatane dzisiaj.", "reason": "Robota bez zdjęcia.", **fields}
    )


def make_body(**fields: Any) -> ExternalBody:
    """A body outside the city."""
    number = next(_numbers)
    values = {"name": f"Gazownia {number}", "slug": f"gazownia-{number}", "email": f"gaz{number}@przyklad.invalid"}
    return ExternalBody.objects.create(**{**values, **fields})
