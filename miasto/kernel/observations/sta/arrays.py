"""CreateObservations (18-088 § 13): many observations of several data streams as arrays of values."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from miasto.kernel.core import clock
from miasto.kernel.observations.sta import observing
from miasto.kernel.observations.sta.columns import Columns, create
from miasto.kernel.observations.sta.inputs import Observed, check_result, observed, wrong
from miasto.kernel.observations.sta.inserting import Inserter
from miasto.kernel.observations.sta.problems import Problem

if TYPE_CHECKING:
    from miasto.kernel.accounts.viewer import Viewer
    from miasto.kernel.observations.models import Datastream

MOST = 100_000
READ_AT_ONCE = 1_000  # so many are folded before the answer, and can be read at once; more a moment later
_COMPONENTS = ("phenomenonTime", "result", "resultTime", "resultQuality", "validTime", "parameters")
_FEATURES = ("FeatureOfInterest/id", "FeatureOfInterest/@iot.id")


def create_observations(body: Any, *, viewer: Viewer, base: str) -> list[str]:
    """The address of each observation in the order of the request, or ``error``. Raises ``Problem`` for a wrong document."""
    if isinstance(body, Columns):
        return create(body, viewer=viewer, base=base, read_at_once=READ_AT_ONCE)
    if not isinstance(body, list) or not all(isinstance(one, dict) for one in body):
        raise Problem(400, _("CreateObservations: potrzebna jest tablica obiektów."))
    if sum(len(one.get("dataArray") or ()) for one in body if isinstance(one.get("dataArray"), list)) > MOST:
        raise Problem(413, _("Naraz można przysłać najwyżej %(most)d obserwacji.") % {"most": MOST})
    inserter = Inserter(viewer, base)
    found: list[Observed | None] = []
    for one in body:
        found += _Array(one, inserter).observations()
    good = [one for one in found if one is not None]
    written = observing.write(good, by=viewer, wait=len(good) <= READ_AT_ONCE)
    keys = iter(written.keys)
    answers = []
    for one in found:
        key = None if one is None else next(keys)
        answers.append("error" if key is None else f"{base}Observations('{key}')")
    return answers


class _Array:
    def __init__(self, body: dict[str, Any], inserter: Inserter) -> None:
        self.inserter = inserter
        self.stream: Datastream = inserter.stream(body, None)
        self.rows, self.names = body.get("dataArray"), body.get("components")
        if not isinstance(self.names, list) or not isinstance(self.rows, list):
            raise wrong("dataArray", _("potrzebna jest tablica"))
        for name in self.names:
            if name not in (*_COMPONENTS, *_FEATURES, "id", "@iot.id"):
                raise wrong("components", _("nieznana nazwa: %(name)s") % {"name": str(name)[:60]})
        if "result" not in self.names:
            raise wrong("components", _("brakuje: %(name)s") % {"name": "result"})
        self.features: dict[Any, int | None] = {None: inserter.feature(None, self.stream, None)}
        self.now = clock.now()

    def observations(self) -> list[Observed | None]:
        """Each row's observation, None for a row that cannot be."""
        return [self._observed(row) for row in self.rows]

    def _observed(self, row: Any) -> Observed | None:
        if not isinstance(row, list) or len(row) != len(self.names):
            return None
        body = dict(zip(self.names, row, strict=True))
        body.pop("id", None)
        body.pop("@iot.id", None)
        try:
            feature = self._feature(next((body.pop(name) for name in _FEATURES if name in body), None))
            made = observed(body, self.stream.pk, self.now, feature)
            if self.stream.multi is not None:
                check_result(self.stream.multi["types"], made.result)
            return made
        except Problem:
            return None

    def _feature(self, key: Any) -> int | None:
        if not isinstance(key, str | int | None):
            raise wrong("FeatureOfInterest/id", _("potrzebny jest numer"))
        if key not in self.features:
            self.features[key] = self.inserter.feature({"@iot.id": key}, self.stream, None)
        return self.features[key]
