"""A kind of process that exists in tests only."""

import pytest

from miasto.kernel.participation.testing import declared


@pytest.fixture
def kind():
    with declared() as found:
        yield found
