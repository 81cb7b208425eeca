"""Where the real files are, and small elections for tests."""

import os
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[5]
FILES = Path(os.environ.get("MIASTO_DATA") or REPOSITORY.parent / "shared" / "data") / "pabulib"
real = pytest.mark.skipif(not FILES.exists(), reason="the real files are not at hand (MIASTO_DATA or ../shared/data)")
RECOUNT = Path(__file__).resolve().parents[1] / "recount.py"


def pb(projects, votes, *, budget=100, vote_type="approval", rule="greedy", points=False, **meta):
    """The bytes of a file: ``projects`` are (id, cost), ``votes`` texts or (vote, points)."""
    head = {
        "num_projects": len(projects),
        "num_votes": len(votes),
        "budget": budget,
        "vote_type": vote_type,
        "rule": rule,
        **meta,
    }
    lines = ["META", "key;value", *(f"{key};{value}" for key, value in head.items())]
    lines += ["PROJECTS", "project_id;cost;category"]
    lines += [f"{one};{cost};{'ab'[number % 2]}" for number, (one, cost) in enumerate(projects)]
    lines += ["VOTES", "voter_id;vote;points" if points else "voter_id;vote"]
    for number, vote in enumerate(votes):
        lines.append(";".join([f"v{number}", *((vote,) if isinstance(vote, str) else vote)]))
    return ("\n".join(lines) + "\n").encode()
