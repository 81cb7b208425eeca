"""Every change of a process: one call, one transaction, with audit and event.

Services raise ``Refused`` (a ``ValidationError``: the rule and the words for the reader), ``ValidationError`` by field and
``PermissionDenied``.
"""

from miasto.kernel.participation.attachments import remove_film, save_film
from miasto.kernel.participation.closing import close_process
from miasto.kernel.participation.confirming import confirm_contact, stop_contact
from miasto.kernel.participation.deciding import add_to_group, decide, leave_group, make_group
from miasto.kernel.participation.documents import add_document, add_version, paragraphs_of
from miasto.kernel.participation.meetings import MeetingRow, cancel_meeting, give_back, publish_minutes, register, save_meeting
from miasto.kernel.participation.outcomes import follow_outcome, link_outcome, unlink_outcome
from miasto.kernel.participation.processes import (
    PhaseRow,
    ProcessRow,
    create_process,
    publish_process,
    update_process,
)
from miasto.kernel.participation.remarks import (
    LONGEST,
    SHAPES,
    Author,
    RemarkRow,
    Target,
    Written,
    contribute,
    decide_text,
    enter,
)
from miasto.kernel.participation.supplementing import enter_after_close
from miasto.kernel.participation.tallying import services as tallying
from miasto.kernel.participation.voting import services as voting
from miasto.kernel.participation.writing import Refused, refuse_if

__all__ = [
    "LONGEST", "SHAPES", "Author", "MeetingRow", "PhaseRow", "ProcessRow", "Refused", "RemarkRow", "Target", "Written",
    "add_document", "add_to_group", "add_version", "cancel_meeting", "close_process", "confirm_contact", "contribute",
    "create_process", "decide", "decide_text", "enter", "enter_after_close",
    "follow_outcome", "give_back", "leave_group", "link_outcome",
    "make_group", "paragraphs_of",
    "publish_minutes", "publish_process", "refuse_if", "register",
    "remove_film", "save_film", "save_meeting", "stop_contact", "tallying",
    "unlink_outcome", "update_process",
    "voting",
]  # fmt: skip
