"""Photos sent with a form: those that could be kept survive an error in another field."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.core import signing
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.translation import gettext as _

from miasto.kernel.files import services as files

SALT = "cases.basket"
KEPT_S = 24 * 3600
MOST = 5


@dataclass
class Basket:
    """Files stored already, not yet given to a case, and why others were refused."""

    ids: list[UUID] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)

    @property
    def token(self) -> str:
        """The identifiers for a hidden field, signed so that nobody can name another person's file."""
        return signing.dumps([str(file_id) for file_id in self.ids], salt=SALT)


def collect(request: HttpRequest, *, name: str = "photos", most: int = MOST) -> Basket:
    """Store the photos of a POST; those kept by an earlier try come first."""
    basket = Basket(_kept(request.POST.get("kept", "")))
    for upload in request.FILES.getlist(name):
        if len(basket.ids) >= most:
            words = _("Nie dodaliśmy pliku „%(name)s”, bo naraz można dodać najwyżej %(limit)d zdjęć.")
            basket.problems.append(words % {"name": str(upload.name)[:60], "limit": most})
            continue
        try:
            basket.ids.append(files.store_image(upload=upload, by=request.viewer).file.id)
        except (ValidationError, files.NoRoom) as error:
            basket.problems += error.messages
    return basket


def _kept(token: str) -> list[UUID]:
    try:
        return [UUID(value) for value in signing.loads(token, salt=SALT, max_age=KEPT_S)] if token else []
    except (signing.BadSignature, ValueError):
        return []


def complain(form: Any, basket: Basket) -> None:
    """Put the refusals of files among the errors of a form, under its field of photos where it has one."""
    form.full_clean()
    for problem in basket.problems:
        form.add_error("photos" if "photos" in form.fields else None, problem)


def refuse(form: Any, error: ValidationError) -> None:
    """Put what a service refused under the fields of the form that it speaks of."""
    if not hasattr(error, "error_dict"):
        form.add_error(None, error)
        return
    for name, problems in error.message_dict.items():
        field_name = {"files": "photos", "question": "answer"}.get(name, name)
        for problem in problems:
            form.add_error(field_name if field_name in form.fields else None, problem)
