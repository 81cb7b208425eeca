"""The chapters of a report in their order. Nothing is estimated in them: what was not measured is told as not measured."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from miasto.modules.environment.reports.air import air
from miasto.modules.environment.reports.homes import heat
from miasto.modules.environment.reports.noise import noise
from miasto.modules.environment.reports.periods import Span
from miasto.modules.environment.reports.sky import light, weather
from miasto.modules.environment.reports.trust import alerts, methods, quality
from miasto.modules.environment.reports.water import rivers, water

CHAPTERS: tuple[tuple[str, Callable[[Span], dict[str, Any]]], ...] = (
    ("air", air),
    ("noise", noise),
    ("rivers", rivers),
    ("water", water),
    ("weather", weather),
    ("light", light),
    ("heating", heat),
    ("alerts", alerts),
    ("quality", quality),
    ("methods", methods),
)
FOREWORD = "foreword"  # what a person says before all chapters
