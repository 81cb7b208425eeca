"""Tables of the module: each part keeps its own file."""

from miasto.modules.idea.budget.models import (
    Appeal,
    BallotDraw,
    CostItem,
    Edition,
    EditionPhase,
    GuardianConsent,
    Opinion,
    Pool,
    Project,
    ProjectAuthor,
    ProjectFile,
    ProjectStep,
    ProposalDraft,
    Realisation,
    RealisationEntry,
    Supporter,
)
from miasto.modules.idea.panels.models import Applicant, Exchange, Panel, Recommendation, Session

__all__ = [
    "Appeal", "Applicant", "BallotDraw", "CostItem", "Edition", "EditionPhase", "Exchange", "GuardianConsent", "Opinion",
    "Panel", "Pool", "Project", "ProjectAuthor", "ProjectFile", "ProjectStep", "ProposalDraft", "Realisation",
    "RealisationEntry", "Recommendation", "Session", "Supporter",
]  # fmt: skip
