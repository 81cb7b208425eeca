"""Verification as cases with terms: one case for a project, and one for each opinion asked of a unit.

The terms are those of the edition's rules (``VerificationRules``); the ones here are what these rules begin with. A step taken
on the case's own page moves the project too (``verifying.follow``), so staff may work in their usual queue.
"""

from django.utils.translation import gettext_lazy as _

from miasto.kernel.spec.cases import CaseType, Deadline, Stage, Transition

VERIFICATION, OPINION = "idea.budget_verification", "idea.budget_opinion"
COORDINATION = "budget.coordination"
SUPERVISE, HANDLE = ("cases.supervise",), ("cases.handle",)


def _end(key: str, name: object, meaning: object, colour: str) -> Stage:
    return Stage(key=key, name=name, meaning=meaning, colour=colour, clock="stopped", final=True)


_VERIFICATION_STAGES = (
    Stage(key="submitted", name=_("Ocena formalna"), meaning=_("Sprawdzamy, czy projekt jest kompletny."), colour="blue"),
    Stage(
        key="correction",
        name=_("Czeka na poprawki autora"),
        meaning=_("Poprosiliśmy autora o poprawki. Termin oceny jest wstrzymany."),
        colour="purple",
        clock="paused",
    ),
    Stage(
        key="opinions",
        name=_("W ocenie jednostek"),
        meaning=_("Jednostki miasta sprawdzają teren, wykonalność i koszt."),
        colour="yellow",
    ),
    _end("accepted", _("Dopuszczony do głosowania"), _("Projekt będzie na karcie do głosowania."), "green"),
    _end("rejected", _("Niedopuszczony"), _("Projektu nie będzie na karcie. Powody są na jego stronie."), "red"),
    Stage(
        key="appealed",
        name=_("Odwołanie"),
        meaning=_("Autor odwołał się od wyniku oceny."),
        colour="orange",
    ),
    _end("withdrawn", _("Wycofany"), _("Autor wycofał projekt."), "grey"),
)
_IN_WORK = ("submitted", "correction", "opinions")


def _step(key: str, label: object, sources: tuple[str, ...], target: str, *needs: str) -> Transition:
    return Transition(key=key, label=label, sources=sources, target=target, by=SUPERVISE, needs=needs)


VERIFICATION_TYPE = CaseType(
    key=VERIFICATION,
    name=_("Ocena projektu budżetu obywatelskiego"),
    name_plural=_("Oceny projektów budżetu obywatelskiego"),
    prefix="BO",
    stages=_VERIFICATION_STAGES,
    transitions=(
        _step("pass", _("Spełnia wymogi formalne"), ("submitted",), "opinions"),
        _step("ask", _("Poproś autora o poprawki"), ("submitted", "opinions"), "correction", "question"),
        _step("corrected", _("Autor poprawił"), ("correction",), "submitted"),
        _step("accept", _("Dopuść do głosowania"), ("opinions",), "accepted", "answer"),
        _step("reject", _("Nie dopuszczaj do głosowania"), _IN_WORK, "rejected", "answer"),
        _step("appeal", _("Przyjmij odwołanie"), ("rejected",), "appealed"),
        _step("uphold", _("Uwzględnij odwołanie"), ("appealed",), "accepted", "answer"),
        _step("dismiss", _("Nie uwzględniaj odwołania"), ("appealed",), "rejected", "answer"),
        _step("back_submitted", _("Wróć do oceny formalnej"), ("opinions", "rejected"), "submitted", "reason"),
        _step("back_opinions", _("Wróć do oceny jednostek"), ("accepted", "rejected"), "opinions", "reason"),
        _step("withdraw", _("Autor wycofał projekt"), (*_IN_WORK, "accepted", "rejected", "appealed"), "withdrawn"),
    ),
    competence=COORDINATION,
    deadline=Deadline(days=60),
    public_register=False,
    needs_place=False,
    icon="coins",
    order=200,
    supported=False,
)
OPINION_TYPE = CaseType(
    key=OPINION,
    name=_("Opinia o projekcie budżetu obywatelskiego"),
    name_plural=_("Opinie o projektach budżetu obywatelskiego"),
    prefix="BOP",
    stages=(
        Stage(key="asked", name=_("Czeka na opinię"), meaning=_("Jednostka ma wydać opinię o projekcie."), colour="yellow"),
        _end("positive", _("Opinia pozytywna"), _("Jednostka nie ma przeciwwskazań."), "green"),
        _end("negative", _("Opinia negatywna"), _("Jednostka uważa, że projektu nie da się wykonać."), "red"),
        _end("cancelled", _("Nieaktualna"), _("Opinia nie jest już potrzebna."), "grey"),
    ),
    transitions=(
        Transition(
            key="positive",
            label=_("Wydaj opinię pozytywną"),
            sources=("asked",),
            target="positive",
            by=HANDLE,
            needs=("answer",),
            prominent=True,
        ),
        Transition(
            key="negative",
            label=_("Wydaj opinię negatywną"),
            sources=("asked",),
            target="negative",
            by=HANDLE,
            needs=("answer",),
        ),
        Transition(
            key="cancel", label=_("Opinia nie jest już potrzebna"), sources=("asked",), target="cancelled", by=SUPERVISE
        ),
    ),
    competence=COORDINATION,
    deadline=Deadline(days=14),
    public_register=False,
    needs_place=False,
    icon="clipboard-check",
    order=210,
    supported=False,
)
