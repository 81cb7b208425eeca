"""The public services of letters: taking in, deciding, answering."""

from miasto.modules.contact_centre.mail.deciding import Decision, decide, join, register_paper, reopen, write_back
from miasto.modules.contact_centre.mail.intake import take_in

__all__ = ["Decision", "decide", "join", "register_paper", "reopen", "take_in", "write_back"]
