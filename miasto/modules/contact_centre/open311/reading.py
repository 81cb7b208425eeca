"""What GeoReport v2 tells: services, their questions, requests and their updates, as rows of the standard's own names."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.core.exceptions import ObjectDoesNotExist
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from miasto.kernel.cases import selectors as cases
from miasto.kernel.cases import services as case_services
from miasto.kernel.core import clock
from miasto.kernel.core.city import city
from miasto.kernel.files.selectors import link
from miasto.modules.contact_centre.case_type import KEY, REPORT
from miasto.modules.contact_centre.open311 import asking
from miasto.modules.contact_centre.open311.asking import Asked, Problem
from miasto.modules.contact_centre.open311.formats import w3

PHOTO_MINUTES = 24 * 60
MOST_NUMBERS = 1000
DATATYPES = {
    "text": "text",
    "number": "number",
    "choice": "singlevaluelist",
    "choices": "multivaluelist",
    "boolean": "singlevaluelist",
}
# Stages in the words of FixMyStreet's extension; the standard itself knows only open and closed.
EXTENDED = {
    "received": "open",
    "in_progress": "in_progress",
    "question": "investigating",
    "disputed": "investigating",
    "resolved": "fixed",
    "closed": "closed",
    "rejected": "no_further_action",
    "forwarded": "investigating",
    "handed_over": "not_councils_responsibility",
    "merged": "duplicate",
}
Build = Callable[[str], str]


def services(args: Asked) -> list[dict[str, Any]]:
    """The categories of reports in their order; one query."""
    asking.check_jurisdiction(args)
    return [_service(category) for category in cases.leaves(KEY)]


def _service(category: Any) -> dict[str, Any]:
    return {
        "service_code": category.slug,
        "service_name": category.title,
        "description": _described(category),
        "metadata": bool(questions(category)),
        "type": "realtime",
        "keywords": ", ".join(str(word) for word in category.keywords),
        "group": category.parent.title if category.parent_id else "",
    }


def _described(category: Any) -> str:
    number = city().data.get("emergency_number", "112")
    danger = _("Gdy komuś coś zagraża, dzwoń pod numer %(number)s.") % {"number": number} if category.danger else ""
    return " ".join(part for part in (category.explanation, danger) if part)


def questions(category: Any) -> list[dict[str, Any]]:
    """The questions of reports and then of a category, in the reader's language."""
    common = [
        {"key": row.key, "label": str(row.label), "kind": row.kind, "hint": str(row.hint), "required": row.required,
         "choices": row.choices}
        for row in REPORT.questions
    ]  # fmt: skip
    return [*common, *category.asked]


def service(code: str) -> Any:
    """The category of a code; raises ``Problem`` 404 for one that is not offered."""
    found = next((row for row in cases.leaves(KEY) if row.slug == code), None)
    if found is None:
        raise Problem(404, _("service_code: nie ma usługi „%(code)s”.") % {"code": code[:80]})
    return found


def definition(code: str, args: Asked) -> dict[str, Any]:
    """The questions of a category."""
    asking.check_jurisdiction(args)
    category = service(code)
    rows = [_attribute(question, order) for order, question in enumerate(questions(category), start=1)]
    return {"service_code": category.slug, "attributes": ("attribute", rows)}


def _attribute(question: dict[str, Any], order: int) -> dict[str, Any]:
    kind = question.get("kind", "text")
    choices = [("true", _("Tak")), ("false", _("Nie"))] if kind == "boolean" else question.get("choices", ())
    row = {
        "variable": True,
        "code": question["key"],
        "datatype": DATATYPES.get(kind, "text"),
        "required": bool(question.get("required")),
        "datatype_description": question.get("hint") or None,
        "order": order,
        "description": question["label"],
    }
    if choices:
        row["values"] = ("value", [{"key": str(key), "name": str(name)} for key, name in choices])
    return row


def requests(args: Asked, absolute: Build) -> list[dict[str, Any]]:
    """The public reports that were asked for, newest first; 6 queries at most."""
    asking.check_jurisdiction(args)
    return [_request(row, absolute, args) for row in cases.shared_cases(_wanted(args))]


def _wanted(args: Asked) -> cases.Wanted:
    if numbers := args.many("service_request_id"):
        if len(numbers) > MOST_NUMBERS:
            raise Problem(400, _("service_request_id: można podać najwyżej %(most)d numerów.") % {"most": MOST_NUMBERS})
        return cases.Wanted(case_type=KEY, numbers=[number.upper() for number in numbers])
    offset, limit = asking.page(args)
    after, before = asking.moment(args, "updated_after"), asking.moment(args, "updated_before")
    dated = args.one("start_date") or args.one("end_date") or not (after or before)
    start, end = asking.span(args) if dated else (None, None)
    return cases.Wanted(
        case_type=KEY,
        categories=_codes(args),
        since=start,
        until=end,
        changed_since=after,
        changed_until=before,
        ended=asking.ended(args),
        near=asking.near(args),
        offset=offset,
        limit=limit,
    )


def _codes(args: Asked) -> list[str]:
    wanted = args.many("service_code")
    known = {row.slug for row in cases.leaves(KEY)} if wanted else set()
    if wanted and not known & set(wanted):
        raise Problem(404, _("service_code: nie ma usługi „%(code)s”.") % {"code": wanted[0][:80]})
    return [code for code in wanted if code in known]


