"""For tests: the store has no models, so Django does not empty it after a test with real transactions."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from miasto.kernel.core.testing import really_commits


@pytest.fixture(autouse=True)
def _store_is_emptied(request: pytest.FixtureRequest) -> Iterator[None]:
    yield
    if not really_commits(request):
        return
    from miasto.kernel.observations.testing import empty_store

    with request.getfixturevalue("django_db_blocker").unblock():
        empty_store()
