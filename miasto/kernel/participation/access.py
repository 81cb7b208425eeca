"""Who is who to a process and to a remark."""

from __future__ import annotations

from typing import Any

from miasto.kernel.accounts.selectors import may

MANAGE = "participation.manage"
ANSWER = "participation.answer"
ELECTIONS = "participation.elections"
PAPERS = "participation.papers"
REMARK_LINK = "participation.remark"
CONFIRM_LINK = "participation.confirm"
SEAT_LINK = "participation.seat"


def is_author(viewer: Any, contribution: Any) -> bool:
    """Whether the viewer wrote this remark, or holds its secret link."""
    return contribution.pk in viewer.links or (viewer.person_id is not None and contribution.person_id == viewer.person_id)


def reads_words(viewer: Any, contribution: Any) -> bool:
    """Whether the viewer reads a remark as it was written: its author and those who answer it."""
    return is_author(viewer, contribution) or may(viewer, ANSWER, contribution.process)
