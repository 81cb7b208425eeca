"""Every change of an idea: one call, one transaction, with a step of the public path, the audit and an event.

Services raise ``Refused`` (a ``ValidationError``: the rule and the words for the reader), ``ValidationError`` by field and
``PermissionDenied``.
"""

from miasto.kernel.participation.services import Refused
from miasto.modules.idea.ideas.drafting import (
    PHOTOS,
    TEXT_MOST,
    TITLE_MOST,
    IdeaRow,
    choose_name,
    discard_draft,
    keep_draft,
    problems,
    publish_idea,
    remove_photo,
    revise,
    row_of,
    withdraw_idea,
)
from miasto.modules.idea.ideas.handling import (
    ask_opinion,
    comment,
    decide,
    decide_comment,
    estimate,
    extend,
    flag,
    follow_outcome,
    hide,
    keep_shown,
    link_outcome,
    merge,
    outcome_moved,
    receive_opinion,
    show,
    take_up,
    withdraw_question,
)
from miasto.modules.idea.ideas.petitioning import Petitioner, make_petition
from miasto.modules.idea.ideas.supporting import (
    Supported,
    close_gathering,
    confirm_support,
    follow,
    forget_unconfirmed,
    silence,
    support,
    withdraw_support,
)

__all__ = [
    "PHOTOS", "TEXT_MOST", "TITLE_MOST", "IdeaRow", "Petitioner", "Refused", "Supported", "ask_opinion", "choose_name",
    "close_gathering", "comment", "confirm_support", "decide", "decide_comment", "discard_draft", "estimate", "extend", "flag",
    "follow", "follow_outcome", "forget_unconfirmed", "hide", "keep_draft", "keep_shown", "link_outcome", "make_petition",
    "merge", "outcome_moved", "problems", "publish_idea", "receive_opinion", "remove_photo", "revise", "row_of", "show",
    "silence", "support", "take_up", "withdraw_idea", "withdraw_question", "withdraw_support",
]  # fmt: skip
