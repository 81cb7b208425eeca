"""What the law makes of letters: complaints and proposals (KPA art. 221-247), petitions, requests for public information.

Only petitions are public (act of 11 July 2014, art. 8), in a register of their own. The clock starts with the receipt of the
letter and is never held, because these laws know no pause: a call to complete a letter goes out while the term runs.
"""

from typing import Any

from django.utils.translation import gettext_lazy as _

from miasto.kernel.spec.cases import CLOCK, FILER, OWN, CaseType, Deadline, Question, Stage, Transition

COMPLAINT, PROPOSAL = "contact_centre.complaint", "contact_centre.proposal"
PETITION, INFORMATION = "contact_centre.petition", "contact_centre.information"
HANDLE, ASSIGN, SUPERVISE = ("cases.handle",), ("cases.assign",), ("cases.supervise",)

RECEIVED = Stage(
    key="received",
    name=_("Przyjęte"),
    meaning=_("Pismo do nas dotarło i ma numer. Termin odpowiedzi biegnie od dnia, w którym je dostaliśmy."),
    colour="blue",
)
IN_PROGRESS = Stage(
    key="in_progress", name=_("Rozpatrywane"), meaning=_("Ktoś bada tę sprawę i przygotowuje odpowiedź."), colour="yellow"
)
COMPLETION = Stage(
    key="completion",
    name=_("Czeka na uzupełnienie"),
    meaning=_("Poprosiliśmy o uzupełnienie pisma. Termin odpowiedzi biegnie dalej."),
    colour="purple",
)
ANSWERED = Stage(
    key="answered",
    name=_("Odpowiedź wysłana"),
    meaning=_("Sprawa jest rozpatrzona. Treść odpowiedzi jest na tej stronie."),
    colour="green",
    clock="stopped",
    final=True,
)
GRANTED = Stage(
    key="granted",
    name=_("Uwzględniona"),
    meaning=_("Miasto zrobi to, o co prosi petycja. Uzasadnienie jest w odpowiedzi."),
    colour="green",
    clock="stopped",
    final=True,
)
PARTLY = Stage(
    key="partly",
    name=_("Uwzględniona częściowo"),
    meaning=_("Miasto zrobi część tego, o co prosi petycja. Uzasadnienie jest w odpowiedzi."),
    colour="blue",
    clock="stopped",
    final=True,
)
DECLINED = Stage(
    key="declined",
    name=_("Nieuwzględniona"),
    meaning=_("Miasto nie zrobi tego, o co prosi petycja. Uzasadnienie jest w odpowiedzi."),
    colour="orange",
    clock="stopped",
    final=True,
)
UNEXAMINED = Stage(
    key="unexamined",
    name=_("Bez rozpatrzenia"),
    meaning=_("Prawo nie pozwala rozpatrzyć tego pisma. Powód podajemy w odpowiedzi."),
    colour="grey",
    clock="stopped",
    final=True,
)
FORWARDED = Stage(
    key="forwarded",
    name=_("Przekazane"),
    meaning=_("Sprawa należy do innego urzędu. W odpowiedzi podajemy, do którego."),
    colour="grey",
    clock="stopped",
    final=True,
)
REFUSED = Stage(
    key="refused",
    name=_("Odmowa"),
    meaning=_("Tej informacji nie możemy udostępnić. Decyzję i pouczenie wysyłamy osobno."),
    colour="grey",
    clock="stopped",
    final=True,
)
WITHDRAWN = Stage(
    key="withdrawn",
    name=_("Wycofane"),
    meaning=_("Osoba, która napisała, wycofała pismo."),
    colour="grey",
    clock="stopped",
    final=True,
)
OVERDUE = Stage(
    key="not_completed",
    name=_("Nieuzupełniona w terminie"),
    meaning=_("Minęło 14 dni od wezwania do uzupełnienia (art. 7 ust. 2 ustawy o petycjach). Urząd zdecyduje, co dalej."),
    colour="orange",
)
JOINT = Stage(
    key="joint",
    name=_("Rozpatrywana łącznie z innymi"),
    meaning=_("W tej samej sprawie jest kilka petycji. Czekamy na następne, a potem odpowiemy na wszystkie razem."),
    colour="yellow",
)
AT_WORK = (RECEIVED.key, IN_PROGRESS.key, COMPLETION.key)
ENDED = (ANSWERED.key, UNEXAMINED.key, FORWARDED.key)
SETTLED = (GRANTED, PARTLY, DECLINED)
ADDRESS = Question(key="address", label=_("Adres do korespondencji"))


