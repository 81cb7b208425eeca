"""What every test stands on: the fixtures of the kernel's core; and each of the two runs of ``./test`` collects its half."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

pytest_plugins = ["miasto.kernel.core.testing", "miasto.kernel.core.migrated", "miasto.kernel.observations.emptied"]

# A machine that does something else beside is no fault of a test, and fixtures that many examples share are made for that.
settings.register_profile(
    "shared machine", deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture]
)
settings.load_profile("shared machine")

BROWSER = Path(__file__).resolve().parent / "tests" / "browser"  # all that is marked ``browser`` lies here, and nothing else


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Importing thousands of tests to deselect them took each process of the browser's half ten seconds."""
    inside = BROWSER in (collection_path, *collection_path.parents)
    other_half = {"browser": not inside and collection_path not in BROWSER.parents, "not browser": inside}
    return other_half.get(config.option.markexpr) or None
