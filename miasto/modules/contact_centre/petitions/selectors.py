"""Petitions as everybody may read them: the register, one of them, what was settled in a year."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Count, Q, QuerySet
from django.utils.translation import override

from miasto.kernel.accounts.selectors import ANONYMOUS
from miasto.kernel.cases import selectors as cases
from miasto.kernel.core import clock
from miasto.kernel.spec.cases import Stage
from miasto.kernel.spec.notifications import NewsItem
from miasto.modules.contact_centre.mail.case_types import AT_WORK, PETITION, PETITION_TYPE
from miasto.modules.contact_centre.petitions.models import Member, Multiple, Opinion, Repetition, Transfer

TITLE_MOST = 140
NEWS_MOST = 10
CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class PetitionRow:
    """One petition of a list. ``title`` is empty while no person has checked its words; ``names`` only on consent."""

    number: str
    title: str
    stage: Stage
    settled: bool
    filed_at: datetime
    due_on: date
    closed_at: datetime | None
    unit_name: str
    people: int
    names: list[str]

    @property
    def url(self) -> str:
        """Where its page is."""
        return f"/petycje/{self.number}/"


@dataclass(frozen=True, slots=True)
class PetitionPage:
    """One petition. ``body`` are the published words below the title; ``extended``: the term was lawfully moved (art. 10).

    ``transfers``: to whom it was sent (art. 6); ``multiple``: with what it is considered together (art. 11); ``earlier``: the
    settled petition whose repetition it is (art. 12).
    """

    row: PetitionRow
    case: cases.CaseView
    body: str
    extended: bool
    opinions: list[Opinion]
    transfers: list[Transfer]
    multiple: Multiple | None
    earlier: Any


def petitions(*, open_only: bool = False, settled_only: bool = False, year: int | None = None) -> QuerySet:
    """Public petitions, newest first; ``year`` is that of filing."""
    found = cases.visible_cases(ANONYMOUS).filter(case_type=PETITION, public=True)
    if open_only:
        found = found.exclude(progress=CLOSED)
    if settled_only:
        found = found.filter(progress=CLOSED)
    if year:
        found = found.filter(_within(year, "filed_at"))
    return found.order_by("-filed_at", "-id")


def rows(found: Any) -> list[PetitionRow]:
    """The lines of some petitions; two queries."""
    read = list(found.select_related("text", "unit"))
    names = cases.published_names([case.pk for case in read])
    return [_row(case, names.get(case.pk, [])) for case in read]


def news(language: str) -> Iterator[NewsItem]:
    """The newest petitions whose words everybody may read, for a letter to many; two queries."""
    with override(language):
        for row in rows(petitions()[:NEWS_MOST]):
            if row.title:
                words, day = f"{row.number}, {row.stage.name}.", clock.local(row.filed_at).date()
                yield NewsItem(key=row.number, title=row.title, summary=words, url=row.url, day=day)


def petition(number: str) -> PetitionPage:
    """One petition as everybody may see it; raises ``Case.DoesNotExist`` (an ``ObjectDoesNotExist``)."""
    found = petitions().get(number=number.strip().upper())
    view = cases.case_page(found.number, ANONYMOUS)
    [row] = rows(petitions().filter(pk=found.pk))
    _title, body = title_and_body(view.published)
    member = Member.objects.filter(case=found.pk).select_related("multiple").first()
    again = Repetition.objects.filter(case=found.pk).select_related("earlier").first() if found.stage == "unexamined" else None
    return PetitionPage(
        row=row,
        case=view,
        body=body,
        extended=found.deadline_months > PETITION_TYPE.deadline.months,
        opinions=opinions_of(view.id),
        transfers=transfers_of(found.pk),
        multiple=member.multiple if member else None,
        earlier=again.earlier if again else None,
    )


def transfers_of(case_id: UUID) -> list[Transfer]:
    """To whom a petition, or a part of it, was sent."""
    return list(Transfer.objects.filter(case=case_id))


def multiples(*, open_only: bool = False) -> list[Multiple]:
    """The petitions that are considered together, newest first, with how many they are (``size``)."""
    found = Multiple.objects.annotate(size=Count("members"))
    return list(found.filter(settled_at=None) if open_only else found)[:50]


def multiple(multiple_id: UUID) -> tuple[Multiple, list[PetitionRow]] | None:
    """One announcement of joint consideration and its public petitions; None where there is none."""
    one = Multiple.objects.filter(pk=multiple_id).first()
    return (one, rows(petitions().filter(pk__in=one.members.values("case")))) if one is not None else None


def multiple_of(case_id: UUID) -> Multiple | None:
    """Those with which a petition is considered together."""
    return Multiple.objects.filter(members__case=case_id).first()


def others_at_work(case: Any) -> list[PetitionRow]:
    """The open petitions that could be considered together with one: filed within a month before or after it."""
    day = clock.local(case.filed_at).date()
    first, last = cases.months_after(day, -1), cases.months_after(day, 1)
    found = petitions(open_only=True).filter(
        stage__in=AT_WORK, filed_at__gte=clock.start_of(first), filed_at__lt=clock.start_of(last + timedelta(days=1))
    )
    return rows(found.exclude(pk=case.pk)[:30])


def opinions_of(case_id: UUID) -> list[Opinion]:
    """The opinions asked on a petition, in the order of asking; one query."""
    return list(Opinion.objects.filter(case=case_id))


def years() -> list[int]:
    """The past years in which petitions were settled, newest first: each has its yearly information (art. 14)."""
    settled = petitions(settled_only=True).filter(closed_at__isnull=False).order_by()
    found = settled.datetimes("closed_at", "year", tzinfo=clock.zone())
    return sorted((moment.year for moment in found if moment.year < clock.today().year), reverse=True)


def filed_years() -> list[int]:
    """The years in which petitions were filed, newest first."""
    return sorted(
        (moment.year for moment in petitions().order_by().datetimes("filed_at", "year", tzinfo=clock.zone())), reverse=True
    )


@dataclass(frozen=True, slots=True)
class Yearly:
    """The collective information on a year (art. 14): what was settled, and how often in which manner."""

    year: int
    rows: list[PetitionRow]
    manners: list[tuple[Any, int]]


def yearly(year: int) -> Yearly:
    """What was settled in a year, in the order of settling; three queries."""
    found = petitions(settled_only=True).filter(_within(year, "closed_at")).order_by("closed_at", "id")
    made = rows(found)
    counted = [(stage.name, sum(row.stage.key == stage.key for row in made)) for stage in PETITION_TYPE.stages if stage.final]
    return Yearly(year, made, [(name, count) for name, count in counted if count])


def title_and_body(text: str) -> tuple[str, str]:
    """The published words cut into a title and the rest: the first line, or its beginning where it is a whole paragraph."""
    first, _newline, rest = text.strip().partition("\n")
    if len(first) <= TITLE_MOST:
        return first.strip(), rest.strip()
    return first[:TITLE_MOST].rsplit(" ", 1)[0].rstrip(",.;:–-") + "…", text.strip()


def _row(case: Any, names: list[str]) -> PetitionRow:
    published = case.text.published_description if case.text_state == "approved" else ""
    title, _body = title_and_body(published)
    return PetitionRow(
        number=case.number,
        title=title,
        stage=PETITION_TYPE.stage(case.stage),
        settled=case.progress == CLOSED,
        filed_at=case.filed_at,
        due_on=case.due_on,
        closed_at=case.closed_at,
        unit_name=case.unit.name,
        people=case.co_filers + 1,
        names=names,
    )


def _within(year: int, field: str) -> Q:
    first, after = clock.start_of(date(year, 1, 1)), clock.start_of(date(year + 1, 1, 1))
    return Q(**{f"{field}__gte": first, f"{field}__lt": after})
