"""Filing what a device kept: once for each key, whatever the network lost."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from miasto.kernel.accounts.selectors import Viewer
from miasto.kernel.cases import services as cases
from miasto.kernel.files import services as files
from miasto.kernel.places import selectors as places
from miasto.modules.contact_centre.case_type import KEY
from miasto.modules.contact_centre.services import Sent

FIELDS = {"point": "place", "files": "photos"}


def file_report(
    *,
    key: UUID,
    category: Any,
    description: str,
    point: tuple[float, float] | None,
    place: str,
    answers: Mapping[str, str],
    photos: Sequence[Any],
    email: str,
    language: str,
    by: Viewer,
) -> Sent:
    """File the report that a device made under a random ``key``; repeated, it is the same case with one more link.

    Raises ``ValidationError`` with sentences by the field of the form: nothing is filed then and the key stays free.
    """
    client_key = f"offline:{key}"
    repeated = cases.filed_before(case_type=KEY, client_key=client_key)
    try:
        filed = cases.file_case(
            case_type=KEY,
            category=category,
            description=description,
            point=None if repeated else point or _found(place),
            address_text=place if point is None else "",
            answers=answers,
            file_ids=[] if repeated else _stored(photos, by),
            contact=cases.Contact(email=email, language=language),
            channel="web",
            by=by,
            client_key=client_key,
        )
    except cases.Refused as error:
        raise _by_field(error) from error
    return Sent(filed.case.pk, filed.case.number, filed.token)


def _found(place: str) -> tuple[float, float]:
    found = places.geocode(place, limit=1) if len(place) >= 2 else []
    if not found:
        words = _("Nie znaleźliśmy takiego miejsca. Sprawdź pisownię albo wpisz samą nazwę ulicy.")
        raise ValidationError({"place": words})
    return found[0].lon, found[0].lat


def _stored(photos: Sequence[Any], by: Viewer) -> list[UUID]:
    """Files that stay unattached, because a later one is refused, go with the other unattached ones."""
    try:
        return [files.store_image(upload=photo, by=by).file.pk for photo in photos]
    except ValidationError as error:
        raise ValidationError({"photos": error.messages}) from error


def _by_field(error: ValidationError) -> ValidationError:
    if not hasattr(error, "error_dict"):
        return ValidationError({"form": error.messages})
    told: dict[str, list[str]] = {}
    for name, sentences in error.message_dict.items():
        told[f"q-{name[7:]}" if name.startswith("answer_") else FIELDS.get(name, name)] = sentences
    return ValidationError(told)
