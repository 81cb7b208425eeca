"""The labelled corpus of personal data in sentences, and how well the finder does on it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from miasto.kernel.core.personal import Span, find, known

CORPUS, HELD_OUT = (Path(__file__).with_name(f"personal_{name}.txt") for name in ("corpus", "held_out"))
_LABEL = re.compile(r"«(\w+):([^»]*)»")
CITY = known(
    names=(
        *("Jana Kilińskiego", "Henryka Sienkiewicza", "Warszawska", "Jasna", "Lipowa", "Krakowska", "Na Stoku", "Rynek"),
        *("Park Stanisława Staszica", "Plac Wolności", "Jana Pawła II", "Aleja Solidarności", "Silnica", "Dworzec"),
    ),
    contacts=("41 367 60 00", "kontakt@urzad.example"),
)


@dataclass(frozen=True)
class Sentence:
    """A sentence and the personal data in it."""

    text: str
    labels: tuple[Span, ...]


def sentences(file: Path = CORPUS) -> list[Sentence]:
    """The sentences of a file."""
    lines = file.read_text("utf-8").splitlines()
    return [_read(line) for line in lines if line.strip() and not line.startswith("#")]


def _read(line: str) -> Sentence:
    text, labels, at = "", [], 0
    for match in _LABEL.finditer(line):
        text += line[at : match.start()]
        labels.append(Span(len(text), len(text) + len(match.group(2)), match.group(1)))
        text += match.group(2)
        at = match.end()
    return Sentence(text + line[at:], tuple(labels))


@dataclass
class Score:
    """How many labels of a kind were wholly covered, how many not, and how many findings cover none."""

    right: int = 0
    missed: int = 0
    wrong: int = 0

    def __str__(self) -> str:
        count = self.right + self.missed
        return f"{count} | {self.precision:.2f} | {self.recall:.2f}" if count else "0 | – | –"

    @property
    def recall(self) -> float:
        return self.right / (self.right + self.missed or 1)

    @property
    def precision(self) -> float:
        return self.right / (self.right + self.wrong or 1)


def measure(file: Path = CORPUS) -> tuple[dict[str, Score], list[str]]:
    """Scores by kind, and a line for each error. A label counts as found where findings cover all of its letters."""
    scores: dict[str, Score] = {}
    errors = []
    for sentence in sentences(file):
        found = find(sentence.text, CITY)
        hidden = {at for span in found for at in range(span.start, span.end)}
        for label in sentence.labels:
            score = scores.setdefault(label.kind, Score())
            if all(at in hidden for at in range(label.start, label.end)):
                score.right += 1
            else:
                score.missed += 1
                errors.append(f"missed {label.kind}: {sentence.text}")
        for span in found:
            if not any(span.start < label.end and label.start < span.end for label in sentence.labels):
                scores.setdefault(span.kind, Score()).wrong += 1
                errors.append(f"wrong {span.kind} „{sentence.text[span.start : span.end]}”: {sentence.text}")
    return scores, errors


def table() -> str:
    """The scores of both files as a Markdown table."""
    rows = []
    (tuned, _errors), (held_out, _more) = measure(), measure(HELD_OUT)
    for kind in sorted({*tuned, *held_out}):
        one, other = tuned.get(kind, Score()), held_out.get(kind, Score())
        numbers = map(str, (one, other))
        rows.append(f"| {kind} | {' | '.join(numbers)} |")
    head = "| kind | corpus | precision | recall | held out | precision | recall |"
    return "\n".join([head, "|---|---|---|---|---|---|---|", *rows])