def _end(key: str, label: object, target: Stage, **more: Any) -> Transition:
    """A step that ends a letter with an answer."""
    values: dict[str, Any] = {"sources": AT_WORK, "by": HANDLE, "needs": ("answer",), **more}
    return Transition(key=key, label=label, target=target.key, **values)


ANSWER = (_end("answer", _("Wyślij odpowiedź i zakończ"), ANSWERED, prominent=True),)
AT_PETITION = (*AT_WORK, OVERDUE.key, JOINT.key)
SETTLE = (
    _end("grant", _("Uwzględnij petycję i zakończ"), GRANTED, sources=AT_PETITION),
    _end("partly", _("Uwzględnij petycję częściowo i zakończ"), PARTLY, sources=AT_PETITION),
    _end("decline", _("Nie uwzględniaj petycji i zakończ"), DECLINED, sources=AT_PETITION),
)


def _steps(*, extended: Deadline, extend: object, unexamined: object) -> tuple[Transition, ...]:
    """The steps that letters under the code share; ``extended`` is the term after a lawful extension."""
    return (
        Transition(
            key="start", label=_("Rozpocznij"), sources=(RECEIVED.key,), target=IN_PROGRESS.key, by=HANDLE, prominent=True
        ),
        *ANSWER,
        Transition(
            key="complete",
            label=_("Poproś o uzupełnienie"),
            sources=(RECEIVED.key, IN_PROGRESS.key),
            target=COMPLETION.key,
            by=HANDLE,
            needs=("question",),
        ),
        Transition(key="completed", label=_("Uzupełniono"), sources=(COMPLETION.key,), target=IN_PROGRESS.key, by=HANDLE),
        Transition(
            key="extend", label=extend, sources=AT_WORK, target=IN_PROGRESS.key, by=HANDLE, needs=("reason",), term=extended
        ),
        _end("forward", _("Przekaż właściwemu urzędowi"), FORWARDED),
        _end("unexamined", unexamined, UNEXAMINED),
        Transition(
            key="withdraw",
            label=_("Wycofaj pismo"),
            sources=AT_WORK,
            target=WITHDRAWN.key,
            by=(FILER,),
            needs=("reason",),
        ),
        Transition(
            key="reopen",
            label=_("Otwórz ponownie"),
            sources=(*ENDED, WITHDRAWN.key),
            target=IN_PROGRESS.key,
            by=SUPERVISE,
            needs=("reason",),
        ),
    )


_COMMON = {"public_register": False, "needs_place": False, "icon": "mail"}
_STAGES = (RECEIVED, IN_PROGRESS, COMPLETION, ANSWERED, UNEXAMINED, FORWARDED, WITHDRAWN)

