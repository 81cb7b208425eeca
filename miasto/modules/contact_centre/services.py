"""Writing: the draft of a report, its photos, its sending, and what the city profile says of categories."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.text import slugify
from django.utils.translation import gettext as _

from miasto.kernel.accounts.selectors import SYSTEM, Viewer
from miasto.kernel.accounts.services import make_link
from miasto.kernel.cases import selectors as case_selectors
from miasto.kernel.cases import services as cases
from miasto.kernel.core import clock, marks
from miasto.kernel.core.city import city
from miasto.kernel.core.polish import fold
from miasto.kernel.files import selectors as stored
from miasto.kernel.files import services as files
from miasto.kernel.places import selectors as places
from miasto.modules.contact_centre.case_type import KEY, REPORT
from miasto.modules.contact_centre.models import Draft

KEEP_DRAFT_S = 24 * 3600
LINK_PURPOSE = "cases.filer"
OWN_FIELDS = ("icon", "duplicate_metres")
TEMPLATES_MARK = "contact_centre.templates"


class OutsideCity(ValidationError):
    """The chosen place is not in the city; ``commune`` names the one it lies in, where known."""

    def __init__(self, message: str, commune: str = "") -> None:
        super().__init__(message)
        self.commune = commune


@dataclass(frozen=True)
class Sent:
    """A report that was sent: its case, its public number and the plain token of the filer's link."""

    case_id: UUID
    number: str
    token: str


def start(*, by: Viewer, name: str = "", email: str = "", phone: str = "", language: str = "pl") -> Draft:
    """A new, empty draft; contact data are those of the account, where there is one."""
    return Draft.objects.create(person_id=by.person_id, name=name, email=email, phone=phone, language=language)


def save(*, draft: Draft, **fields: Any) -> Draft:
    """Keep what was typed, right or wrong."""
    for name, value in fields.items():
        setattr(draft, name, value)
    draft.changed_at = clock.now()
    draft.save(update_fields=[*fields, "changed_at"])
    return draft


def choose_category(*, draft: Draft, category: Any) -> Draft:
    """Set the category; a change makes the answers to the former one's questions void."""
    if draft.category_id == category.id:
        return draft
    return save(draft=draft, category=category, answers={}, questions_done=False, danger_read=False)


def add_photos(*, draft: Draft, uploads: list[Any], by: Viewer) -> list[str]:
    """Keep the photos that can be kept; returns one sentence for each that cannot: which file and why."""
    problems = []
    for upload in uploads:
        try:
            add_photo(draft=draft, upload=upload, by=by)
        except (ValidationError, files.NoRoom) as error:
            problems.append(" ".join(error.messages))
    return problems


def add_photo(*, draft: Draft, upload: Any, by: Viewer) -> UUID:
    """Keep one photo; raises ``ValidationError`` that says why it cannot be kept."""
    if len(draft.photos) >= REPORT.photos:
        raise _too_many(upload)
    stored = files.store_image(upload=upload, by=by)
    with transaction.atomic():
        fresh = Draft.objects.select_for_update().get(pk=draft.pk)
        if len(fresh.photos) >= REPORT.photos:
            raise _too_many(upload)
        fields: dict[str, Any] = {"photos": [*fresh.photos, str(stored.file.id)]}
        if stored.position and fresh.photo_lon is None and places.inside_city(*stored.position):
            fields["photo_lon"], fields["photo_lat"] = stored.position
        save(draft=fresh, **fields)
    for name, value in fields.items():
        setattr(draft, name, value)
    return stored.file.id


def _too_many(upload: Any) -> ValidationError:
    words = _("Nie dodaliśmy pliku „%(name)s”, bo w zgłoszeniu może być najwyżej %(limit)d zdjęć.")
    return ValidationError(words % {"name": str(upload.name)[:60], "limit": REPORT.photos})


def remove_photo(*, draft: Draft, photo: str) -> None:
    """Take a photo out of the draft; the file itself goes with the other unattached ones."""
    if photo in draft.photos:
        save(draft=draft, photos=[kept for kept in draft.photos if kept != photo])


def drop_photo(*, draft: Draft, photo: str) -> None:
    """Take a photo out of the draft and delete its file at once, for a screen on which somebody else comes next."""
    if photo not in draft.photos:
        return
    remove_photo(draft=draft, photo=photo)
    file = stored.files_by_id([UUID(photo)]).get(UUID(photo))
    if file is not None and file.owner_id is None:
        files.remove(file=file, by=SYSTEM)


