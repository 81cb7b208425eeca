"""The trained model as plain numbers: what the web process holds. It needs numpy and no machine-learning library.

A stored model is ``MAGIC``, the length of a JSON header, the header (compressed), and the arrays in little-endian floats;
nothing in it is ever executed, and a damaged or shortened one is refused.
"""

from __future__ import annotations

import hashlib
import json
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from miasto.modules.contact_centre.likeness.features import features

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

MAGIC = b"MIASTO-LINEAR-1\n"
DIGEST = 32
KNOWN_SHARE = 0.2
HEADER_MOST = 64_000_000


class BadModel(ValueError):
    """Stored bytes that are no model of this form."""


@dataclass(frozen=True, eq=False)
class LinearModel:
    """A linear classifier over binary features.

    ``terms`` gives the row of each feature, ``idf`` (rows,) its weight in a text, ``weights`` (rows, categories) and ``bias``
    (categories,) the scores; scores divided by ``temperature`` are log-odds whose softmax is calibrated. Under ``silence``
    (0..1) the best guess is not worth showing.
    """

    categories: tuple[str, ...]
    terms: dict[str, int]
    idf: NDArray[np.float32]
    weights: NDArray[np.float32]
    bias: NDArray[np.float32]
    temperature: float = 1.0
    silence: float = 0.0

    def probabilities(self, text: str) -> NDArray[np.float32] | None:
        """The probability (0..1) of each category, in the order of ``categories``; None for an unknown text."""
        scores = self.scores(text)
        return None if scores is None else softmax(scores / self.temperature)

    def scores(self, text: str) -> NDArray[np.float32] | None:
        """The raw scores; None for a text of which the model knows less than ``KNOWN_SHARE``."""
        import numpy as np

        said = features(text)
        rows = [row for row in map(self.terms.get, said) if row is not None]
        if not rows or len(rows) < KNOWN_SHARE * len(said):
            return None
        rows.sort()
        at = np.array(rows)
        values = self.idf[at]
        values /= np.sqrt((values * values).sum())
        return values @ self.weights[at] + self.bias

    def best(self, text: str, limit: int) -> list[tuple[str, float]]:
        """The most probable categories with their probabilities, best first; none for an unknown text."""
        found = self.probabilities(text)
        if found is None:
            return []
        order = found.argsort()[::-1][:limit]
        return [(self.categories[at], float(found[at])) for at in order]

    def to_bytes(self) -> bytes:
        """The model to be stored; weights are kept in 16 bits."""
        header = {
            "categories": self.categories,
            "terms": sorted(self.terms, key=self.terms.__getitem__),
            "temperature": self.temperature,
            "silence": self.silence,
        }
        packed = zlib.compress(json.dumps(header, ensure_ascii=False).encode())
        arrays = self.idf.astype("<f4").tobytes() + self.bias.astype("<f4").tobytes() + self.weights.astype("<f2").tobytes()
        body = MAGIC + len(packed).to_bytes(4, "big") + packed + arrays
        return body + hashlib.sha256(body).digest()

    @classmethod
    def from_bytes(cls, data: bytes) -> LinearModel:
        """Read what ``to_bytes`` made; raises ``BadModel``."""
        header, arrays = _opened(bytes(data))
        return _built(cls, header, arrays)


def softmax(scores: Any) -> Any:
    """Scores (…, categories) as probabilities."""
    import numpy as np

    raised = np.exp(scores - scores.max(axis=-1, keepdims=True))
    return raised / raised.sum(axis=-1, keepdims=True)


def _opened(data: bytes) -> tuple[dict[str, Any], bytes]:
    body, digest = data[:-DIGEST], data[-DIGEST:]
    if not body.startswith(MAGIC) or hashlib.sha256(body).digest() != digest:
        raise BadModel("the stored model is damaged or of another form")
    start = len(MAGIC) + 4
    end = start + int.from_bytes(body[len(MAGIC) : start], "big")
    try:
        header = json.loads(zlib.decompressobj().decompress(body[start:end], HEADER_MOST))
    except (zlib.error, ValueError) as error:
        raise BadModel("the header of the stored model cannot be read") from error
    return header, body[end:]


def _built(cls: type[LinearModel], header: dict[str, Any], arrays: bytes) -> LinearModel:
    import numpy as np

    rows, columns = len(header["terms"]), len(header["categories"])
    if len(arrays) != 4 * rows + 4 * columns + 2 * rows * columns:
        raise BadModel("the stored model has other numbers than its header says")
    idf = np.frombuffer(arrays, "<f4", rows)
    bias = np.frombuffer(arrays, "<f4", columns, offset=4 * rows)
    weights = np.frombuffer(arrays, "<f2", rows * columns, offset=4 * (rows + columns)).reshape(rows, columns)
    return cls(
        categories=tuple(header["categories"]),
        terms={term: row for row, term in enumerate(header["terms"])},
        idf=idf.astype(np.float32),
        weights=weights.astype(np.float32),
        bias=bias.astype(np.float32),
        temperature=float(header["temperature"]),
        silence=float(header["silence"]),
    )
