"""The results of a live meeting as plain text, for the minutes of the meeting of a process."""

from __future__ import annotations

from django.utils.translation import gettext as _

from miasto.modules.idea.live import selectors
from miasto.modules.idea.live.models import LiveMeeting


def minutes_with_results(meeting: LiveMeeting, minutes: str) -> str:
    """The minutes with the results at their end; those that stood there from an earlier publication are replaced."""
    heading = _("Wyniki głosowań (kod spotkania %(code)s)") % {"code": meeting.code}
    before = minutes.split(heading)[0].rstrip()
    told = "\n\n".join(_told(one) for one in selectors.results(_stage(meeting)))
    return "\n\n".join(part for part in (before, heading, told) if part)


def _stage(meeting: LiveMeeting) -> selectors.Stage:
    questions = list(meeting.questions.all())
    for one in questions:
        one.meeting = meeting
    return selectors.Stage(meeting, questions)


def _told(one: selectors.Result) -> str:
    lines = [one.title, *(f"– {bar.label}: {bar.votes}" for bar in one.bars)]
    if one.words:
        lines.append(", ".join(f"{word.text} ({word.votes})" for word in one.words))
    lines += [f"– {text}" for text in one.texts]
    lines.append("; ".join(one.numbers) + ".")
    if one.verdict:
        lines.append(one.verdict)
    if one.names and one.bars:
        lines.append("; ".join(f"{named.name}: {named.answer}" for named in one.names) + ".")
    return "\n".join(lines)
