"""Reader of Pabulib ``.pb`` files (pabulib.org/format; Stolicki, Szufa, Talmon 2020, arXiv:2012.06539)."""

from __future__ import annotations

import csv
import hashlib
import io
import re
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

import numpy as np

from miasto.kernel.participation.counting import limits
from miasto.kernel.participation.counting.model import CountingError, Election, Project

SECTIONS = ("META", "PROJECTS", "VOTES")
APPROVAL = ("approval", "choose-1")
POINTS = ("cumulative", "scoring")
VOTE_TYPES = (*APPROVAL, *POINTS, "ordinal")
NUMBER = re.compile(r"[+-]?\d+(?:[.,]\d+)?")
Row = tuple[int, list[str]]


class FileError(CountingError):
    """The file is not what the standard says; knows the file, the line and the column (both from 1)."""

    def __init__(self, words: str, *, file: str = "", line: int = 0, column: int = 0) -> None:
        self.words, self.file, self.line, self.column = words, file, line, column
        place = [part for part in (file, f"wiersz {line}" if line else "", f"kolumna {column}" if column else "") if part]
        super().__init__(f"{', '.join(place)}: {words}" if place else words)


def read(path: str | Path) -> Election:
    """The election of a file. Raises ``FileError`` with line and column; ``OSError`` where there is no such file."""
    return parse(Path(path).read_bytes(), file=Path(path).name)


