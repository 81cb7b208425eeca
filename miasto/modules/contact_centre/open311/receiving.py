"""What programs send: a report, and updates of the reports that they sent before."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from miasto.kernel.accounts.selectors import Viewer
from miasto.kernel.cases import selectors, services
from miasto.kernel.cases.services import Contact
from miasto.kernel.core import clock
from miasto.kernel.core.city import city
from miasto.kernel.files import services as files
from miasto.kernel.places import selectors as places
from miasto.modules.contact_centre.case_type import KEY, REPORT
from miasto.modules.contact_centre.open311 import asking, jobs, reading
from miasto.modules.contact_centre.open311.asking import Asked, Problem
from miasto.modules.contact_centre.open311.keys import viewer_of
from miasto.modules.contact_centre.open311.models import MediaFetch, Received, ReceivedUpdate

DESCRIPTION_MOST = 4000
MEDIA_URL_MOST = 2000
MAP_ENDS = 85.0
FIELDS = {"description": "description", "point": "lat, long", "email": "email", "name": "first_name, last_name",
          "phone": "phone", "files": "media", "category": "service_code"}  # fmt: skip
CLOSING, REOPENING = {"closed", "fixed"}, {"reopen", "open"}


def file_request(*, args: Asked, uploads: Sequence[Any], key: Any) -> dict[str, Any]:
    """File a report from the arguments of POST requests; the same body again on the same day is the same report.

    Raises ``Problem``: 404 for an unknown service, 400 for anything else that is missing or wrong, all of it at once.
    """
    asking.check_jurisdiction(args)
    code = args.one("service_code")
    if not code:
        raise Problem(400, _("service_code: podaj kod usługi z listy services."))
    category = reading.service(code)
    point, address = _place(args)
    answers = _answers(args, category)
    urls = _media_urls(args)
    viewer = viewer_of(key)
    stored = _stored(uploads, viewer)
    with transaction.atomic():
        try:
            filed = services.file_case(
                case_type=KEY,
                category=category,
                description=_description(args, category),
                point=point,
                address_text=address,
                answers=answers,
                file_ids=stored,
                contact=_contact(args),
                channel="api",
                by=viewer,
                client_key=_same(args, uploads, key),
            )
        except ValidationError as error:
            raise _problem(error) from error
        if filed.fresh:
            Received.objects.create(case_id=filed.case.pk, key=key)
            for url in urls[: REPORT.photos - len(stored)]:
                row = MediaFetch.objects.create(case_id=filed.case.pk, key=key, url=url)
                jobs.fetch_media.defer(fetch_id=str(row.pk))
    return {"service_request_id": filed.case.number, "service_notice": reading.notice(category), "account_id": None}


def _place(args: Asked) -> tuple[tuple[float, float], str]:
    """The point (longitude, latitude) and the words for it; raises ``Problem`` where no place is named or found."""
    point, said, object_id = asking.place(args), args.one("address_string"), args.one("address_id")
    if point is not None:
        if abs(point[1]) > MAP_ENDS:
            raise Problem(400, _("lat, long: to miejsce leży poza obszarem miasta."))
        return point, said
    if object_id:
        return _by_id(object_id), said
    if not said:
        raise Problem(400, _("Podaj miejsce: lat i long, address_string albo address_id."))
    found = places.geocode(said[:200], limit=1)
    if not found:
        raise Problem(400, _("address_string: nie znamy adresu „%(address)s”.") % {"address": said[:100]})
    return (found[0].lon, found[0].lat), said


def _by_id(object_id: str) -> tuple[float, float]:
    try:
        pk = UUID(object_id)
    except ValueError:
        pk = None
    row = places.object_index([pk], Viewer()).get(pk) if pk else None
    if row is None or row.geom is None:
        raise Problem(400, _("address_id: nie znamy adresu o tym identyfikatorze."))
    middle = row.geom.centroid
    return middle.x, middle.y


def _answers(args: Asked, category: Any) -> dict[str, Any]:
    """The answers by code: several only where the question takes several."""
    several = {question["key"] for question in reading.questions(category) if question.get("kind") == "choices"}
    found: dict[str, Any] = {}
    for code, values in asking.attributes(args).items():
        if code not in several and len(set(values)) > 1:
            raise Problem(400, _("attribute[%(code)s]: można wybrać jedną wartość.") % {"code": code})
        if values:
            found[code] = values if code in several else values[0]
    return found


def _media_urls(args: Asked) -> list[str]:
    urls = [url.strip() for value in args.values.get("media_url", []) for url in value.split() if url.strip()]
    if wrong := [url for url in urls if not url.lower().startswith(("http://", "https://")) or len(url) > MEDIA_URL_MOST]:
        raise Problem(400, _("media_url: „%(url)s” nie jest adresem http ani https.") % {"url": wrong[0][:80]})
    return list(dict.fromkeys(urls))


def _description(args: Asked, category: Any) -> str:
    """The words of the sender; the standard lets them be empty, a report here is not."""
    words = args.one("description")
    if len(words) > DESCRIPTION_MOST:
        raise Problem(400, _("description: opis może mieć najwyżej %(most)d znaków.") % {"most": DESCRIPTION_MOST})
    return words or category.title


def _contact(args: Asked) -> Contact:
    name = " ".join(part for part in (args.one("first_name"), args.one("last_name")) if part)
    language = (get_language() or "pl").split("-")[0]
    return Contact(name=name, email=args.one("email"), phone=args.one("phone"), language=language)


def _stored(uploads: Sequence[Any], viewer: Viewer) -> list[UUID]:
    if len(uploads) > REPORT.photos:
        raise Problem(400, _("Można dodać najwyżej %(most)d zdjęć.") % {"most": REPORT.photos})
    try:
        return [files.store_image(upload=upload, by=viewer).file.pk for upload in uploads]
    except ValidationError as error:
        raise Problem(400, *error.messages) from error


def _same(args: Asked, uploads: Sequence[Any], key: Any) -> str:
    """What makes two posts one: the same key, day, arguments and files. A client repeats what it got no answer to."""
    said = sorted((name, values) for name, values in args.values.items() if name != "api_key")
    sent = [(str(upload.name), upload.size) for upload in uploads]
    text = repr((str(key.pk), clock.today().isoformat(), said, sent))
    return "o311:" + hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:58]


def _problem(error: ValidationError) -> Problem:
    if not hasattr(error, "error_dict"):
        return Problem(400, *error.messages)
    told = []
    for name, problems in error.message_dict.items():
        code = f"attribute[{name[7:]}]" if name.startswith("answer_") else FIELDS.get(name, name)
        told += [f"{code}: {words}" for words in problems]
    return Problem(400, *told)


def take_update(*, args: Asked, uploads: Sequence[Any], key: Any) -> dict[str, Any]:
    """An update of a report that this program filed: words, photos, a confirmation or an objection.

    A repeated ``update_id`` is the same update. Raises ``Problem``: 404 for a report that is not this program's.
    """
    asking.check_jurisdiction(args)
    _check_update(args)
    number = args.one("service_request_id")
    received = Received.objects.filter(key=key, case__number=number.upper()).first()
    if received is None:
        words = _("service_request_id: nie ma zgłoszenia „%(number)s” wysłanego z tym kluczem.")
        raise Problem(404, words % {"number": number[:40]})
    viewer = viewer_of(key, received.case_id)
    stored = _stored(uploads, viewer)
    with transaction.atomic():
        made = _once(key, received.case_id, args.one("update_id"))
        if made is not None:
            try:
                _apply(reading.case_of(number, viewer), args, stored, viewer)
            except ValidationError as error:
                raise _problem(error) from error
    return {"update_id": args.one("update_id"), "account_id": None}


def _check_update(args: Asked) -> None:
    missing = [name for name in ("service_request_id", "update_id", "status", "updated_datetime", "description")
               if not args.one(name)]  # fmt: skip
    if missing:
        raise Problem(400, *(_("%(name)s: brakuje tej wartości.") % {"name": name} for name in missing))
    if args.one("status").lower() not in CLOSING | REOPENING | {"in_progress", "action_scheduled", "investigating"}:
        raise Problem(400, _("status: wpisz OPEN albo CLOSED."))
    asking.moment(args, "updated_datetime")
    if len(args.one("update_id")) > 100:
        raise Problem(400, _("update_id: może mieć najwyżej 100 znaków."))


def _once(key: Any, case_id: UUID, update_id: str) -> ReceivedUpdate | None:
    """The row of an update that is new; None for a repetition. A second writer waits for the first one."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"open311.update:{key.pk}:{update_id}"])
    made, fresh = ReceivedUpdate.objects.get_or_create(key=key, case_id=case_id, update_id=update_id)
    return made if fresh else None


def _apply(case: Any, args: Asked, stored: list[UUID], viewer: Viewer) -> None:
    """Confirm or dispute where the report waits for that and the status says so; otherwise add to it."""
    status, words = args.one("status").lower(), args.one("description")
    allowed = {step.key for step in selectors.allowed_steps(case, viewer)}
    if status in CLOSING and "confirm" in allowed:
        services.take_step(case=case, transition="confirm", by=viewer)
    elif status in REOPENING and "dispute" in allowed:
        services.take_step(case=case, transition="dispute", reason=words, by=viewer)
    else:
        services.add_from_filer(case=case, body=words[: city().limit("comment_text", 4000)], file_ids=stored, by=viewer)
