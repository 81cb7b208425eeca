"""Rules to start an edition from: the profile's own, and models of other cities from ``presets.toml`` beside this file."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from django.utils.translation import get_language

from miasto.kernel.core.city import city
from miasto.modules.idea.budget import rules
from miasto.modules.idea.budget.plots import FILE
from miasto.modules.idea.budget.rules import EditionRules

MODELS = Path(__file__).with_name("presets.toml")
WHOLE_CITY = {"key": "miasto", "name": "Całe miasto", "citywide": True, "share": rules.WHOLE}


@dataclass(frozen=True)
class Preset:
    """Rules to start from; ``total`` in grosze, 0 where only the officer knows it. ``row`` has the words."""

    key: str
    total: int
    rules: EditionRules
    row: dict[str, Any] = field(hash=False)

    def says(self, name: str) -> str:
        """A text of the preset ("name", "about") in the reader's language."""
        translated = self.row.get("translations", {}).get(get_language() or "", {})
        return str(translated.get(name) or self.row.get(name, ""))

    @property
    def name(self) -> str:
        """What it is called."""
        return self.says("name")

    @property
    def about(self) -> str:
        """How one votes and counts by it; empty where the profile says nothing."""
        return self.says("about")


@cache
def presets() -> tuple[Preset, ...]:
    """The profile's presets, then the models; raises ``RulesError`` for one that cannot be used."""
    own = city().toml(FILE).get("presets", {})
    made = [Preset(key, int(row["total"]), rules.read(row["rules"]), row) for key, row in own.items()]
    return (*made, *_models(made[0] if made else None))


def _models(own: Preset | None) -> Iterator[Preset]:
    """Each model on the ground of the profile's first preset: its pools of money, its proposals, its verification."""
    ground: dict[str, Any] = {"pools": [WHOLE_CITY], "verification": {"appeal_days": 0}}
    if own is not None:
        ground = json.loads(json.dumps(own.rules.as_json()))
    for key, row in tomllib.loads(MODELS.read_text(encoding="utf-8")).items():
        asked = ground | row["rules"]
        if row.get("pools") == "whole":
            asked["pools"] = [WHOLE_CITY]
        yield Preset(key, own.total if own is not None else 0, rules.read(asked), row)


def preset(key: str) -> Preset:
    """The preset of that key; raises ``KeyError``."""
    return {one.key: one for one in presets()}[key]
