"""Tables of the module: each part keeps its own file."""

from miasto.modules.idea.panels.models import Applicant, Exchange, Panel, Recommendation, Session

__all__ = ["Applicant", "Exchange", "Panel", "Recommendation", "Session"]
