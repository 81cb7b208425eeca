"""The city as data: the profile folder chosen by ``MIASTO_CITY`` (``cities/<slug>/city.toml``)."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

REPOSITORY = Path(__file__).resolve().parents[3]


class ProfileError(Exception):
    """The profile of the city is missing or wrong; says which file and field."""


@dataclass(frozen=True)
class City:
    """A city's profile. Coordinates are (longitude, latitude) in EPSG:4326; ``srid`` is the metric system."""

    folder: Path
    slug: str
    name: str
    name_genitive: str
    name_locative: str
    platform_name: str
    timezone: str
    srid: int
    centre: tuple[float, float]
    bbox: tuple[float, float, float, float]
    zoom: float
    data: MappingProxyType[str, Any]

    def enabled_modules(self, present: Iterable[str]) -> list[str]:
        """The slugs of the modules that are on; raises ``ProfileError`` for one that no folder holds."""
        wanted = self.data.get("modules", [])
        unknown = sorted(set(wanted) - set(present))
        if unknown:
            raise ProfileError(f"{self.folder / 'city.toml'}: modules: no such module: {', '.join(unknown)}")
        return list(wanted)

    def section(self, name: str) -> Any:
        """A table or list of the profile (``units``, ``competences``, ``colours``...); an empty dict where absent."""
        return self.data.get(name, {})

    def rows(self, name: str) -> list[dict[str, Any]]:
        """A list of tables of the profile; empty where absent."""
        return list(self.data.get(name, []))

    def limit(self, name: str, default: int) -> int:
        """A whole number from the table ``limits``."""
        return int(self.data.get("limits", {}).get(name, default))

    def toml(self, file: str) -> dict[str, Any]:
        """Another TOML file of the profile (``categories.toml``); empty where the profile has none."""
        path = self.folder / file
        return tomllib.loads(path.read_text("utf-8")) if path.exists() else {}

    def path(self, file: str) -> Path | None:
        """A file of the profile, or None where the profile has none of that name."""
        path = self.folder / file
        return path if path.exists() else None

    @property
    def colours(self) -> dict[str, str]:
        return dict(self.data.get("colours", {}))

    @property
    def contacts(self) -> dict[str, str]:
        return dict(self.data.get("contacts", {}))

    @property
    def logo(self) -> Path | None:
        return self.path(str(self.data.get("logo", "logo.svg")))


def cities_folder() -> Path:
    """Where the profiles are: ``MIASTO_CITIES`` or the repository's ``cities``."""
    return Path(os.environ.get("MIASTO_CITIES") or REPOSITORY / "cities")


def read_city(folder: Path) -> City:
    """Read one profile; raises ``ProfileError`` naming the file and the field."""
    path = folder / "city.toml"
    try:
        data = tomllib.loads(path.read_text("utf-8"))
    except OSError as error:
        raise ProfileError(f"{path}: cannot be read ({error.strerror})") from error
    except tomllib.TOMLDecodeError as error:
        raise ProfileError(f"{path}: not valid TOML: {error}") from error
    try:
        return City(
            folder=folder,
            slug=folder.name,
            name=data["name"],
            name_genitive=data["name_genitive"],
            name_locative=data["name_locative"],
            platform_name=data["platform_name"],
            timezone=data["timezone"],
            srid=int(data["srid"]),
            centre=tuple(data["centre"]),
            bbox=tuple(data["bbox"]),
            zoom=float(data["zoom"]),
            data=MappingProxyType(data),
        )
    except KeyError as error:
        raise ProfileError(f"{path}: the field {error} is missing") from error


@cache
def city() -> City:
    """The profile of this process: ``MIASTO_CITY``, or the only profile with ``default = true``."""
    folder = cities_folder()
    slug = os.environ.get("MIASTO_CITY")
    if slug:
        return read_city(folder / slug)
    marked = [found for path in sorted(folder.glob("*/city.toml")) if (found := read_city(path.parent)).data.get("default")]
    if len(marked) != 1:
        raise ProfileError(f"{folder}: set MIASTO_CITY, or mark exactly one profile with default = true")
    return marked[0]
