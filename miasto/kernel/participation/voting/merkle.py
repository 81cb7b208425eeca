"""The Merkle tree of RFC 6962 § 2.1 (SHA-256): one root stands for the whole bulletin, a short path shows a leaf."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

EMPTY = hashlib.sha256(b"").digest()


def leaf_hash(data: bytes) -> bytes:
    """Hash of one leaf."""
    return hashlib.sha256(b"\0" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Hash of an inner node."""
    return hashlib.sha256(b"\1" + left + right).digest()


def levels(leaves: Sequence[bytes]) -> list[list[bytes]]:
    """Rows of the tree from the leaves' hashes to the root; a node without a brother goes up as it is."""
    rows = [[leaf_hash(one) for one in leaves]]
    while len(rows[-1]) > 1:
        row = rows[-1]
        above = [node_hash(row[at], row[at + 1]) for at in range(0, len(row) - 1, 2)]
        rows.append(above + row[len(above) * 2 :])
    return rows


def root(rows: Sequence[Sequence[bytes]]) -> bytes:
    """The root of ``levels``; that of no leaves is the hash of nothing."""
    return rows[-1][0] if rows[-1] else EMPTY


def path(rows: Sequence[Sequence[bytes]], position: int) -> list[tuple[str, bytes]]:
    """The way from a leaf to the root: ``("left" | "right", hash)`` of the brother on each level that has one."""
    found = []
    for row in rows[:-1]:
        brother = position ^ 1
        if brother < len(row):
            found.append(("left" if brother < position else "right", row[brother]))
        position //= 2
    return found


def follow(data: bytes, way: Sequence[tuple[str, bytes]]) -> bytes:
    """The root to which a leaf's path leads."""
    found = leaf_hash(data)
    for side, brother in way:
        found = node_hash(brother, found) if side == "left" else node_hash(found, brother)
    return found
