"""Files sent with a form of participation: what could be kept survives an error in another field."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.core import signing
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.translation import gettext as _

from miasto.kernel.files import services as files

SALT = "idea.uploads"
KEPT_S = 24 * 3600
PICTURES = (".jpg", ".jpeg", ".png", ".webp", ".heic", ".heif")
ACCEPT = ".pdf,.odt,.ods,.docx,.xlsx,.txt,image/jpeg,image/png,image/webp,image/heic"
TITLE_MOST = 120


@dataclass
class Uploads:
    """Files stored already, as (file, title made of the file's name), and why others were refused."""

    kept: list[tuple[UUID, str]] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)

    @property
    def ids(self) -> list[UUID]:
        return [file_id for file_id, _title in self.kept]

    @property
    def token(self) -> str:
        """What is kept, for a hidden field; signed, so that nobody can name another person's file."""
        return signing.dumps([(str(file_id), title) for file_id, title in self.kept], salt=SALT)


def collect(request: HttpRequest, *, most: int, name: str = "files") -> Uploads:
    """Store the files of a POST: pictures and documents, by content; those kept by an earlier try come first."""
    found = Uploads(_kept(request.POST.get("kept_files", "")))
    for upload in request.FILES.getlist(name):
        if len(found.kept) >= most:
            words = _("Nie dodaliśmy pliku „%(name)s”, bo można dodać najwyżej %(limit)d.")
            found.problems.append(words % {"name": str(upload.name)[:60], "limit": most})
            continue
        try:
            found.kept.append((_store(upload, request.viewer), _title(str(upload.name))))
        except (ValidationError, files.NoRoom) as error:
            found.problems += error.messages
    return found


def _store(upload: Any, by: Any) -> UUID:
    if str(upload.name).lower().endswith(PICTURES):
        return files.store_image(upload=upload, by=by).file.pk
    return files.store_document(upload=upload, by=by).pk


def _title(name: str) -> str:
    """What an officer called a file, fit to be read: without its ending and its underscores."""
    plain = name.replace("\\", "/").rsplit("/", 1)[-1].rsplit(".", 1)[0].replace("_", " ")
    return " ".join("".join(letter for letter in plain if letter.isprintable()).split())[:TITLE_MOST]


def _kept(token: str) -> list[tuple[UUID, str]]:
    try:
        rows = signing.loads(token, salt=SALT, max_age=KEPT_S) if token else []
        return [(UUID(file_id), str(title)) for file_id, title in rows]
    except (signing.BadSignature, ValueError, TypeError):
        return []


def complain(form: Any, found: Uploads) -> bool:
    """Put the refusals of files under the form's field of files; whether there were any."""
    for problem in found.problems:
        form.add_error("files", problem)
    return bool(found.problems)
