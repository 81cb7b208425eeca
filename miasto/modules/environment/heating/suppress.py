"""Counts that tell of no household: small cells are hidden, and so are others from which they could be computed.

A table is ``{(row, column): count}`` with all rows and columns; margins are added here. Primary: a count from 1 to k - 1.
Complementary (Willenborg and de Waal, Elements of Statistical Disclosure Control, 2001, ch. 6): in each line with its margin
never one hidden cell alone, and what is hidden in a line adds up to k at least. Lines are not enough: sums of several lines may
still leave one cell over, so at last all sums are solved at once, as an attacker would.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping

LEAST = 10
TOTAL = "__total__"
SURE = 1e-9
Cell = tuple[Hashable, Hashable]


def with_margins(table: Mapping[Cell, int]) -> dict[Cell, int]:
    """The table with its row and column sums under ``TOTAL``."""
    found = dict(table)
    for (row, column), count in table.items():
        for key in ((row, TOTAL), (TOTAL, column), (TOTAL, TOTAL)):
            found[key] = found.get(key, 0) + count
    return found


def protected(table: Mapping[Cell, int], least: int = LEAST) -> dict[Cell, int | None]:
    """The table with margins; None for what is not told."""
    full = with_margins(table)
    hidden = {cell for cell, count in full.items() if 0 < count < least}
    lines = _lines(full)
    while True:
        _hide_by_lines(lines, full, hidden, least)
        left_over = next((cell for cell in _computable(lines, hidden) if full[cell] < least), None)
        more = _beside(left_over, full, hidden) if left_over is not None else None
        if more is None:
            return {cell: None if cell in hidden else count for cell, count in full.items()}
        hidden.add(more)


def _hide_by_lines(lines: list[list[Cell]], full: Mapping[Cell, int], hidden: set[Cell], least: int) -> None:
    changed = True
    while changed:
        changed = False
        for line in lines:
            more = _more(line, full, hidden, least)
            if more is not None:
                hidden.add(more)
                changed = True


def _computable(lines: list[list[Cell]], hidden: set[Cell]) -> list[Cell]:
    """The hidden cells whose value follows from all sums together: those in which no two solutions differ."""
    import numpy as np

    order = {cell: place for place, cell in enumerate(sorted(hidden, key=str))}
    sums = np.zeros((len(lines), len(order)))
    for number, line in enumerate(lines):
        for cell in line:
            if cell in order:
                sums[number, order[cell]] = -1.0 if _is_sum(cell, line) else 1.0
    if not order:
        return []
    _left, strengths, right = np.linalg.svd(sums)
    free = right[int((strengths > SURE).sum()) :]
    return [cell for cell, place in order.items() if not free.size or float(np.abs(free[:, place]).max()) < SURE]


def _is_sum(cell: Cell, line: list[Cell]) -> bool:
    """Whether a cell is the margin of this line, not one of its parts (of a margin's own line the corner is the sum)."""
    along_row = len({one[0] for one in line}) == 1
    return cell[1] == TOTAL if along_row else cell[0] == TOTAL


def _beside(cell: Cell, full: Mapping[Cell, int], hidden: set[Cell]) -> Cell | None:
    """The smallest cell that is still told in the row or column of a cell, else anywhere; margins last."""
    open_cells = [one for one in full if one not in hidden and full[one] > 0]
    far = {one: one[0] != cell[0] and one[1] != cell[1] for one in open_cells}
    return min(open_cells, key=lambda one: (TOTAL in one, far[one], full[one], str(one)), default=None)


def _lines(full: Mapping[Cell, int]) -> list[list[Cell]]:
    rows = {cell[0] for cell in full}
    columns = {cell[1] for cell in full}
    return [
        *([(row, column) for column in columns] for row in sorted(rows, key=str)),
        *([(row, column) for row in rows] for column in sorted(columns, key=str)),
    ]


def _more(line: list[Cell], full: Mapping[Cell, int], hidden: set[Cell], least: int) -> Cell | None:
    """The cell that must be hidden next in a line, the smallest that helps; None where the line is safe."""
    inside = [cell for cell in line if cell in hidden]
    if not inside or (len(inside) >= 2 and sum(full[cell] for cell in inside) >= least):
        return None
    open_cells = [cell for cell in line if cell not in hidden and full[cell] > 0]
    if not open_cells:
        return None
    return min(open_cells, key=lambda cell: (TOTAL in cell, full[cell], str(cell)))


def told_parts(parts: Mapping[Hashable, tuple[int, int]], *, known: bool, least: int = LEAST) -> dict[Hashable, int | None]:
    """What may be told of the parts of one district: ``parts`` are (count, how many sources of any kind stand there).

    ``known``: the sum of all counts can be read elsewhere. A count of 1 to k - 1 is hidden, and so is "none" of fewer than k
    sources, which would tell of each. Then the smallest others are, until what is hidden adds up to k: nothing small is left
    over by subtraction. Where the sum is not known, the told parts must not give it away, so one is always hidden.
    """
    hidden = {key for key, (count, sources) in parts.items() if 0 < count < least or (not count and sources < least)}
    rest = sorted((key for key in parts if key not in hidden), key=lambda key: (not parts[key][0], parts[key][0], str(key)))
    while rest and (hidden or not known) and sum(parts[key][0] for key in hidden) < least:
        hidden.add(rest.pop(0))
    return {key: None if key in hidden else count for key, (count, _sources) in parts.items()}
