"""Makes a picture harmless: decoded for real, turned upright, freed of all metadata, encoded anew.

What arrives may be anything. Whatever goes wrong inside a decoder is a ``BadPicture``; nothing else leaves this file.
"""

from __future__ import annotations

import io
import math
import threading
import warnings
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any

from miasto.kernel.core import clock

if TYPE_CHECKING:
    from PIL import Image

FORMATS = ("JPEG", "PNG", "WEBP", "HEIF")
VARIANTS = {"thumb": 480, "large": 1600}
MEDIA_TYPE = "image/jpeg"
QUALITY = 82
SIDE_MOST = 30_000
BLOCKS = 3
_ORIENTATION, _EXIF_IFD, _GPS_IFD, _TAKEN, _TAKEN_OFFSET = 0x0112, 0x8769, 0x8825, 0x9003, 0x9011
_MAGIC = (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n")
_decoding = threading.BoundedSemaphore(2)


class BadPicture(Exception):
    """It cannot be taken; ``reason`` is "type", "broken" or "pixels"."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True)
class Picture:
    """A harmless picture: JPEG bytes by variant, size of the largest one in pixels, and what its metadata said.

    ``position`` is (longitude, latitude) in degrees, EPSG:4326; ``taken_at`` is aware.
    """

    variants: dict[str, bytes]
    width: int
    height: int
    position: tuple[float, float] | None
    taken_at: datetime | None


def clean(data: bytes, *, pixels_most: int) -> Picture:
    """A harmless copy of a picture of at most ``pixels_most`` pixels; raises ``BadPicture``.

    At most two are decoded at a time in one process, since a large one takes hundreds of megabytes.
    """
    try:
        with _decoding, warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return _clean(data, pixels_most)
    except BadPicture:
        raise
    except Exception as error:
        raise BadPicture("broken") from error


def _clean(data: bytes, pixels_most: int) -> Picture:
    from PIL import ImageFile

    ImageFile.LOAD_TRUNCATED_IMAGES = False  # the printing of PDF files switches it on for the whole process
    picture = _open(data)
    width, height = picture.size
    if width * height > pixels_most or max(width, height) > SIDE_MOST:
        raise BadPicture("pixels")
    exif = _exif(picture)
    position, taken_at, orientation = _position(exif), _taken_at(exif), exif.get(_ORIENTATION, 1)
    largest = max(VARIANTS.values())
    picture.draft("RGB", (largest, largest))
    picture.load()
    plain = _upright(_srgb(picture, largest), orientation)
    variants = {name: _encode(_within(plain, side)) for name, side in VARIANTS.items()}
    return Picture(variants, plain.width, plain.height, position, taken_at)


def _open(data: bytes) -> Image.Image:
    from PIL import Image, UnidentifiedImageError
    from pillow_heif import register_heif_opener

    register_heif_opener(thumbnails=False)
    try:
        return Image.open(io.BytesIO(data), formats=FORMATS)
    except Image.DecompressionBombError as error:
        raise BadPicture("pixels") from error
    except UnidentifiedImageError as error:
        raise BadPicture("broken" if _looks_like_picture(data) else "type") from error


def _looks_like_picture(data: bytes) -> bool:
    webp = data[:4] == b"RIFF" and data[8:12] == b"WEBP"
    heif = data[4:8] == b"ftyp" and data[8:12] in (b"heic", b"heix", b"mif1", b"hevc")
    return webp or heif or data.startswith(_MAGIC)


def _exif(picture: Image.Image) -> Any:
    """The EXIF block, or an empty one where it is damaged: a picture is no worse for that."""
    from PIL import Image

    try:
        exif = picture.getexif()
        exif.get(_ORIENTATION)
        return exif
    except Exception:
        return Image.Exif()


def _srgb(picture: Image.Image, side: int) -> Image.Image:
    """The first frame in sRGB on white, at most ``side`` pixels long."""
    from PIL import Image

    profile = picture.info.get("icc_profile")
    if picture.mode.startswith("I"):
        picture = picture.convert("I").point(lambda value: value / 256).convert("L")
    if picture.mode == "P":
        picture = picture.convert("RGBA")
    elif picture.mode == "1":
        picture = picture.convert("L")
    picture = _within(picture, side)
    picture = _converted(picture, profile) if profile and picture.mode in ("RGB", "CMYK", "L") else picture
    if picture.mode in ("RGBA", "LA", "PA", "RGBa", "La") or "transparency" in picture.info:
        picture = picture.convert("RGBA")
        white = Image.new("RGB", picture.size, "white")
        white.paste(picture, mask=picture.getchannel("A"))
        return white
    return picture.convert("RGB")


def _within(picture: Image.Image, side: int) -> Image.Image:
    """At most ``side`` pixels long. Photos made smaller lose nothing by Hamming's filter, which takes half of Lanczos' time."""
    from PIL import Image, ImageOps

    if max(picture.size) <= side:
        return picture
    return ImageOps.contain(picture, (side, side), Image.Resampling.HAMMING)


def _converted(picture: Image.Image, profile: bytes) -> Image.Image:
    from PIL import ImageCms

    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        return ImageCms.profileToProfile(picture, source, ImageCms.createProfile("sRGB"), outputMode="RGB") or picture
    except (ImageCms.PyCMSError, OSError, ValueError):
        return picture


def _upright(picture: Image.Image, orientation: Any) -> Image.Image:
    from PIL import Image

    turn = Image.Transpose
    turns = {
        2: turn.FLIP_LEFT_RIGHT,
        3: turn.ROTATE_180,
        4: turn.FLIP_TOP_BOTTOM,
        5: turn.TRANSPOSE,
        6: turn.ROTATE_270,
        7: turn.TRANSVERSE,
        8: turn.ROTATE_90,
    }
    step = turns.get(orientation) if isinstance(orientation, int) else None
    return picture.transpose(step) if step is not None else picture


def _encode(picture: Image.Image) -> bytes:
    """JPEG bytes of the pixels alone: a new image, so that nothing of the old one can travel along.

    Not WebP: it takes 8 to 30 times the processor's time for a third less bytes, and not every mail program shows it.
    """
    from PIL import Image

    bare = Image.new("RGB", picture.size)
    bare.paste(picture)
    buffer = io.BytesIO()
    bare.save(buffer, "JPEG", quality=QUALITY)
    return buffer.getvalue()


def blurred(data: bytes, boxes: Iterable[tuple[int, int, int, int]]) -> dict[str, bytes]:
    """All variants of a stored picture with rectangles ``(x, y, w, h)`` (pixels) made unrecognisable for good.

    A rectangle grows by a sixth, is averaged to ``BLOCKS`` x ``BLOCKS`` blocks, and those are smeared. Nine averages do not
    hold the seven signs of a plate; finer mosaics have been solved by trying all plates. The small variant is made of
    the large one. Raises ``BadPicture``.
    """
    from PIL import Image

    try:
        with Image.open(io.BytesIO(data), formats=("JPEG", "WEBP")) as stored:
            picture = stored.convert("RGB")
    except Exception as error:
        raise BadPicture("broken") from error
    for box in boxes:
        _hide(picture, box)
    variants = {}
    for name, side in VARIANTS.items():
        copy = picture.copy()
        copy.thumbnail((side, side), Image.Resampling.LANCZOS)
        variants[name] = _encode(copy)
    return variants


def _hide(picture: Image.Image, box: tuple[int, int, int, int]) -> None:
    from PIL import Image, ImageFilter

    x, y, w, h = box
    more = max(2, round(max(w, h) / 12))
    left, top = max(0, x - more), max(0, y - more)
    right, bottom = min(picture.width, x + w + more), min(picture.height, y + h + more)
    if right - left < 1 or bottom - top < 1:
        return
    piece = picture.crop((left, top, right, bottom))
    small = piece.resize((BLOCKS, BLOCKS), Image.Resampling.BOX)
    smear = ImageFilter.GaussianBlur(max(1.0, min(piece.size) / BLOCKS / 2))
    coarse = small.resize(piece.size, Image.Resampling.NEAREST).filter(smear)
    picture.paste(coarse, (left, top))


def _position(exif: Any) -> tuple[float, float] | None:
    """(longitude, latitude) of the GPS block (Exif 2.32, 4.6.6); None where it is absent, damaged or impossible."""
    try:
        gps = exif.get_ifd(_GPS_IFD)
        lat, lon = _degrees(gps[2], gps.get(1), "S"), _degrees(gps[4], gps.get(3), "W")
    except Exception:
        return None
    possible = math.isfinite(lat) and math.isfinite(lon) and abs(lat) <= 90 and abs(lon) <= 180
    return (round(lon, 6), round(lat, 6)) if possible and (lat or lon) else None


def _degrees(parts: Any, reference: Any, negative: str) -> float:
    degrees, minutes, seconds = (float(part) for part in (*parts, 0, 0)[:3])
    value = degrees + minutes / 60 + seconds / 3600
    letter = reference.decode("ascii", "ignore") if isinstance(reference, bytes) else str(reference or "")
    return -value if letter.strip("\x00 ").upper() == negative else value


def _taken_at(exif: Any) -> datetime | None:
    """When the picture was taken; without an offset the camera's clock is read as the city's."""
    try:
        block = exif.get_ifd(_EXIF_IFD)
        naive = datetime.strptime(str(block[_TAKEN]).strip("\x00 "), "%Y:%m:%d %H:%M:%S")  # noqa: DTZ007 - zone follows
        return naive.replace(tzinfo=_offset(str(block.get(_TAKEN_OFFSET, ""))) or clock.zone())
    except Exception:
        return None


def _offset(text: str) -> timezone | None:
    text = text.strip("\x00 ")
    if len(text) != 6 or text[0] not in "+-":
        return None
    hours, minutes = int(text[1:3]), int(text[4:6])
    return timezone((1 if text[0] == "+" else -1) * timedelta(hours=hours, minutes=minutes))
