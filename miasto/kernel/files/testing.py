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


def plate_picture(text: str = "TK 12345", *, size: tuple[int, int] = (1200, 900), at: tuple[int, int] = (420, 560)) -> bytes:
    """A drawn car with a number plate of 260 x 58 pixels at ``at``: JPEG bytes."""
    from PIL import Image, ImageDraw, ImageFont

    picture = Image.new("RGB", size, "#9aa7a0")
    pen = ImageDraw.Draw(picture)
    x, y = at
    pen.rectangle((0, size[1] * 0.7, *size), fill="#5c5f61")
    pen.rounded_rectangle((x - 180, y - 260, x + 440, y + 120), 60, fill="#27408b")
    pen.rectangle((x - 120, y - 220, x + 380, y - 90), fill="#b7c9d6")
    pen.rectangle((x, y, x + 260, y + 58), fill="#f4f4f0", outline="#111111", width=3)
    pen.rectangle((x, y, x + 22, y + 58), fill="#1c4fa1")
    pen.text((x + 30, y - 4), text, font=ImageFont.load_default(54), fill="#101010", stroke_width=1)
    buffer = io.BytesIO()
    picture.save(buffer, "JPEG", quality=92)
    return buffer.getvalue()


def drawn_film(*, frames: int = 24, kind: str = "webm") -> bytes:
    """A few seconds of a moving dot, as WebM (VP8) or MP4 (MPEG-4), with nothing to read in it."""
    import tempfile
    from pathlib import Path

    import cv2
    import numpy

    codec = {"webm": "VP80", "mp4": "mp4v"}[kind]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"film.{kind}"
        writer = cv2.VideoWriter(str(path), cv2.VideoWriter_fourcc(*codec), 8, (320, 180))
        for number in range(frames):
            frame = numpy.full((180, 320, 3), (110, 80, 40), numpy.uint8)
            cv2.circle(frame, (20 + number * 280 // frames, 90), 24, (230, 230, 240), -1)
            writer.write(frame)
        writer.release()
        return path.read_bytes()


def box(name: bytes, content: bytes) -> bytes:
    """A box of MP4 (ISO/IEC 14496-12)."""
    return (8 + len(content)).to_bytes(4, "big") + name + content
