"""Factories for tests."""

from __future__ import annotations

import io
from uuid import UUID

from django.core.files.base import ContentFile

from miasto.kernel.accounts.selectors import ANONYMOUS, Viewer
from miasto.kernel.files.models import File
from miasto.kernel.files.services import store_image


def picture_bytes(
    *,
    size: tuple[int, int] = (640, 480),
    kind: str = "JPEG",
    colour: str = "steelblue",
    position: tuple[float, float] | None = None,
) -> bytes:
    """A picture of one colour; ``position`` = (longitude, latitude) is written into its EXIF block."""
    from PIL import Image

    exif = Image.Exif()
    if position:
        lon, lat = position
        gps = exif.get_ifd(0x8825)
        gps[1], gps[2] = "N" if lat >= 0 else "S", _parts(abs(lat))
        gps[3], gps[4] = "E" if lon >= 0 else "W", _parts(abs(lon))
    buffer = io.BytesIO()
    Image.new("RGB", size, colour).save(buffer, kind, exif=exif)
    return buffer.getvalue()


def _parts(degrees: float) -> tuple[float, float, float]:
    minutes = degrees % 1 * 60
    return float(int(degrees)), float(int(minutes)), minutes % 1 * 60


def make_upload(name: str = "zdjecie.jpg", **picture: object) -> ContentFile:
    """An upload as a form hands it over."""
    return ContentFile(picture_bytes(**picture), name=name)


def make_file(*, by: Viewer = ANONYMOUS, owner_id: UUID | None = None) -> File:
    """A stored picture."""
    return store_image(upload=make_upload(), by=by, owner_id=owner_id).file
