"""Counts that tell of no household: small cells are hidden, and so are others from which they could be computed.

A table is ``{(row, column): count}`` with all rows and columns; margins are added here. Primary: a count from 1 to k - 1.
Complementary (Willenborg and de Waal, Elements of Statistical Disclosure Control, 2001, ch. 6): in each line with its margin
never one hidden cell alone, and what is hidden in a line adds up to k at least.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping

LEAST = 10
TOTAL = "__total__"
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
    changed = True
    while changed:
        changed = False
        for line in lines:
            more = _more(line, full, hidden, least)
            if more is not None:
                hidden.add(more)
                changed = True
    return {cell: None if cell in hidden else count for cell, count in full.items()}


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
