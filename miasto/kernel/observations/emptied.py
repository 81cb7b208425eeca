"""For tests: the store has no models, so Django does not empty it after a test with real transactions."""

from __future__ import annotations

from collections.abc import Iterator

import pytest


@pytest.fixture(autouse=True)
def _store_is_emptied(request: pytest.FixtureRequest) -> Iterator[None]:
    yield
    marker = request.node.get_closest_marker("django_db")
    if marker is None or not marker.kwargs.get("transaction"):
        return
    from miasto.kernel.observations.testing import empty_store

    with request.getfixturevalue("django_db_blocker").unblock():
        empty_store()