def parse(data: bytes, *, file: str = "") -> Election:
    """The election in the bytes of a ``.pb`` file; ``sha256`` is the hash of exactly these bytes."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as wrong:
        line = data.count(b"\n", 0, wrong.start) + 1
        column = wrong.start - data.rfind(b"\n", 0, wrong.start)
        raise FileError("to nie jest tekst w kodowaniu UTF-8", file=file, line=line, column=column) from None
    return _Reader(text, file).election(hashlib.sha256(data).hexdigest())


def number(text: str) -> Fraction:
    """An exact number; the standard allows ``500000.00``, files in use also have a decimal comma. Else ``ValueError``."""
    if not NUMBER.fullmatch(text.strip()):
        raise ValueError(text)
    return Fraction(text.strip().replace(",", "."))


def scaled(values: Sequence[Fraction]) -> tuple[list[int], int]:
    """``(whole numbers, scale)`` with value = number / scale, the scale being the least power of ten that does."""
    scale = 1
    while any((value * scale).denominator != 1 for value in values):
        scale *= 10
    return [int(value * scale) for value in values], scale


class _Reader:
    """Reads one text. The parts are kept with their line numbers, so that an error can say where it is."""

    def __init__(self, text: str, file: str) -> None:
        self.text, self.file = text, file

    def election(self, sha256: str) -> Election:
        sections = self._sections()
        meta = self._meta(sections["META"])
        heads, projects = self._table("PROJECTS", sections["PROJECTS"], ("project_id", "cost"))
        ids, costs = self._ids(heads, projects), self._costs(heads, projects)
        (budget, *costs), scale = scaled([self._meta_number(meta, "budget"), *costs])
        vote_type = self._vote_type(meta)
        rows = [[cell.strip() for cell in row] for _line, row in projects]
        election = Election(
            projects=[
                Project(one, cost, dict(zip(heads, row, strict=True))) for one, cost, row in zip(ids, costs, rows, strict=True)
            ],
            budget=budget,
            scale=scale,
            ends=np.zeros(1, dtype=np.int64),
            chosen=np.zeros(0, dtype=np.int32),
            points=np.zeros(0, dtype=np.int64),
            vote_type=vote_type,
            meta={key: value for key, (value, _line) in meta.items()},
            sha256=sha256,
        )
        self._votes(sections["VOTES"], election, meta)
        self._totals(meta, election)
        election.warnings = limits.broken(election)
        return election

    def fail(self, words: str, line: int = 0, cell: int = -1, offset: int = 0) -> FileError:
        """An error at a cell (its number from 0) of a line, ``offset`` characters into the cell."""
        return FileError(words, file=self.file, line=line, column=self._column(line, cell) + offset if cell >= 0 else 0)

    def _column(self, line: int, cell: int) -> int:
        text = self.text.split("\n")[line - 1]
        quoted = False
        for position, letter in enumerate(text):
            if cell == 0:
                return position + 1 + (len(text[position:]) - len(text[position:].lstrip()))
            quoted ^= letter == '"'
            cell -= letter == ";" and not quoted
        return len(text) + 1

    def _sections(self) -> dict[str, list[Row]]:
        found: dict[str, list[Row]] = {}
        rows: list[Row] | None = None
        reader = csv.reader(io.StringIO(self.text, newline=""), delimiter=";", strict=True)
        line = 1
        try:
            for row in reader:
                title = row[0].strip().upper() if row else ""
                if title in SECTIONS and not any(cell.strip() for cell in row[1:]):
                    if len(found) == 3 or title != SECTIONS[len(found)]:
                        raise self.fail(f"część {title} jest nie na swoim miejscu; kolejność to META, PROJECTS, VOTES", line, 0)
                    rows = found[title] = []
                elif len(row) > 1 or title:
                    if rows is None:
                        raise self.fail("plik ma się zaczynać od wiersza META", line, 0)
                    rows.append((line, row))
                line = reader.line_num + 1
        except csv.Error:
            raise self.fail("cudzysłów nie jest zamknięty albo stoi w środku pola", line, 0) from None
        missing = [name for name in SECTIONS if name not in found]
        if missing:
            raise self.fail(f"brakuje części {', '.join(missing)}", line)
        return found

    def _meta(self, rows: list[Row]) -> dict[str, tuple[str, int]]:
        heads, rest = self._table("META", rows, ("key", "value"))
        meta: dict[str, tuple[str, int]] = {}
        for line, row in rest:
            key, value = row[heads.index("key")].strip(), row[heads.index("value")].strip()
            if key in meta:
                raise self.fail(f"pole „{key}” jest podane po raz drugi (pierwszy raz w wierszu {meta[key][1]})", line, 0)
            meta[key] = (value, line)
        return meta

    def _meta_number(self, meta: dict[str, tuple[str, int]], key: str) -> Fraction:
        if key not in meta:
            raise self.fail(f"w części META brakuje pola „{key}”")
        value, line = meta[key]
        try:
            found = number(value)
        except ValueError:
            raise self.fail(f"„{value}” to nie jest liczba (pole „{key}”)", line, 1) from None
        if found < 0:
            raise self.fail(f"pole „{key}” nie może być ujemne", line, 1)
        return found

    def _vote_type(self, meta: dict[str, tuple[str, int]]) -> str:
        if "vote_type" not in meta:
            raise self.fail("w części META brakuje pola „vote_type”")
        value, line = meta["vote_type"]
        if value not in VOTE_TYPES:
            raise self.fail(f"nieznany rodzaj głosu „{value}”; standard zna: {', '.join(VOTE_TYPES)}", line, 1)
        return value

    def _table(self, section: str, rows: list[Row], needed: tuple[str, ...]) -> tuple[list[str], list[Row]]:
        if not rows:
            raise self.fail(f"część {section} jest pusta: brakuje wiersza z nazwami kolumn")
        line, first = rows[0]
        heads = [cell.strip() for cell in first]
        for position, name in enumerate(heads):
            if name in heads[:position]:
                raise self.fail(f"kolumna „{name}” jest podana dwa razy", line, position)
        for name in needed:
            if name not in heads:
                raise self.fail(f"w części {section} brakuje kolumny „{name}”", line, 0)
        for line, row in rows[1:]:
            if len(row) != len(heads):
                words = f"wiersz ma pól: {len(row)}, a nazw kolumn jest {len(heads)} (część {section})"
                raise self.fail(words, line, min(len(row), len(heads)) - 1)
        return heads, rows[1:]

    def _ids(self, heads: list[str], rows: list[Row]) -> list[str]:
        at, seen = heads.index("project_id"), {}
        for line, row in rows:
            one = row[at].strip()
            if not one or "," in one:
                raise self.fail("numer projektu nie może być pusty ani mieć przecinka", line, at)
            if one in seen:
                raise self.fail(f"projekt „{one}” jest podany po raz drugi (pierwszy raz w wierszu {seen[one]})", line, at)
            seen[one] = line
        return list(seen)

    def _costs(self, heads: list[str], rows: list[Row]) -> list[Fraction]:
        at, costs = heads.index("cost"), []
        for line, row in rows:
            try:
                costs.append(number(row[at]))
            except ValueError:
                raise self.fail(f"koszt „{row[at].strip()}” to nie jest liczba", line, at) from None
            if costs[-1] < 0:
                raise self.fail("koszt nie może być ujemny", line, at)
        return costs

    def _votes(self, rows: list[Row], election: Election, meta: dict[str, tuple[str, int]]) -> None:
        with_points = election.vote_type in POINTS
        heads, rest = self._table("VOTES", rows, ("voter_id", "vote", "points") if with_points else ("voter_id", "vote"))
        columns = [[cell.strip() for cell in column] for column in zip(*(row for _line, row in rest), strict=True)]
        columns = columns or [[] for _name in heads]
        lines, at = [line for line, _row in rest], heads.index("vote")
        votes = columns[at]
        counts = np.fromiter((vote.count(",") + 1 if vote else 0 for vote in votes), dtype=np.int64, count=len(votes))
        election.ends = np.concatenate([[0], np.cumsum(counts)])
        index = {project.id: position for position, project in enumerate(election.projects)}
        names = _split(votes)
        try:
            election.chosen = np.fromiter(map(index.__getitem__, names), dtype=np.int32, count=len(names))
        except KeyError:
            raise self._unknown(index, votes, lines, at) from None
        self._once(election, lines, at)
        if election.vote_type == "choose-1" and (counts > 1).any():
            raise self.fail("głos „choose-1” może wskazać tylko jeden projekt", lines[int(np.argmax(counts > 1))], at)
        if with_points or (election.vote_type == "ordinal" and "points" in heads):
            self._points(election, columns[heads.index("points")], lines, heads.index("points"))
        elif election.vote_type == "ordinal":
            self._borda(election, meta)
        else:
            election.points = np.ones(len(election.chosen), dtype=np.int64)
        if election.vote_type == "scoring" and "default_score" in meta:
            self._default_score(election, meta)
        election.voters = {name: column for name, column in zip(heads, columns, strict=True) if name not in ("vote", "points")}

    def _unknown(self, index: dict[str, int], votes: list[str], lines: list[int], at: int) -> FileError:
        for line, vote in zip(lines, votes, strict=True):
            offset = 0
            for name in vote.split(",") if vote else ():
                if name.strip() not in index:
                    words = (
                        f"głos na projekt „{name.strip()}”, którego nie ma w części PROJECTS"
                        if name.strip()
                        else "pusty numer projektu"
                    )
                    return self.fail(words, line, at, offset)
                offset += len(name) + 1
        raise AssertionError("every project is known")

    def _once(self, election: Election, lines: list[int], at: int) -> None:
        keys = (election.owner * max(1, len(election.projects)) + election.chosen)[election.in_order]
        twice = np.flatnonzero(keys[1:] == keys[:-1])
        if len(twice):
            ballot, project = divmod(int(keys[twice[0]]), len(election.projects))
            raise self.fail(f"projekt „{election.projects[project].id}” jest w tym głosie dwa razy", lines[ballot], at)

    def _points(self, election: Election, cells: list[str], lines: list[int], at: int) -> None:
        counts = np.fromiter((cell.count(",") + 1 if cell else 0 for cell in cells), dtype=np.int64, count=len(cells))
        uneven = np.flatnonzero(counts != np.diff(election.ends))
        if len(uneven):
            row = int(uneven[0])
            words = f"projektów w głosie jest {int(np.diff(election.ends)[row])}, a liczb punktów {int(counts[row])}"
            raise self.fail(words, lines[row], at)
        texts = _split(cells)
        try:
            election.points = np.fromiter(map(int, texts), dtype=np.int64, count=len(texts))
        except (ValueError, OverflowError):
            election.points, election.points_scale = self._decimal_points(cells, lines, at)
        if election.vote_type != "scoring" and (election.points < 0).any():
            row = int(election.owner[np.argmax(election.points < 0)])
            raise self.fail("punkty nie mogą być ujemne", lines[row], at)

    def _decimal_points(self, cells: list[str], lines: list[int], at: int) -> tuple[np.ndarray, int]:
        values = []
        for line, cell in zip(lines, cells, strict=True):
            offset = 0
            for text in cell.split(",") if cell else ():
                try:
                    values.append(number(text))
                except ValueError:
                    raise self.fail(f"punkty „{text.strip()}” to nie jest liczba", line, at, offset) from None
                if abs(values[-1]) > 10**9:
                    raise self.fail("tak dużej liczby punktów nie da się policzyć", line, at, offset)
                offset += len(text) + 1
        whole, scale = scaled(values)
        if scale > 10**6:
            raise self.fail("punkty mają więcej niż sześć miejsc po przecinku", lines[0], at)
        return np.array(whole, dtype=np.int64), scale

    def _borda(self, election: Election, meta: dict[str, tuple[str, int]]) -> None:
        """Points by place where the file has none: the standard's default ``Borda`` with ``max_length`` (all projects)."""
        function, line = meta.get("scoring_fn", ("Borda", 0))
        if function.lower() != "borda":
            raise self.fail(
                f"nieznany sposób punktowania „{function}”; bez kolumny „points” liczymy tylko metodą Borda", line, 1
            )
        longest = int(self._meta_number(meta, "max_length")) if "max_length" in meta else len(election.projects)
        places = np.arange(len(election.chosen)) - np.repeat(election.ends[:-1], np.diff(election.ends))
        election.points = np.maximum(longest - places, 0).astype(np.int64)

    def _default_score(self, election: Election, meta: dict[str, tuple[str, int]]) -> None:
        value, line = meta["default_score"]
        try:
            score = number(value) * election.points_scale
        except ValueError:
            raise self.fail(f"„{value}” to nie jest liczba (pole „default_score”)", line, 1) from None
        if score.denominator != 1:
            raise self.fail("„default_score” ma więcej miejsc po przecinku niż punkty w głosach", line, 1)
        election.default_score = int(score)

    def _totals(self, meta: dict[str, tuple[str, int]], election: Election) -> None:
        for key, counted in (("num_projects", len(election.projects)), ("num_votes", election.ballots)):
            if key in meta and self._meta_number(meta, key) != counted:
                raise self.fail(
                    f"„{key}” mówi {meta[key][0]}, a w pliku jest {counted}; plik jest uszkodzony lub niepełny", meta[key][1], 1
                )


def _split(cells: list[str]) -> list[str]:
    """All parts of all cells in order; an empty cell has none."""
    joined = ",".join(cell for cell in cells if cell)
    if not joined:
        return []
    parts = joined.split(",")
    return [part.strip() for part in parts] if " " in joined or "\t" in joined else parts
