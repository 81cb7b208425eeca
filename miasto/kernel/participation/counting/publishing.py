"""Writes ``.pb`` files that anybody may have: ballots without voters, in an order that tells nothing.

``anonymous`` leaves out what the voters said of themselves wherever fewer than ``least`` of them said the same.
"""

from __future__ import annotations

import csv
import hashlib
import io
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction

from miasto.kernel.participation.counting.model import Election

LEAST = 10
POINTED = ("cumulative", "scoring", "ordinal")


@dataclass(frozen=True)
class Ballot:
    """One ballot as published: ``(project id, points)`` in the voter's order, and what the voter said (age group, sex...)."""

    marks: tuple[tuple[str, int | Fraction], ...]
    said: Mapping[str, str] = field(default_factory=dict)


def anonymous(ballots: Sequence[Ballot], attributes: Sequence[str], *, least: int = LEAST) -> list[tuple[str, ...]]:
    """What each ballot may say, one text per attribute, empty where left out.

    Each combination that appears is shared by at least ``least`` ballots. A combination with fewer loses its last attribute,
    then the one before, until it is shared; what is left with nothing to say takes further small groups with it, so that the
    silent ones are not few either. Fewer than ``least`` ballots in all say nothing.
    """
    said = [tuple(ballot.said.get(name, "") for name in attributes) for ballot in ballots]
    for kept in range(len(attributes) - 1, -1, -1):
        few = {one for one, many in Counter(said).items() if many < least}
        said = [(*one[:kept], *("",) * (len(attributes) - kept)) if one in few else one for one in said]
    silent = ("",) * len(attributes)
    while 0 < (counts := Counter(said))[silent] < least and len(counts) > 1:
        smallest = min((one for one in counts if one != silent), key=lambda one: (counts[one], one))
        said = [silent if one == smallest else one for one in said]
    return said


def write(
    meta: Mapping[str, str | int],
    projects: Sequence[Mapping[str, str | int]],
    ballots: Sequence[Ballot],
    *,
    attributes: Sequence[str] = (),
    least: int = LEAST,
) -> bytes:
    """The bytes of the file, UTF-8 with ``\\n``; the same ballots in any order give the same bytes.

    ``meta`` without ``num_projects`` and ``num_votes``, which are counted; ``projects`` with ``project_id`` and ``cost`` first.
    Voters are numbered in the order of the file, which is sorted by what the ballots say: neither tells who voted or when.
    """
    pointed = meta["vote_type"] in POINTED
    said = anonymous(ballots, attributes, least=least)
    place = {str(project["project_id"]): at for at, project in enumerate(projects)}
    marks = [_in_order(ballot, str(meta["vote_type"]), place) for ballot in ballots]
    rows = sorted(_cells(one, pointed) + list(words) for one, words in zip(marks, said, strict=True))
    out = io.StringIO(newline="")
    to = csv.writer(out, delimiter=";", lineterminator="\n")
    to.writerow(["META"])
    to.writerow(["key", "value"])
    to.writerows(_with_counts(meta, len(projects), len(ballots)).items())
    to.writerow(["PROJECTS"])
    columns = list(projects[0]) if projects else ["project_id", "cost"]
    to.writerow(columns)
    to.writerows([project[name] for name in columns] for project in projects)
    to.writerow(["VOTES"])
    to.writerow(["voter_id", "vote", *(["points"] if pointed else []), *attributes])
    to.writerows([number, *row] for number, row in enumerate(rows, 1))
    return out.getvalue().encode()


def sha256(data: bytes) -> str:
    """The hash that is published beside the file; ``sha256sum FILE.pb`` says the same."""
    return hashlib.sha256(data).hexdigest()


def of_election(election: Election, *, attributes: Sequence[str] = (), least: int = LEAST) -> bytes:
    """An election that was read, written again as ``write`` does, with some columns of its voters."""
    ids, unit = [project.id for project in election.projects], election.points_scale
    ends, chosen = election.ends.tolist(), election.chosen.tolist()
    points = [Fraction(one, unit) for one in election.points.tolist()]
    columns = [election.voters[name] for name in attributes]
    said = [dict(zip(attributes, words, strict=True)) for words in zip(*columns, strict=True)] or [{}] * election.ballots
    ballots = [
        Ballot(tuple((ids[chosen[at]], points[at]) for at in range(start, end)), words)
        for start, end, words in zip(ends, ends[1:], said, strict=False)
    ]
    return write(election.meta, [project.columns for project in election.projects], ballots, attributes=attributes, least=least)


def _in_order(ballot: Ballot, vote_type: str, place: Mapping[str, int]) -> list[tuple[str, int | Fraction]]:
    """The projects as the standard lists them: places as ranked, points from the most, approvals as on the ballot.

    In which order somebody ticked the boxes is nobody's business.
    """
    if vote_type == "ordinal":
        return list(ballot.marks)
    return sorted(ballot.marks, key=lambda mark: (-mark[1] if vote_type in POINTED else 0, place[mark[0]]))


def _cells(marks: Sequence[tuple[str, int | Fraction]], pointed: bool) -> list[str]:
    votes = ",".join(one for one, _points in marks)
    return [votes, ",".join(_number(points) for _one, points in marks)] if pointed else [votes]


def _number(points: int | Fraction) -> str:
    value = Fraction(points)
    if value.denominator == 1:
        return str(value.numerator)
    if 10**6 % value.denominator:
        raise ValueError(f"{points} is no decimal number of at most six places")
    return f"{float(value):.6f}".rstrip("0")


def _with_counts(meta: Mapping[str, str | int], projects: int, ballots: int) -> dict[str, str | int]:
    """META in the standard's order, with the counts before the budget."""
    counted = {"num_projects": projects, "num_votes": ballots}
    head = {name: meta[name] for name in ("description", "country", "unit", "subunit", "instance") if name in meta}
    return {**head, **counted, **{name: value for name, value in meta.items() if name not in head and name not in counted}}
