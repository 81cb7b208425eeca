"""The words of the budget: phases of an edition, states of a project, checks, stages of realisation."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class PhaseKind(models.TextChoices):
    """What an edition goes through, in this order. Each phase lasts from a local date to another, both included."""

    PROPOSALS = "proposals", _("składanie projektów")
    VERIFICATION = "verification", _("ocena projektów")
    APPEALS = "appeals", _("odwołania")
    DRAW = "draw", _("losowanie kolejności na karcie")
    VOTING = "voting", _("głosowanie")
    RESULTS = "results", _("ogłoszenie wyników")
    REALISATION = "realisation", _("realizacja")


class ProjectState(models.TextChoices):
    """Where a project is. ``models.Project`` says what each state means and who moves a project out of it."""

    SUBMITTED = "submitted", _("złożony")
    CORRECTION = "correction", _("do poprawy przez autora")
    OPINIONS = "opinions", _("w ocenie jednostek")
    ACCEPTED = "accepted", _("dopuszczony do głosowania")
    REJECTED = "rejected", _("niedopuszczony")
    APPEALED = "appealed", _("odwołanie w toku")
    WITHDRAWN = "withdrawn", _("wycofany przez autora")
    BALLOT = "ballot", _("na karcie do głosowania")
    WON = "won", _("wybrany przez mieszkańców")
    LOST = "lost", _("niewybrany")


OPEN_STATES = (ProjectState.SUBMITTED, ProjectState.CORRECTION, ProjectState.OPINIONS, ProjectState.APPEALED)
VOTED_STATES = (ProjectState.BALLOT, ProjectState.WON, ProjectState.LOST)
HIDDEN_STATES = (ProjectState.SUBMITTED,)
COLOURS = {
    ProjectState.SUBMITTED: "blue",
    ProjectState.CORRECTION: "purple",
    ProjectState.OPINIONS: "yellow",
    ProjectState.ACCEPTED: "green",
    ProjectState.REJECTED: "red",
    ProjectState.APPEALED: "orange",
    ProjectState.WITHDRAWN: "grey",
    ProjectState.BALLOT: "blue",
    ProjectState.WON: "green",
    ProjectState.LOST: "grey",
}


class CheckKind(models.TextChoices):
    """What a unit looks at."""

    FORMAL = "formal", _("ocena formalna")
    LAND = "land", _("stan prawny terenu i plan miejscowy")
    TECHNICAL = "technical", _("wykonalność")
    COST = "cost", _("koszt")


class Outcome(models.TextChoices):
    """What a unit says."""

    POSITIVE = "positive", _("pozytywna")
    NEGATIVE = "negative", _("negatywna")


class SupportChannel(models.TextChoices):
    """How somebody supported a project."""

    ACCOUNT = "account", _("przez konto")
    LINK = "link", _("przez potwierdzony e-mail")
    PAPER = "paper", _("na papierowej liście")


class StepKind(models.TextChoices):
    """What happened to a project, for its path in time."""

    FILED = "filed", _("Złożono projekt")
    CORRECTION = "correction", _("Poproszono autora o poprawki")
    CORRECTED = "corrected", _("Autor poprawił projekt")
    FORMAL = "formal", _("Projekt spełnia wymogi formalne")
    ASKED = "asked", _("Poproszono jednostkę o opinię")
    OPINION = "opinion", _("Jednostka wydała opinię")
    ACCEPTED = "accepted", _("Dopuszczono projekt do głosowania")
    REJECTED = "rejected", _("Nie dopuszczono projektu do głosowania")
    APPEALED = "appealed", _("Autor złożył odwołanie")
    UPHELD = "upheld", _("Uwzględniono odwołanie")
    DISMISSED = "dismissed", _("Nie uwzględniono odwołania")
    WITHDRAWN = "withdrawn", _("Autor wycofał projekt")
    NUMBERED = "numbered", _("Wylosowano miejsce na karcie")
    WON = "won", _("Mieszkańcy wybrali projekt")
    LOST = "lost", _("Projekt nie zdobył dość głosów")
    REALISATION = "realisation", _("Wiadomość o realizacji")


class RealisationStage(models.TextChoices):
    """How far the work on a winner is."""

    WAITING = "waiting", _("czeka na rozpoczęcie")
    DESIGN = "design", _("projektowanie")
    TENDER = "tender", _("wybór wykonawcy")
    WORKS = "works", _("prace w toku")
    DONE = "done", _("zrealizowany")
    STOPPED = "stopped", _("wstrzymany")
