"""Films and their captions: told by their content, freed of what the camera wrote into them. Nothing here decodes a picture.

MP4 is ISO/IEC 14496-12 (boxes), WebM is Matroska (EBML, RFC 8794 and RFC 9559), captions are WebVTT. Metadata are
overwritten in place by a filler of the same length (``free``, ``Void``), so that no offset of the film moves.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

KINDS = {"mp4": "video/mp4", "webm": "video/webm"}
CAPTIONS = {"vtt": "text/vtt"}
STREAMED = {**KINDS, **CAPTIONS}
CAPTIONS_MOST = 1_000_000
_BRANDS = {b"isom", b"iso2", b"iso4", b"iso5", b"iso6", b"mp41", b"mp42", b"avc1", b"M4V ", b"dash", b"MSNV"}
_CONTAINERS = {b"moov", b"trak", b"mdia", b"edts"}
_SAYS = {b"udta", b"meta", b"uuid"}
_TIMED = {b"mvhd", b"tkhd", b"mdhd"}
_EBML, _SEGMENT, _INFO, _TRACKS, _CLUSTER = 0x1A45DFA3, 0x18538067, 0x1549A966, 0x1654AE6B, 0x1F43B675
_TAGS, _ATTACHMENTS, _TITLE, _DATE, _CHAPTERS = 0x1254C367, 0x1941A469, 0x7BA9, 0x4461, 0x1043A770
_MOST_PARTS = 200_000


class BadFilm(ValueError):
    """Not a film that a browser can play, or a broken one."""


@dataclass(frozen=True, slots=True)
class _Part:
    """A box or an element: where it starts, where its content does, where it ends."""

    name: bytes | int
    start: int
    body: int
    end: int


def kind_of(head: bytes) -> str:
    """A key of ``KINDS`` by the first kilobytes of a file; empty for what is none."""
    if head[4:8] == b"ftyp":
        size = int.from_bytes(head[:4], "big")
        brands = {head[8:12], *(head[at : at + 4] for at in range(16, min(size, len(head)), 4))}
        return "mp4" if brands & _BRANDS else ""
    return "webm" if head[:4] == _EBML.to_bytes(4, "big") and b"webm" in head[:64] else ""


def clean(file: BinaryIO, kind: str) -> None:
    """Check the frame of a film, open for reading and writing, and overwrite its metadata. Raises ``BadFilm``."""
    (_clean_mp4 if kind == "mp4" else _clean_webm)(file)


def captions_of(data: bytes) -> bytes:
    """WebVTT in UTF-8 without a byte order mark; raises ``BadFilm`` for anything else."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise BadFilm("encoding") from error
    first = text.split("\n", 1)[0].rstrip("\r")
    if not (first == "WEBVTT" or first.startswith(("WEBVTT ", "WEBVTT\t"))) or "-->" not in text or "\x00" in text:
        raise BadFilm("captions")
    return text.encode()


def _size(file: BinaryIO) -> int:
    return file.seek(0, os.SEEK_END)


def _clean_mp4(file: BinaryIO) -> None:
    found: set[bytes] = set()
    video = False
    for box in _boxes(file, 0, _size(file)):
        found.add(bytes(box.name))  # type: ignore[arg-type]
        if box.name in _SAYS:
            _free(file, box)
        elif box.name in _TIMED:
            _zero_times(file, box)
        elif box.name == b"hdlr":
            file.seek(box.body + 8)
            video = file.read(4) == b"vide" or video
    if not (video and {b"moov", b"mdat"} <= found):
        raise BadFilm("frame")


def _boxes(file: BinaryIO, start: int, end: int) -> Iterator[_Part]:
    """The boxes between two offsets, depth first; the content of ``_CONTAINERS`` too."""
    at, count = start, 0
    while at + 8 <= end:
        file.seek(at)
        head = file.read(16)
        size, name, body = int.from_bytes(head[:4], "big"), head[4:8], at + 8
        if size == 1:
            size, body = int.from_bytes(head[8:16], "big"), at + 16
        stop = end if size == 0 else at + size
        count += 1
        if stop > end or stop < body or count > _MOST_PARTS:
            raise BadFilm("broken")
        yield _Part(name, at, body, stop)
        if name in _CONTAINERS:
            yield from _boxes(file, body, stop)
        at = stop


def _free(file: BinaryIO, box: _Part) -> None:
    file.seek(box.start + 4)
    file.write(b"free")
    _zero(file, box.body, box.end)


def _zero(file: BinaryIO, start: int, end: int) -> None:
    file.seek(start)
    while start < end:
        start += file.write(bytes(min(end - start, 1 << 20)))


def _zero_times(file: BinaryIO, box: _Part) -> None:
    """When it was filmed and changed: two numbers of 4 bytes, of 8 in version 1."""
    file.seek(box.body)
    width = 8 if file.read(1) == b"\x01" else 4
    _zero(file, box.body + 4, min(box.body + 4 + 2 * width, box.end))


def _clean_webm(file: BinaryIO) -> None:
    end = _size(file)
    top = list(_elements(file, 0, end))
    if not top or top[0].name != _EBML or not any(one.name == _SEGMENT for one in top):
        raise BadFilm("frame")
    segment = next(one for one in top if one.name == _SEGMENT)
    video = False
    for one in _elements(file, segment.body, segment.end):
        if one.name == _TRACKS:
            file.seek(one.body)
            video = b"\x83\x81\x01" in file.read(min(one.end - one.body, 1 << 20))
        elif one.name == _INFO:
            for inner in list(_elements(file, one.body, one.end)):
                if inner.name in (_TITLE, _DATE):
                    _void(file, inner)
        elif one.name in (_TAGS, _ATTACHMENTS, _CHAPTERS):
            _void(file, one)
    if not video:
        raise BadFilm("frame")


def _elements(file: BinaryIO, start: int, end: int) -> Iterator[_Part]:
    """The elements between two offsets. One of unknown size reaches to the end; after such a cluster nothing is told."""
    at, count = start, 0
    while at + 2 <= end:
        file.seek(at)
        head = file.read(12)
        wide = _width(head[0], 4)
        long = _width(head[wide], 8)
        value = int.from_bytes(head[wide : wide + long], "big") & ((1 << 7 * long) - 1)
        body = at + wide + long
        stop = end if value == (1 << 7 * long) - 1 else body + value
        count += 1
        if stop > end or count > _MOST_PARTS:
            raise BadFilm("broken")
        yield _Part(int.from_bytes(head[:wide], "big"), at, body, stop)
        at = stop


def _width(first: int, most: int) -> int:
    """How many bytes a number of EBML takes, by its first byte."""
    width = 9 - first.bit_length()
    if first == 0 or width > most:
        raise BadFilm("broken")
    return width


def _void(file: BinaryIO, one: _Part) -> None:
    """Overwrite an element by a ``Void`` of the same length."""
    whole = one.end - one.start
    file.seek(one.start)
    if whole >= 9:
        file.write(b"\xec" + ((1 << 56) | (whole - 9)).to_bytes(8, "big"))
        _zero(file, one.start + 9, one.end)
    else:
        file.write(b"\xec" + (0x80 | (whole - 2)).to_bytes(1, "big") + bytes(whole - 2))
