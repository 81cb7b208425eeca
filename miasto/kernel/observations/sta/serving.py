"""One request of the API answered: reads and writes by the method, what is wrong as a document."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.core.exceptions import PermissionDenied
from django.db import DataError, InterfaceError, InternalError, OperationalError, connection, transaction
from django.utils.translation import gettext as _

from miasto.kernel.observations.archive.place import Unreachable
from miasto.kernel.observations.ingest import Busy, UnknownSeries
from miasto.kernel.observations.sta.answering import Answer, root
from miasto.kernel.observations.sta.arrays import create_observations
from miasto.kernel.observations.sta.batch import batch
from miasto.kernel.observations.sta.inserting import Inserter, key_of_model, model_of, reason_text
from miasto.kernel.observations.sta.multipart import requests_of, response_of
from miasto.kernel.observations.sta.options import Options
from miasto.kernel.observations.sta.output import address, key_of, properties_of
from miasto.kernel.observations.sta.patching import patched
from miasto.kernel.observations.sta.paths import Resource, read_path
from miasto.kernel.observations.sta.problems import Problem
from miasto.kernel.observations.sta.schema import OBSERVATION
from miasto.kernel.observations.sta.values import Asked, Told

if TYPE_CHECKING:
    from miasto.kernel.accounts.viewer import Viewer
    from miasto.kernel.observations.sta.observing import Written

SLOWEST_MS = 10_000
READS = ("GET", "HEAD")
WRITES = ("POST", "PATCH", "PUT", "DELETE")
JSON_PATCH = "application/json-patch+json"
_CANCELED, _DEADLOCK, _DISK_FULL = "57014", "40P01", "53100"
_GONE = ("08", "57P")  # connection exception; the server is being shut down or starts


def serve(asked: Asked, *, viewer: Viewer, base: str) -> Told:
    """Answer one request; what is wrong is answered too, and nothing of it is written."""
    if asked.path == "$batch" and asked.method == "POST":
        return _refusing(lambda: _batched(asked, viewer, base))

    def answer() -> Told:
        with transaction.atomic():
            return _serve(asked, viewer, base)

    return _refusing(answer)


def _batched(asked: Asked, viewer: Viewer, base: str) -> Told:
    def part(one: Asked) -> Told:
        return serve(one, viewer=viewer, base=base)

    if not isinstance(asked.body, bytes):
        return Told(200, batch(asked.body, base, part))
    responses = batch({"requests": requests_of(asked.body, asked.kind)}, base, part)["responses"]
    body, kind = response_of(responses)
    return Told(200, body, {"Content-Type": kind})


def _refusing(answer: Any) -> Told:
    try:
        return answer()
    except Problem as problem:
        return Told(problem.status, problem.body())
    except PermissionDenied as denied:
        return Told(403, Problem(403, str(denied)).body())
    except UnknownSeries as unknown:
        return Told(400, Problem(400, str(unknown)).body())
    except Busy as busy:
        message = _("Czeka już za dużo odczytów. Spróbuj ponownie za chwilę.")
        return Told(503, Problem(503, message).body(), {"Retry-After": str(busy.retry_after)}, busy=True)
    except (OperationalError, InterfaceError) as error:
        return unavailable(error)
    except Unreachable:
        message = _("Magazyn dawnych odczytów jest chwilowo niedostępny. Spróbuj ponownie później.")
        return Told(503, Problem(503, message).body(), {"Retry-After": "60"})
    except (DataError, InternalError):
        return Told(400, Problem(400, _("Wartość wykracza poza dozwolony zakres.")).body())
    except RecursionError:
        return Told(400, Problem(400, _("Wyrażenie ma za dużo nawiasów.")).body())


def unavailable(error: Exception) -> Told:
    """What the database could not do now, and can later: nothing was written. Raises the error if it is of another kind."""
    state = getattr(error.__cause__, "sqlstate", None)
    if state == _DEADLOCK:
        return Told(503, Problem(503, _("Zapis zbiegł się z innym. Spróbuj ponownie za chwilę.")).body(), {"Retry-After": "1"})
    if state == _DISK_FULL:
        message = _("Na serwerze skończyło się miejsce na dysku. Niczego nie zapisano; wyślij to ponownie później.")
        return Told(507, Problem(507, message).body(), {"Retry-After": "60"})
    if state is None or state.startswith(_GONE):
        message = _("Baza danych chwilowo nie odpowiada. Wyślij to ponownie: nic nie zapisze się dwa razy.")
        return Told(503, Problem(503, message).body(), {"Retry-After": "5"})
    raise error


def _serve(asked: Asked, viewer: Viewer, base: str) -> Told:
    if asked.method in READS:
        return Told(200, read(asked, viewer, base))
    if asked.method not in WRITES:
        raise Problem(405, _("Ten adres nie przyjmuje metody %(method)s.") % {"method": asked.method[:20]})
    if asked.path.strip("/") == "CreateObservations" and asked.method == "POST":
        return Told(201, create_observations(asked.body, viewer=viewer, base=base))
    return _write(asked, read_path(asked.path), viewer, base)


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
        if getattr(error.__cause__, "sqlstate", "") != _CANCELED:
            raise
        raise Problem(400, _("Odpowiedź trwałaby za długo. Zawęź zapytanie, na przykład do jednej serii albo czasu.")) from None


def _write(asked: Asked, resource: Resource, viewer: Viewer, base: str) -> Told:
    last = resource.last
    if resource.part or resource.ref or (asked.method == "POST") != last.is_set:
        raise Problem(405, _("Ten adres nie przyjmuje metody %(method)s.") % {"method": asked.method})
    inserter = Inserter(viewer, base)
    if asked.method == "POST":
        return _create(asked, resource, inserter, base)
    entity, row = inserter.answer.found(resource.steps)
    if asked.method == "DELETE":
        inserter.remove(entity, row)
        return Told(200)
    body = asked.body
    if asked.kind.partition(";")[0].strip() == JSON_PATCH and asked.method == "PATCH":
        body = patched(properties_of(entity, row), body)
    inserter.update(entity, row, body, replace=asked.method == "PUT")
    return Told(200, None, {"Location": address(entity, key_of(entity, row), base)})


def _create(asked: Asked, resource: Resource, inserter: Inserter, base: str) -> Told:
    entity, owner = resource.last.entity, None
    if len(resource.steps) > 1:
        parent, row = inserter.answer.found(resource.steps[:-1])
        owner = (parent.name, model_of(parent, row))
    made = inserter.create(entity, asked.body, owner)
    if entity is OBSERVATION:
        return _observed(made, inserter, base)
    place = address(entity, key_of_model(entity, made), base)
    return Told(201, _shown(place, inserter, base), {"Location": place})


def _observed(written: Written, inserter: Inserter, base: str) -> Told:
    """201, or 202 where a person must look at the reading first: it is kept, in quarantine."""
    key = written.keys[0]
    if key is None:
        why = _("Odczyt czeka w kwarantannie: %(why)s.") % {"why": reason_text(written.reasons[0])}
        return Told(202, {"code": 202, "type": "quarantine", "message": why})
    place = address(OBSERVATION, key, base)
    return Told(201, _shown(place, inserter, base), {"Location": place})


def _shown(place: str, inserter: Inserter, base: str) -> dict[str, Any]:
    """What was made, as a reader sees it; only its address for a program that may write but not read."""
    resource = read_path(place.removeprefix(base))
    try:
        row = inserter.answer.step(resource.last, None, Options())
    except Problem:
        return {"@iot.selfLink": place}
    return inserter.answer.document(resource.last.entity, row, Options())
