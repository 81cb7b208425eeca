"""The author's side: drafts, publication, new versions, withdrawal."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any
from uuid import UUID, uuid4

from django.contrib.gis.geos import Point
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection, transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from miasto.kernel.accounts.selectors import Viewer, unit_for
from miasto.kernel.core import clock
from miasto.kernel.discussions import services as discussions
from miasto.kernel.files import selectors as files_of
from miasto.kernel.files import services as files
from miasto.kernel.participation.services import Refused, refuse_if
from miasto.kernel.places import selectors as places
from miasto.modules.idea.ideas import rules
from miasto.modules.idea.ideas.models import Idea, IdeaStep, IdeaVersion, PublicName, State
from miasto.modules.idea.ideas.writing import clean, lock, private_in, record, save, step, words_of

TITLE_LEAST, TITLE_MOST, TEXT_LEAST, TEXT_MOST, NAME_MOST, PHOTOS = 10, 120, 50, 6000, 60, 5
LOCK = "idea.ideas.number"


@dataclass(frozen=True, kw_only=True)
class IdeaRow:
    """What an author writes. ``point`` is (longitude, latitude), EPSG:4326, for a place; ``area_id`` is that of a district."""

    title: str
    text: str
    topic: str
    reach: str = rules.CITY
    area_id: UUID | None = None
    point: tuple[float, float] | None = None
    place: str = ""
    name: str = ""


@transaction.atomic
def keep_draft(*, row: IdeaRow, by: Viewer, idea: Idea | None = None, file_ids: Sequence[UUID] = ()) -> Idea:
    """Keep what was written so far, however little; nobody but its author sees it. Raises ``PermissionDenied``."""
    _require_account(by)
    if idea is None:
        made = Idea(author_id=by.person_id, unit_id=_unit_id())
        made.thread = discussions.open_thread(object_id=made.pk, by=by)
        version = IdeaVersion(idea=made, number=1)
    else:
        made = _own(idea, by)
        refuse_if(made.state != State.DRAFT, _("Ten pomysł jest już opublikowany."))
        version = made.versions.get(number=1)
    _fill(made, version, row, strict=False)
    save(made, by)
    version.at = clock.now()
    version.save()
    _attach(made, file_ids, by)
    if row.name.strip():
        choose_name(name=row.name, by=by)
    return made


def _unit_id() -> UUID | None:
    try:
        return unit_for(rules.competence()).pk
    except LookupError:
        return None


def _require_account(by: Viewer) -> None:
    if by.person_id is None:
        raise PermissionDenied("idea.write")


def _own(idea: Idea, by: Viewer) -> Idea:
    """The idea locked, for its author only."""
    locked = lock(idea.pk)
    if by.person_id is None or locked.author_id != by.person_id:
        raise PermissionDenied("idea.own")
    return locked


def _fill(idea: Idea, version: IdeaVersion, row: IdeaRow, *, strict: bool) -> None:
    """Put an author's words into an idea and a version; ``strict`` raises ``ValidationError`` by field for what is missing."""
    version.title, version.text = clean(row.title)[:TITLE_MOST], clean(row.text)[:TEXT_MOST]
    version.place = clean(row.place)[:300]
    idea.title, idea.topic = version.title, row.topic
    idea.reach = row.reach if row.reach in rules.REACHES else rules.CITY
    idea.area = next((one for one in places.areas() if one.pk == row.area_id), None) if idea.reach == rules.DISTRICT else None
    idea.geom = Point(*row.point, srid=4326) if idea.reach == rules.PLACE and row.point else None
    idea.address_text = version.place if idea.reach == rules.PLACE else ""
    if strict:
        wrong = problems(row)
        if wrong:
            raise ValidationError(wrong)
    idea.words = words_of(version.title, version.text)