def put_photo_first(*, draft: Draft, photo: str) -> None:
    """Make a photo the first one, which stands for the report on lists."""
    if photo in draft.photos:
        save(draft=draft, photos=[photo, *(other for other in draft.photos if other != photo)])


def choose_place(*, draft: Draft, lon: float, lat: float) -> Draft:
    """Set the place from a point in EPSG:4326; raises ``OutsideCity``."""
    position = places.reverse(lon, lat)
    if not position.inside:
        raise OutsideCity(_("To miejsce leży poza granicami miasta."), position.commune_name)
    return save(
        draft=draft,
        lon=lon,
        lat=lat,
        place_text="",
        address_text=position.address_text or "",
        district_name=position.district_name or "",
    )


@transaction.atomic
def send(*, draft: Draft, by: Viewer, channel: str = "web") -> Sent:
    """Make a case of the draft. Sent twice, it is the same case with one more link for the same filer."""
    draft = Draft.objects.select_for_update(of=("self",)).select_related("category").get(pk=draft.pk)
    if draft.sent:
        token = make_link(object_id=draft.case_id, purpose=LINK_PURPOSE, by=by)
        return Sent(draft.case_id, draft.number, token)
    filed = cases.file_case(
        case_type=KEY,
        category=draft.category,
        description=draft.description,
        point=(draft.lon, draft.lat) if draft.placed else None,
        address_text=draft.address_text,
        answers=draft.answers,
        file_ids=[UUID(photo) for photo in draft.photos],
        contact=cases.Contact(name=draft.name, email=draft.email, phone=draft.phone, language=draft.language),
        by=by,
        channel=channel,
        client_key=str(draft.id),
    )
    invited = case_selectors.addresses(draft.together)
    texts = dict.fromkeys(
        ("together", "description", "place_text", "address_text", "district_name", "name", "email", "phone"), ""
    )
    points = dict.fromkeys(("lon", "lat", "photo_lon", "photo_lat"))
    save(draft=draft, case_id=filed.case.id, number=filed.case.number, photos=[], answers={}, **texts, **points)
    if filed.fresh and invited:
        cases.invite(case=filed.case, emails=invited, by=SYSTEM)
    token = filed.token or make_link(object_id=filed.case.id, purpose=LINK_PURPOSE, by=by)
    return Sent(filed.case.id, filed.case.number, token)


@transaction.atomic
def discard(*, draft: Draft) -> None:
    """Forget a draft at its writer's wish, and its photos with it."""
    for file in stored.files_by_id(UUID(photo) for photo in draft.photos).values():
        if file.owner_id is None:
            files.remove(file=file, by=SYSTEM)
    draft.delete()


def forget_old_drafts() -> int:
    """Delete the drafts that nobody has touched for a day; returns how many."""
    before = clock.now() - timedelta(seconds=KEEP_DRAFT_S)
    return Draft.objects.filter(changed_at__lt=before).delete()[0]


def sync_profile() -> None:
    """Bring the categories and the prepared answers of the city profile into the database.

    The answers are brought again only when the profile's file has changed; what staff has rewritten stays in any case.
    """
    cases.sync_categories(case_type=KEY, tree=_of_engine(city().toml("categories.toml").get("categories", [])))
    templates = [{"slug": slugify(fold(row["name"]))[:80], **row} for row in city().toml("templates.toml").get("templates", [])]
    digest = hashlib.sha256(repr(templates).encode()).hexdigest()
    if marks.get(TEMPLATES_MARK) != digest:
        cases.sync_templates(case_type=KEY, templates=templates)
        marks.put(TEMPLATES_MARK, digest)


def _of_engine(nodes: list[dict[str, Any]]) -> list[dict[str, Any]]:
    rows = []
    for node in nodes:
        row = {name: value for name, value in node.items() if name not in OWN_FIELDS}
        if "children" in row:
            row["children"] = _of_engine(row["children"])
        rows.append(row)
    return rows


def export_drafts(person_id: UUID) -> list[dict[str, Any]]:
    """What drafts hold of a person."""
    names = ("description", "place_text", "address_text", "name", "email", "phone", "created_at")
    return list(Draft.objects.filter(person_id=person_id).values(*names))


def erase_drafts(person_id: UUID) -> int:
    """Delete the drafts of a person; returns how many."""
    return Draft.objects.filter(person_id=person_id).delete()[0]
