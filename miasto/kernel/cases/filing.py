"""Filing a case: one transaction from the words of the resident to the event, idempotent by the form's key."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib.gis.geos import Point
from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.utils.translation import gettext as _

from miasto.kernel.accounts.selectors import Viewer
from miasto.kernel.accounts.services import make_link
from miasto.kernel.cases import levels, writing
from miasto.kernel.cases.deadlines import Term
from miasto.kernel.cases.events import CaseOpened
from miasto.kernel.cases.models import (
    Case,
    CaseAnswerData,
    CaseFile,
    CaseParty,
    CaseStep,
    CaseText,
    Category,
    Channel,
    Moderation,
)
from miasto.kernel.cases.numbering import next_number
from miasto.kernel.cases.routing import route
from miasto.kernel.cases.types import case_type as declared
from miasto.kernel.cases.types import progress_of
from miasto.kernel.cases.writing import Refused
from miasto.kernel.core import changes, clock, events
from miasto.kernel.core.ids import uuid7
from miasto.kernel.core.polish import fold
from miasto.kernel.discussions import services as discussions
from miasto.kernel.files import services as files
from miasto.kernel.notifications.services import checked_email
from miasto.kernel.places import selectors as places
from miasto.kernel.spec.cases import CaseType

DESCRIPTION_MOST = 5000
ANSWER_MOST = 1000
FILER_LINK, MAIL_LINK = "cases.filer", "cases.mail"


@dataclass(frozen=True, slots=True)
class Contact:
    """How to reach the person who files; everything may be empty. ``name_public``: they agree that the name is published."""

    name: str = ""
    email: str = ""
    phone: str = ""
    language: str = "pl"
    name_public: bool = False


@dataclass(frozen=True, slots=True)
class Filed:
    """A filed case. ``token`` opens ``/sprawy/s/<token>/`` and is stored nowhere; ``fresh`` is False for a repetition."""

    case: Case
    token: str
    fresh: bool = True


@transaction.atomic
def file_case(
    *,
    case_type: str,
    category: Category | None,
    description: str,
    point: tuple[float, float] | None,
    address_text: str = "",
    answers: Mapping[str, Any] | None = None,
    file_ids: Sequence[UUID] = (),
    contact: Contact = Contact(),
    channel: str = Channel.WEB,
    object_id: UUID | None = None,
    by: Viewer,
    client_key: str | None = None,
    received_at: datetime | None = None,
    place_later: bool = False,
    term_days: int | None = None,
) -> Filed:
    """File a case and give it to the unit that answers for it.

    ``received_at`` is when the words reached the city (a letter that is filed later), the clock runs from then; never later
    than now. ``place_later`` lets in a case without the place that its type needs: somebody will ask for it. ``term_days`` is a
    term of this matter's own, where the rules of what it belongs to set one; None: as the category or the type says.

    ``point`` is (longitude, latitude), EPSG:4326. ``client_key`` is a secret of the form (its draft): whoever repeats it, by a
    double click, in a second tab or after a killed server, gets the same case. Raises ``Refused`` with the errors by field,
    and ``LookupError`` where the profile gives the competence to no unit.
    """
    kind = declared(case_type)
    if client_key:
        known = _repeated(kind, client_key)
        if known is not None:
            return Filed(known, make_link(object_id=known.pk, purpose=FILER_LINK, by=by), fresh=False)
    given = _checked_answers(kind, category, answers or {})
    _check(kind, category, description, point, file_ids, contact, place_later=place_later)
    position = places.reverse(*point) if point else None
    if position is not None and not position.inside:
        raise Refused({"point": _("To miejsce leży poza obszarem miasta. Wskaż miejsce w jego granicach.")}, code="outside")
    chosen = route(category, point, kind=kind, position=position)
    case = new_case(
        kind,
        category,
        unit=chosen.unit,
        geom=Point(*point, srid=4326) if point else None,
        address_text=(address_text.strip() or (position.address_text if position else ""))[:300],
        district_id=position.district_id if position else None,
        object_id=object_id,
        channel=channel,
        filer_person_id=None if _on_behalf(channel, by) else by.person_id,
        by=by,
        client_key=client_key,
        received_at=received_at,
        term_days=term_days,
        pending=1 + len(file_ids) if kind.public_register else 0,
    )
    _keep_personal(case, description, contact, given, by)
    with changes.together():
        token = _begin(case, file_ids, channel, chosen.rule_id, by)
    events.publish(CaseOpened(case_id=case.pk, case_type=case.case_type, unit_id=case.unit_id))
    return Filed(case, token)


def _begin(case: Case, file_ids: Sequence[UUID], channel: str, rule_id: UUID | None, by: Viewer) -> str:
    """The photos, the first line of the history and the filer's link of a new case; returns the token of the link."""
    attach(case, file_ids, CaseFile.Phase.FILED, by, new=True)
    writing.step(
        case,
        CaseStep.Kind.FILED,
        by,
        by_filer=not _on_behalf(channel, by),
        to_stage=case.stage,
        unit_id=case.unit_id,
        category_id=case.category_id,
        rule_id=rule_id,
    )
    writing.record("file", case, by, category=case.category_id, channel=channel, files=len(file_ids))
    return make_link(object_id=case.pk, purpose=FILER_LINK, by=by)