def problems(row: IdeaRow) -> dict[str, str]:
    """What keeps an idea from being published, by field; words for the author."""
    title, text = clean(row.title), clean(row.text)
    wrong = {}
    if not TITLE_LEAST <= len(title) <= TITLE_MOST:
        values = {"least": TITLE_LEAST, "most": TITLE_MOST}
        wrong["title"] = _("Tytuł musi mieć od %(least)d do %(most)d znaków.") % values
    elif private_in(title):
        wrong["title"] = _("W tytule są dane osobowe. Usuń je, bo pomysł zobaczą wszyscy.")
    if not TEXT_LEAST <= len(text) <= TEXT_MOST:
        values = {"least": TEXT_LEAST, "most": TEXT_MOST}
        wrong["text"] = _("Opis musi mieć od %(least)d do %(most)d znaków.") % values
    elif found := private_in(text):
        shown = ", ".join(text[one.start : one.end] for one in found[:3])
        wrong["text"] = _("To wygląda na dane osobowe: %(found)s. Usuń je, bo pomysł zobaczą wszyscy.") % {"found": shown}
    if row.topic not in {one.key for one in rules.topics()}:
        wrong["topic"] = _("Wybierz temat.")
    return wrong | _problems_of_place(row)


def _problems_of_place(row: IdeaRow) -> dict[str, str]:
    if row.reach == rules.DISTRICT and row.area_id is None:
        return {"area": _("Wybierz dzielnicę.")}
    if row.reach == rules.PLACE and row.point is None:
        return {"address": _("Wskaż miejsce na mapie albo wpisz adres, który znajdziemy.")}
    if row.reach == rules.PLACE and row.point and not places.inside_city(*row.point):
        return {"address": _("To miejsce leży poza miastem.")}
    return {}


def row_of(idea: Idea, version: IdeaVersion, name: str = "") -> IdeaRow:
    """An idea as its author wrote it."""
    point = (idea.geom.x, idea.geom.y) if idea.reach == rules.PLACE and version.place else None
    return IdeaRow(
        title=version.title,
        text=version.text,
        topic=idea.topic,
        reach=idea.reach,
        area_id=idea.area_id,
        point=point,
        place=version.place,
        name=name,
    )


def _attach(idea: Idea, file_ids: Sequence[UUID], by: Viewer) -> None:
    if not file_ids:
        return
    there = len(files_of.files_of([idea.pk]).get(idea.pk, []))
    refuse_if(there + len(file_ids) > PHOTOS, _("Można dodać najwyżej %(most)d zdjęć.") % {"most": PHOTOS})
    files.attach(file_ids=file_ids, owner_id=idea.pk, by=by)


@transaction.atomic
def remove_photo(*, idea: Idea, file_id: UUID, by: Viewer) -> None:
    """Take a picture away from a draft."""
    locked = _own(idea, by)
    refuse_if(locked.state != State.DRAFT, _("Ten pomysł jest już opublikowany."))
    file = next((one for one in files_of.files_of([locked.pk]).get(locked.pk, []) if one.pk == file_id), None)
    if file is not None:
        files.remove(file=file, by=by)


@transaction.atomic
def discard_draft(*, idea: Idea, by: Viewer) -> None:
    """Delete a draft wholly."""
    locked = _own(idea, by)
    refuse_if(locked.state != State.DRAFT, _("Ten pomysł jest już opublikowany."))
    drop(locked, by)


def drop(idea: Idea, by: Viewer) -> None:
    """Delete a draft with its pictures and its row in the index of objects."""
    for file in files_of.files_of([idea.pk]).get(idea.pk, []):
        files.remove(file=file, by=by)
    record("discarded", idea, by)
    thread = idea.thread
    idea.delete()
    thread.delete()


@transaction.atomic
def choose_name(*, name: str, by: Viewer) -> PublicName:
    """The name by which a person is seen. Raises ``ValidationError`` under "name"."""
    _require_account(by)
    words = " ".join(name.split())[: NAME_MOST + 1]
    if not 2 <= len(words) <= NAME_MOST:
        raise ValidationError({"name": _("Podpis musi mieć od 2 do %(most)d znaków.") % {"most": NAME_MOST}})
    return PublicName.objects.update_or_create(person_id=by.person_id, defaults={"name": words})[0]