COMPLAINT_TYPE = CaseType(
    key=COMPLAINT,
    name=_("Skarga"),
    name_plural=_("Skargi"),
    prefix="SK",
    stages=_STAGES,
    transitions=_steps(
        extended=Deadline(months=2),
        extend=_("Zawiadom o nowym terminie (art. 237 § 4 i art. 36 KPA)"),
        unexamined=_("Pozostaw bez rozpoznania"),
    ),
    competence="letters.complaints",
    deadline=Deadline(months=1),
    questions=(ADDRESS,),
    order=20,
    **_COMMON,
)
PROPOSAL_TYPE = CaseType(
    key=PROPOSAL,
    name=_("Wniosek (dział VIII KPA)"),
    name_plural=_("Wnioski"),
    prefix="WN",
    stages=_STAGES,
    transitions=_steps(
        extended=Deadline(months=2),
        extend=_("Zawiadom o nowym terminie (art. 245 KPA)"),
        unexamined=_("Pozostaw bez rozpoznania"),
    ),
    competence="letters.complaints",
    deadline=Deadline(months=1),
    questions=(ADDRESS,),
    order=30,
    **_COMMON,
)
MONTH = Deadline(days=30)
PETITION_STEPS = (
    Transition(key="start", label=_("Rozpocznij"), sources=(RECEIVED.key,), target=IN_PROGRESS.key, by=HANDLE, prominent=True),
    *SETTLE,
    Transition(
        key="complete",
        label=_("Wezwij do uzupełnienia w ciągu 14 dni (art. 7 ust. 2)"),
        sources=(RECEIVED.key, IN_PROGRESS.key),
        target=COMPLETION.key,
        by=HANDLE,
        needs=("question",),
        limit=MONTH,
    ),
    Transition(
        key="not_completed", label=_("Minęło 14 dni"), sources=(COMPLETION.key,), target=OVERDUE.key, by=(CLOCK,), days=14
    ),
    Transition(
        key="completed",
        label=_("Uzupełniono: trzy miesiące od dziś (art. 10 ust. 2)"),
        sources=(COMPLETION.key, OVERDUE.key),
        target=IN_PROGRESS.key,
        by=HANDLE,
        term=Deadline(months=3),
        anew=True,
    ),
    Transition(
        key="extend",
        label=_("Przedłuż termin (art. 10 ust. 3 ustawy o petycjach)"),
        sources=AT_WORK,
        target=IN_PROGRESS.key,
        by=HANDLE,
        needs=("reason",),
        term=Deadline(months=6),
    ),
    Transition(
        key="extend_joint",
        label=_("Przedłuż termin (art. 10 ust. 3 ustawy o petycjach)"),
        sources=(JOINT.key,),
        target=JOINT.key,
        by=HANDLE,
        needs=("reason",),
        term=Deadline(months=6),
    ),
    _end("forward", _("Przekaż właściwemu podmiotowi (art. 6)"), FORWARDED, sources=AT_PETITION, effect=OWN, limit=MONTH),
    _end(
        "joint",
        _("Rozpatrz łącznie (art. 11)"),
        JOINT,
        sources=AT_WORK,
        effect=OWN,
        term=Deadline(months=3),
        anew=True,
    ),
    _end("repeated", _("Pozostaw bez rozpatrzenia jako powtórzoną (art. 12)"), UNEXAMINED, sources=AT_PETITION, effect=OWN),
    _end("unexamined", _("Pozostaw bez rozpatrzenia (art. 7)"), UNEXAMINED, sources=AT_PETITION),
    Transition(
        key="withdraw",
        label=_("Wycofaj pismo"),
        sources=AT_PETITION,
        target=WITHDRAWN.key,
        by=(FILER,),
        needs=("reason",),
    ),
    Transition(
        key="reopen",
        label=_("Otwórz ponownie"),
        sources=(UNEXAMINED.key, FORWARDED.key, WITHDRAWN.key, *(stage.key for stage in SETTLED)),
        target=IN_PROGRESS.key,
        by=SUPERVISE,
        needs=("reason",),
    ),
)
PETITION_TYPE = CaseType(
    key=PETITION,
    name=_("Petycja"),
    name_plural=_("Petycje"),
    prefix="PE",
    stages=(*_STAGES, OVERDUE, JOINT, *SETTLED),
    transitions=PETITION_STEPS,
    competence="letters.petitions",
    deadline=Deadline(months=3),
    questions=(ADDRESS,),
    order=40,
    register="petitions:list",
    names=True,
    supported=False,
    **{**_COMMON, "public_register": True, "icon": "users"},
)
_INFORMATION_STEPS = _steps(
    extended=Deadline(months=2),
    extend=_("Zawiadom o opóźnieniu (art. 13 ust. 2 ustawy o dostępie do informacji publicznej)"),
    unexamined=_("Zakończ: to nie jest informacja publiczna"),
)
INFORMATION_TYPE = CaseType(
    key=INFORMATION,
    name=_("Wniosek o informację publiczną"),
    name_plural=_("Wnioski o informację publiczną"),
    prefix="IP",
    stages=(*_STAGES, REFUSED),
    transitions=(
        *_INFORMATION_STEPS,
        _end("refuse", _("Odmów w drodze decyzji (art. 16)"), REFUSED),
    ),
    competence="letters.information",
    deadline=Deadline(days=14),
    questions=(
        ADDRESS,
        Question(
            key="form",
            label=_("W jakiej formie przekazać informację"),
            kind="choice",
            choices=(("email", _("e-mailem")), ("paper", _("na papierze")), ("view", _("do wglądu w urzędzie"))),
        ),
    ),
    order=50,
    **_COMMON,
)
CASE_TYPES = (COMPLAINT_TYPE, PROPOSAL_TYPE, PETITION_TYPE, INFORMATION_TYPE)
