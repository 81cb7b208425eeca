"""The public services of the newsletter: signing up and resigning, writing an issue, sending it."""

from miasto.modules.idea.newsletter.issues import (
    Block,
    IssueRow,
    Refused,
    approve_issue,
    cancel_issue,
    create_issue,
    import_issue,
    pause_issue,
    resume_issue,
    start_issue,
    submit_issue,
    update_issue,
    withdraw_issue,
)
from miasto.modules.idea.newsletter.sending import send_step, send_test
from miasto.modules.idea.newsletter.subscribing import (
    Asked,
    Wishes,
    ask,
    by_link,
    choose,
    confirm,
    import_subscribers,
    join,
    resign,
    take,
)

__all__ = [
    "Asked", "Block", "IssueRow", "Refused", "Wishes", "approve_issue", "ask", "by_link", "cancel_issue", "choose",
    "confirm", "create_issue", "import_issue", "import_subscribers", "join", "pause_issue", "resign", "resume_issue",
    "send_step", "send_test", "start_issue", "submit_issue", "take", "update_issue", "withdraw_issue",
]  # fmt: skip