def filed_before(*, case_type: str, client_key: str) -> bool:
    """Whether a case was filed under this secret of a form; says nothing else of it."""
    return Case.objects.filter(client_key=client_key, case_type=case_type).exists()


def _repeated(kind: CaseType, client_key: str) -> Case | None:
    """The case that this form made before; waits for a writer with the same key."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"cases.file:{client_key}"])
    return Case.objects.filter(client_key=client_key, case_type=kind.key).first()


def _on_behalf(channel: str, by: Viewer) -> bool:
    """Whether somebody of the city writes down what a resident said or sent."""
    return by.system or channel in (Channel.PHONE, Channel.EMAIL, Channel.DESK, Channel.LETTER, Channel.SOCIAL)


def new_case(
    kind: CaseType,
    category: Category | None,
    *,
    unit: Any,
    received_at: datetime | None = None,
    term_days: int | None = None,
    by: Viewer,
    **values: Any,
) -> Case:
    """The row of a new case with its number, term and thread; ``values`` are further columns."""
    now = clock.now()
    filed_at = min(received_at or now, now)
    term = first_term(kind, category, filed_at)
    if term_days is not None:
        term = term.of(term_days, kind.deadline.working)
    case_id, stage = uuid7(), kind.initial
    thread = discussions.open_thread(object_id=case_id, by=by)
    number = next_number(kind.prefix, clock.local(now).year)
    values.setdefault("text_state", Moderation.WAITING)
    case = Case(
        id=case_id,
        number=number,
        case_type=kind.key,
        category=category,
        stage=stage.key,
        stage_since=now,
        progress=progress_of(stage),
        unit=unit,
        thread=thread,
        filed_at=filed_at,
        clock=stage.clock,
        public=kind.public_register and stage.public,
        search=writing.search_of(number, values["address_text"]),
        **values,
    )
    writing.set_term(case, term)
    case.first_due_at = levels.first_due(kind, category, unit.slug, case.filed_at)
    case.clock = stage.clock
    case.save(force_insert=True)
    return case


def days_of(kind: CaseType, category: Category | None) -> int:
    """The length of the term in days: the category's own or the case type's."""
    return category.deadline_days if category and category.deadline_days else kind.deadline.days


def first_term(kind: CaseType, category: Category | None, filed_at: datetime) -> Term:
    """The clock of a case that came in at an aware time."""
    start, deadline = clock.local(filed_at).date(), kind.deadline
    if deadline.months:
        return Term(start, 0, months=deadline.months)
    return Term(start, days_of(kind, category), deadline.working)


def _keep_personal(case: Case, description: str, contact: Contact, given: list[CaseAnswerData], by: Viewer) -> None:
    words = _clean(description)
    CaseText.objects.create(case=case, description=words, search=f"{case.search} {fold(words)}")
    CaseParty.objects.create(
        case=case,
        name=contact.name.strip(),
        email=contact.email.strip(),
        phone=contact.phone.strip(),
        language=contact.language,
        name_public=contact.name_public,
        person_id=case.filer_person_id,
    )
    for row in given:
        row.case = case
    CaseAnswerData.objects.bulk_create(given)


def attach(
    case: Case, file_ids: Sequence[UUID], phase: str, by: Viewer, state: str = Moderation.WAITING, *, new: bool = False
) -> list[CaseFile]:
    """Give photos to a case after those that it has (a ``new`` one: none). Raises ``Refused`` for a file that is no more."""
    if not file_ids:
        return []
    try:
        files.attach(file_ids=list(file_ids), owner_id=case.pk, by=by)
    except LookupError as error:
        raise Refused({"files": _("Któregoś ze zdjęć już nie mamy. Dodaj je jeszcze raz.")}, code="file") from error
    first = 0 if new else CaseFile.objects.filter(case=case).count()
    now = clock.now()
    return CaseFile.objects.bulk_create(
        CaseFile(case=case, file_id=file_id, phase=phase, state=state, order=first + number, added_at=now)
        for number, file_id in enumerate(file_ids)
    )


def _check(
    kind: CaseType,
    category: Category | None,
    description: str,
    point: tuple[float, float] | None,
    file_ids: Sequence[UUID],
    contact: Contact,
    *,
    place_later: bool,
) -> None:
    wrong: dict[str, str] = {}
    if category is not None and (category.case_type != kind.key or not category.active):
        wrong["category"] = _("Wybierz kategorię z listy.")
    if not description.strip():
        wrong["description"] = _("Napisz, co się dzieje.")
    elif len(description) > DESCRIPTION_MOST:
        wrong["description"] = _("Opis może mieć najwyżej %(most)d znaków.") % {"most": DESCRIPTION_MOST}
    if kind.needs_place and point is None and not place_later:
        wrong["point"] = _("Wskaż miejsce.")
    if len(file_ids) > kind.photos:
        wrong["files"] = _("Można dodać najwyżej %(most)d zdjęć.") % {"most": kind.photos}
    wrong.update(_wrong_contact(contact))
    if wrong:
        raise Refused(wrong)


def _wrong_contact(contact: Contact) -> dict[str, str]:
    wrong: dict[str, str] = {}
    if contact.email.strip():
        try:
            checked_email(contact.email)
        except ValidationError as error:
            wrong["email"] = error.message
    if len(contact.name) > 120:
        wrong["name"] = _("Imię i nazwisko może mieć najwyżej 120 znaków.")
    if len(contact.phone) > 30:
        wrong["phone"] = _("Numer telefonu może mieć najwyżej 30 znaków.")
    return wrong


def questions_of(kind: CaseType, category: Category | None) -> list[dict[str, Any]]:
    """The questions of a case type and then of a category, as plain dicts."""
    names = ("key", "label", "kind", "hint", "required", "choices", "public")
    common = [{name: getattr(question, name) for name in names} for question in kind.questions]
    return [*common, *(category.questions if category else ())]


def _checked_answers(kind: CaseType, category: Category | None, answers: Mapping[str, Any]) -> list[CaseAnswerData]:
    wrong, found = {}, []
    for question in questions_of(kind, category):
        value = _value(answers.get(question["key"]))
        problem = _wrong_answer(question, value)
        if problem:
            wrong[f"answer_{question['key']}"] = problem
        elif value:
            found.append(CaseAnswerData(question=question["key"], value=value, public=bool(question.get("public"))))
    if wrong:
        raise Refused(wrong)
    return found


def _value(given: Any) -> str:
    if given is None:
        return ""
    if isinstance(given, list | tuple):
        return ",".join(dict.fromkeys(str(one).strip() for one in given))
    return str(given).lower() if isinstance(given, bool) else str(given).replace("\x00", "").strip()


def _wrong_answer(question: Mapping[str, Any], value: str) -> str:
    kind = question.get("kind", "text")
    if not value:
        return _("Odpowiedz na to pytanie.") if question.get("required") else ""
    if len(value) > ANSWER_MOST:
        return _("Odpowiedź może mieć najwyżej %(most)d znaków.") % {"most": ANSWER_MOST}
    if kind in ("choice", "choices"):
        given = value.split(",") if kind == "choices" else [value]
        known = {str(choice[0]) for choice in question.get("choices", ())}
        return "" if known.issuperset(given) else _("Wybierz odpowiedź z listy.")
    if kind == "boolean" and value not in ("true", "false"):
        return _("Wybierz „tak” albo „nie”.")
    if kind == "number" and not _is_number(value):
        return _("Wpisz liczbę.")
    return ""


def _is_number(value: str) -> bool:
    try:
        return float(value.replace(",", ".")) < float("inf")
    except ValueError:
        return False


def _clean(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\x00", "").strip()
