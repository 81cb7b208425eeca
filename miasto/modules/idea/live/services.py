"""What may be done with live votes."""

from miasto.kernel.participation.services import Refused
from miasto.modules.idea.live.casting import CHANGED, SAVED, Cast, cast, cast_by_hand
from miasto.modules.idea.live.chairing import (
    admit_answers,
    close_due,
    close_question,
    end_meeting,
    moderate_words,
    open_question,
    prepare_second_round,
    publish_results,
    show_results,
    start_meeting,
)
from miasto.modules.idea.live.joining import join_as_guest, join_by_account, join_by_secret, mark_present, seen
from miasto.modules.idea.live.preparing import (
    MeetingRow,
    QuestionRow,
    add_question,
    create_meeting,
    delete_question,
    list_people,
    make_cards,
    move_question,
    new_codes,
    remove_person,
    update_meeting,
    update_question,
    withdraw_cards,
)

__all__ = [
    "CHANGED", "SAVED", "Cast", "MeetingRow", "QuestionRow", "Refused", "add_question", "admit_answers", "cast",
    "cast_by_hand", "close_due", "close_question", "create_meeting", "delete_question", "end_meeting", "join_as_guest",
    "join_by_account", "join_by_secret", "list_people", "make_cards", "mark_present", "moderate_words", "move_question",
    "new_codes", "open_question", "prepare_second_round", "publish_results", "remove_person", "seen", "show_results",
    "start_meeting", "update_meeting", "update_question", "withdraw_cards",
]  # fmt: skip
