"""A run of the forecasts killed at its steps: ``python -m tests.kill.foretelling`` on an empty migrated database.

Each run is a child of its own; prints one line of JSON for the state after each.
"""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from tests.kill.archiving import in_a_child, make_deadly

NOW, HOUR = datetime(2026, 5, 12, 10, tzinfo=UTC), timedelta(hours=1)
DAYS = 36
STEPS = (
    ("learning.learn", 1, True),  # a model was tried for the first group, nothing is kept
    ("publishing.keep_skills", 1, True),  # inside the transaction of the first group
    ("publishing.keep_newest", 1, True),  # everything of it is written, not committed
    ("publishing.keep_newest", 2, True),  # the first group is whole, the second is not
)


def fill() -> None:
    """Two properties with a series each, five weeks of hours."""
    import numpy as np

    from miasto.kernel.core import clock
    from miasto.kernel.observations.testing import make_datastream, put

    wave = 20 + 10 * np.sin(np.arange(DAYS * 24) * 2 * np.pi / 24)
    with clock.at(NOW):
        for code in ("one", "two"):
            put(make_datastream(code=code), list(wave), end=NOW - HOUR, step=HOUR, history=True)


def forecast(step: tuple[str, int, bool] | None) -> None:
    """One run of the job; with a step the process ends as by SIGKILL right after the so-many-th call of a function."""
    from miasto.kernel.core import clock
    from miasto.kernel.observations.forecasting import learning, publishing, running
    from miasto.kernel.observations.forecasting.shape import HOURLY

    shape = replace(HOURLY, horizon=24, bands=(6, 24), windows=4, kept_back=1, trees=5)
    if step:
        owner, name = step[0].split(".")
        make_deadly({"learning": learning, "publishing": publishing}[owner], name, step[1], after=step[2])
    with clock.at(NOW):
        running.run(shape)


def told() -> None:
    """The state: runs, and for each property whether its model, errors and forecast are there."""
    from miasto.kernel.observations.models import ForecastModel, ForecastRun, ForecastSkill, Foretold

    groups = [
        [
            ForecastModel.objects.filter(observed_property__code=code).count(),
            ForecastSkill.objects.filter(datastream__observed_property__code=code).count(),
            Foretold.objects.filter(datastream__observed_property__code=code).count(),
        ]
        for code in ("one", "two")
    ]
    runs = list(ForecastRun.objects.order_by("id").values_list("state", "reason", "trained"))
    sys.stdout.write(json.dumps({"groups": groups, "runs": runs}) + "\n")


def main() -> None:
    import django

    django.setup()
    in_a_child(fill)
    for step in STEPS:
        ended = in_a_child(lambda step=step: forecast(step))
        assert ended == 9, f"{step} was not reached"
        in_a_child(told)
    in_a_child(lambda: forecast(None))
    in_a_child(told)


if __name__ == "__main__":
    main()