def request(number: str, args: Asked, absolute: Build) -> dict[str, Any]:
    """One public report; raises ``Problem`` 404 for a number that nobody may know of."""
    asking.check_jurisdiction(args)
    rows = cases.shared_cases(cases.Wanted(case_type=KEY, numbers=[number.strip().upper()]))
    if not rows:
        raise Problem(404, _("service_request_id: nie ma zgłoszenia „%(number)s”.") % {"number": number[:40]})
    return _request(rows[0], absolute, args)


def _request(row: cases.SharedCase, absolute: Build, args: Asked) -> dict[str, Any]:
    photos = [absolute(link(photo, "large", minutes=PHOTO_MINUTES)) for photo in row.photo_ids]
    told: dict[str, Any] = {
        "service_request_id": row.number,
        "status": "closed" if row.ended else "open",
        "status_notes": row.answer or None,
        "service_name": row.category,
        "service_code": row.category_slug,
        "description": row.text or None,
        "agency_responsible": row.unit_name,
        "service_notice": None,
        "requested_datetime": w3(row.filed_at),
        "updated_datetime": w3(row.changed_at),
        "expected_datetime": None if row.ended else w3(clock.start_of(row.due_on + timedelta(days=1)) - timedelta(seconds=1)),
        "address": row.address_text or None,
        "address_id": None,
        "zipcode": None,
        "lat": row.lat,
        "long": row.lon,
        "media_url": photos[0] if photos else None,
    }
    if asking.flag(args, "extensions"):
        told["extended_attributes"] = {
            "stage": row.stage.key,
            "stage_name": str(row.stage.name),
            "url": absolute(f"/sprawy/{row.number}/"),
            "photos": ("photo", [{"media_url": photo} for photo in photos]),
        }
    return told


def token(value: str, args: Asked) -> dict[str, Any]:
    """The number of a report by its token. Every report has its number at once, so the number is its own token."""
    asking.check_jurisdiction(args)
    rows = cases.shared_cases(cases.Wanted(case_type=KEY, numbers=[value.strip().upper()]))
    if not rows:
        raise Problem(404, _("token: nie ma tokenu „%(token)s”.") % {"token": value[:40]})
    return {"service_request_id": rows[0].number, "token": value}


def updates(args: Asked) -> list[dict[str, Any]]:
    """What everybody could read of reports in a time of at most 90 days, oldest first (FixMyStreet's extension)."""
    asking.check_jurisdiction(args)
    start, end = asking.span(args)
    offset, limit = asking.page(args)
    numbers = [number.upper() for number in args.many("service_request_id")]
    rows = cases.news(case_type=KEY, since=start, until=end, numbers=numbers, limit=limit, offset=offset)
    return [update(row, extended=asking.flag(args, "extended")) for row in rows]


def update(row: cases.News, *, extended: bool) -> dict[str, Any]:
    """One update; ``extended`` tells the stage in the words of FixMyStreet's extension."""
    basic = "closed" if row.stage.final or row.stage.clock == "stopped" else "open"
    return {
        "update_id": str(row.id),
        "service_request_id": row.number,
        "status": EXTENDED.get(row.stage.key, basic) if extended else basic,
        "updated_datetime": w3(row.at),
        "description": row.body or str(row.stage.name),
        "media_url": None,
        "external_status_code": row.stage.key,
    }


def notice(category: Any) -> str:
    """What the sender is told at once: within how many days the city answers."""
    days = case_services.days_of(REPORT, category)
    return ngettext("Odpowiemy najpóźniej za %(days)d dzień.", "Odpowiemy najpóźniej w ciągu %(days)d dni.", days) % {
        "days": days
    }


def changed_at() -> datetime:
    """When the list of services last changed: the day of the profile's categories."""
    path = city().path("categories.toml")
    return datetime.fromtimestamp(path.stat().st_mtime, clock.zone()) if path else clock.now()


def discovery(absolute: Build) -> dict[str, Any]:
    """The service discovery document."""
    contacts, changeset = city().contacts, w3(changed_at())
    contact = ", ".join(part for part in (contacts.get("office"), contacts.get("email"), contacts.get("phone")) if part)
    ask = _("Klucz wydaje centrum kontaktu. Napisz, czyj to program i do czego służy: %(address)s.")
    return {
        "changeset": changeset,
        "contact": contact,
        "key_service": ask % {"address": contacts.get("email", "")},
        "endpoints": (
            "endpoint",
            [
                {
                    "specification": "http://wiki.open311.org/GeoReport_v2",
                    "url": absolute("/api/open311/v2"),
                    "changeset": changeset,
                    "type": "production",
                    "formats": ("format", ["text/xml", "application/json"]),
                }
            ],
        ),
    }


def case_of(number: str, viewer: Any) -> Any:
    """The case of a number for a service; raises ``Problem`` 404."""
    try:
        return cases.case_for(number, viewer)
    except ObjectDoesNotExist:
        raise Problem(404, _("service_request_id: nie ma zgłoszenia „%(number)s”.") % {"number": number[:40]}) from None
