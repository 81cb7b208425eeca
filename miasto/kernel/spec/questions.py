"""Questions put to people, as data: in the form of a case's category, in a survey."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

TEXT_KINDS = ("text", "long_text")
KINDS = (*TEXT_KINDS, "choice", "choices", "boolean", "number", "scale", "matrix", "date", "ranking", "marks")
OTHER = "other"


@dataclass(frozen=True, kw_only=True)
class Question:
    """A question of a form. ``choices`` is ``((value, label), ...)``; answers marked ``public`` are shown to everybody.

    ``kind``: "text" (a line), "long_text", "choice" (one of the choices), "choices" (several, kept as their values with commas
    between), "boolean", "number" (from ``least`` to ``most``), "scale" (whole numbers ``least`` to ``most``, words ``ends`` at
    its ends), "matrix" (one of the choices for each of ``rows``), "date", "ranking" (the choices put in order), "marks" (from
    ``least`` to ``most`` places of ``shapes`` on the map, ``parts`` asked of each). ``other`` adds an answer in one's own words
    to the choices. ``when`` is ``(key of an earlier question, values)``: asked only after one of these answers.
    """

    key: str
    label: Any
    kind: str = "text"
    hint: Any = ""
    required: bool = False
    choices: tuple[tuple[str, Any], ...] = ()
    public: bool = False
    other: bool = False
    rows: tuple[tuple[str, Any], ...] = ()
    least: int | None = None
    most: int | None = None
    ends: tuple[Any, Any] = ("", "")
    shapes: tuple[str, ...] = ()
    parts: tuple[Question, ...] = ()
    when: tuple[str, tuple[str, ...]] | None = None

    @property
    def steps(self) -> range:
        """The numbers of a scale."""
        return range(1 if self.least is None else self.least, (5 if self.most is None else self.most) + 1)

    def asked(self, answers: Mapping[str, Any]) -> bool:
        """Whether the question is put to somebody who gave these answers."""
        if self.when is None:
            return True
        key, values = self.when
        given = answers.get(key)
        said = given.split(",") if isinstance(given, str) else given if isinstance(given, list) else [given]
        return any(str(one) in values for one in said if one not in (None, ""))