@transaction.atomic
def publish_idea(*, idea: Idea, by: Viewer) -> Idea:
    """Everybody sees it and may support it. Pressed twice it is published once. Raises ``ValidationError`` by field.

    The threshold and the last day are those of today's rules and stay.
    """
    locked = _own(idea, by)
    if locked.state != State.DRAFT:
        return locked
    version = locked.versions.get(number=1)
    wrong = problems(row_of(locked, version))
    if not PublicName.objects.filter(person=by.person_id).exists():
        wrong["name"] = _("Wybierz podpis, pod którym zobaczą Cię inni.")
    if wrong:
        raise ValidationError(wrong)
    locked.number, locked.state, locked.published_at = _next_number(), State.GATHERING, clock.now()
    locked.threshold = rules.threshold(locked.reach).supports
    locked.closes_on = rules.last_day(locked.reach, clock.today())
    save(locked, by)
    version.at = locked.published_at
    version.save(update_fields=["at"])
    step(locked, IdeaStep.Kind.PUBLISHED, by, threshold=locked.threshold, until=locked.closes_on.isoformat())
    return locked


def _next_number() -> int:
    """The next number: taken under a lock that lasts until the commit, so that none is lost and none is doubled."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [LOCK])
    return (Idea.objects.aggregate(most=Max("number"))["most"] or 0) + 1


@transaction.atomic
def revise(*, idea: Idea, row: IdeaRow, why: str = "", by: Viewer) -> IdeaVersion:
    """A new version by the author, while support is gathered. Supporters are told of a substantial one.

    Substantial is another title, place or reach, or as many changed words as the city's rules say. Nothing changed: the
    version there is.
    """
    locked = _own(idea, by)
    refuse_if(not locked.gathers, _("Treść można zmieniać, dopóki pomysł zbiera poparcie."))
    before = locked.versions.get(number=locked.version)
    old, said = row_of(locked, before), row_of(locked, before)
    version = IdeaVersion(idea=locked, number=before.number + 1, why=clean(why)[:300], at=clock.now())
    reach = locked.reach
    _fill(locked, version, row, strict=True)
    refuse_if(locked.reach != reach, _("Zasięgu nie można zmienić, bo od niego zależy próg. Ogłoś nowy pomysł."))
    new = row_of(locked, version)
    if _said(new) == _said(said):
        return before
    version.substantial = is_substantial(old, new)
    version.save()
    locked.version = version.number
    save(locked, by)
    step(locked, IdeaStep.Kind.REVISED, by, version=version.number, substantial=version.substantial)
    return version


def _said(row: IdeaRow) -> tuple[Any, ...]:
    return row.title, row.text, row.topic, row.area_id, row.place


def is_substantial(old: IdeaRow, new: IdeaRow) -> bool:
    """Whether supporters must be told: see ``revise``."""
    if (old.title, old.area_id, old.place) != (new.title, new.area_id, new.place):
        return True
    before, after = old.text.split(), new.text.split()
    same = sum(block.size for block in SequenceMatcher(None, before, after, autojunk=False).get_matching_blocks())
    changed = max(len(before), len(after)) - same
    return 100 * changed >= rules.substantial_percent() * max(1, len(before))


@transaction.atomic
def withdraw_idea(*, idea: Idea, reason: str, by: Viewer) -> Idea:
    """The author takes the idea back while support is gathered; its page stays, so that supporters see what happened."""
    locked = _own(idea, by)
    refuse_if(locked.state != State.GATHERING, _("Pomysł, którym zajmuje się już miasto, nie może być wycofany."))
    refuse_if(not clean(reason), _("Napisz popierającym, dlaczego wycofujesz pomysł."))
    if private_in(reason):
        raise Refused(_("W tych słowach są dane osobowe. Usuń je."))
    locked.state, locked.ended_at = State.WITHDRAWN, clock.now()
    save(locked, by)
    step(locked, IdeaStep.Kind.WITHDRAWN, by, note=clean(reason)[:600])
    return locked


def form_key() -> str:
    """A secret of a form, so that it is one thing however often it is sent."""
    return uuid4().hex
