"""The case type of these tests."""

from collections.abc import Iterator

import pytest

from miasto.kernel.cases.testing import matter_declared
from miasto.kernel.spec.cases import CaseType


@pytest.fixture
def matter() -> Iterator[CaseType]:
    """The small case type of the tests is declared."""
    with matter_declared() as kind:
        yield kind
