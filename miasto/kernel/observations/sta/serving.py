"""One request of the API, wherever it came from: HTTP, or a part of a batch."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from django.db import DataError, InternalError, OperationalError, connection, transaction
from django.utils.translation import gettext as _

from miasto.kernel.observations.sta.answering import Answer, root
from miasto.kernel.observations.sta.problems import Problem

if TYPE_CHECKING:
    from miasto.kernel.accounts.viewer import Viewer

SLOWEST_MS = 10_000
READS = ("GET", "HEAD")


@dataclass(frozen=True)
class Asked:
    """A request: ``path`` below the service's root, ``pairs`` of its query, ``body`` its JSON."""

    method: str
    path: str
    pairs: tuple[tuple[str, str], ...] = ()
    body: Any = None
    kind: str = "application/json"


@dataclass(frozen=True)
class Told:
    """An answer: a status, JSON (or a text), and headers."""

    status: int
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)


def serve(asked: Asked, *, viewer: Viewer, base: str) -> Told:
    """Answer one request; what is wrong is answered too."""
    try:
        with transaction.atomic():
            return _serve(asked, viewer, base)
    except Problem as problem:
        return Told(problem.status, problem.body())


def _serve(asked: Asked, viewer: Viewer, base: str) -> Told:
    if asked.method in READS:
        return Told(200, read(asked, viewer, base))
    raise Problem(405, _("Ten adres nie przyjmuje metody %(method)s.") % {"method": asked.method[:20]})


def read(asked: Asked, viewer: Viewer, base: str) -> Any:
    """The document of a read. Raises ``Problem``, also for a question that PostgreSQL cannot or will not answer in time."""
    if not asked.path.strip("/"):
        return root(base)
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('statement_timeout', %s, true)", [str(SLOWEST_MS)])
    try:
        with transaction.atomic():
            return Answer(viewer, base).read(asked.path, list(asked.pairs))
    except (DataError, InternalError):
        raise Problem(400, _("Tego wyrażenia nie da się policzyć: wartość wykracza poza dozwolony zakres.")) from None
    except OperationalError as error:
        if getattr(error.__cause__, "sqlstate", "") != "57014":
            raise
        raise Problem(400, _("Odpowiedź trwałaby za długo. Zawęź zapytanie, na przykład do jednej serii albo czasu.")) from None
    except RecursionError:
        raise Problem(400, _("Wyrażenie ma za dużo nawiasów.")) from None
