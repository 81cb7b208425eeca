"""Every change of a case: one call, one transaction, with history, audit and event.

Services raise ``Refused`` (a ``ValidationError``: the rule and the words for the reader), ``Conflict`` (the page was old) and
``PermissionDenied``.
"""

from miasto.kernel.cases.bulk import BulkResult, bulk, cancel_run, start_run
from miasto.kernel.cases.escalation import acknowledge, escalate_due
from miasto.kernel.cases.exchange import add_late_photos
from miasto.kernel.cases.figures import count_all, count_noted
from miasto.kernel.cases.filing import Contact, Filed, days_of, file_case, filed_before, questions_of
from miasto.kernel.cases.handling import (
    KEEP,
    add_from_filer,
    assign,
    comment,
    recategorise,
    take_clock_step,
    take_own_step,
    take_step,
)
from miasto.kernel.cases.importing import CaseRow, CommentRow, FileRow, ImportRefused, StepRow, import_cases
from miasto.kernel.cases.moderation import decide_comment, decide_file, decide_text, erase_personal
from miasto.kernel.cases.naming import agree_to_name
from miasto.kernel.cases.numbering import next_number
from miasto.kernel.cases.outside import answer_from_body, forward, remind_body, save_body, sync_bodies
from miasto.kernel.cases.parties import appoint, invitation_link, invite, join, open_joined, remove
from miasto.kernel.cases.prepared import save_template, switch_template
from miasto.kernel.cases.reclassifying import reclassify, set_place
from miasto.kernel.cases.relating import Part, merge, split, unmerge
from miasto.kernel.cases.retention import hold as hold_data
from miasto.kernel.cases.routing import Route, competence_of, route
from miasto.kernel.cases.routing_plans import delete_rule, discard_draft, open_draft, save_rule, switch_on
from miasto.kernel.cases.setup import CatalogueError, sync_categories, sync_templates
from miasto.kernel.cases.supporting import Supported, confirm_support, stop_support, support, unwatch, watch, withdraw_support
from miasto.kernel.cases.writing import Conflict, Refused

__all__ = [
    "KEEP", "BulkResult", "CaseRow", "CatalogueError", "CommentRow", "Conflict", "Contact", "FileRow", "Filed",
    "ImportRefused", "Part", "Refused", "Route", "StepRow", "Supported", "acknowledge", "add_from_filer", "add_late_photos",
    "agree_to_name", "answer_from_body", "appoint", "assign", "bulk", "cancel_run", "comment", "competence_of",
    "confirm_support", "count_all", "count_noted", "days_of", "decide_comment", "decide_file", "decide_text", "delete_rule",
    "discard_draft", "erase_personal", "escalate_due", "file_case", "filed_before", "forward", "hold_data", "import_cases",
    "invitation_link", "invite", "join", "merge", "next_number", "open_draft", "open_joined", "questions_of", "recategorise",
    "reclassify", "remind_body", "remove", "route", "save_body", "save_rule", "save_template", "set_place", "split",
    "start_run", "stop_support", "support", "switch_on", "switch_template", "sync_bodies", "sync_categories",
    "sync_templates", "take_clock_step", "take_own_step", "take_step", "unmerge", "unwatch", "watch", "withdraw_support",
]  # fmt: skip
