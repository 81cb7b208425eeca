"""The report: its stages, who may take which step, and what each stage tells a resident."""

from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from miasto.kernel.core.city import city
from miasto.kernel.spec.cases import (
    CLOCK,
    FILER,
    FORWARD,
    MERGE,
    OUTSIDE_DONE,
    OUTSIDE_REFUSED,
    UNMERGE,
    CaseType,
    Deadline,
    Stage,
    Transition,
)

KEY = "contact_centre.report"
CONFIRM_DAYS = city().limit("days_to_dispute", 7)

RECEIVED = Stage(
    key="received",
    name=_("Przyjęte"),
    meaning=_("Zgłoszenie do nas dotarło. Wkrótce zajmie się nim odpowiedzialna jednostka."),
    colour="blue",
)
IN_PROGRESS = Stage(
    key="in_progress",
    name=_("W toku"),
    meaning=_("Odpowiedzialna jednostka zajmuje się tą sprawą."),
    colour="yellow",
)
QUESTION = Stage(
    key="question",
    name=_("Czekamy na odpowiedź"),
    meaning=_("Zapytaliśmy o coś osobę zgłaszającą. Do czasu odpowiedzi termin nie biegnie."),
    colour="purple",
    clock="paused",
)
RESOLVED = Stage(
    key="resolved",
    name=_("Rozwiązane"),
    meaning=format_lazy(
        _("Problem został usunięty. Osoba zgłaszająca może to potwierdzić albo się nie zgodzić w ciągu {days} dni."),
        days=CONFIRM_DAYS,
    ),
    colour="green",
    clock="stopped",
)
DISPUTED = Stage(
    key="disputed",
    name=_("Ponownie sprawdzane"),
    meaning=_("Osoba zgłaszająca nie zgadza się z rozwiązaniem. Sprawę bada kierownik jednostki."),
    colour="orange",
)
CLOSED = Stage(
    key="closed",
    name=_("Zakończone"),
    meaning=_("Sprawa jest zakończona."),
    colour="green",
    clock="stopped",
    final=True,
)
REJECTED = Stage(
    key="rejected",
    name=_("Bez realizacji"),
    meaning=_("Miasto nie może zrobić tego, o co chodzi w zgłoszeniu. Powód podajemy w odpowiedzi."),
    colour="grey",
    clock="stopped",
    final=True,
)
FORWARDED = Stage(
    key="forwarded",
    name=_("Przekazane"),
    meaning=_("Sprawa należy do instytucji spoza miasta. Przekazaliśmy ją tam i czekamy na odpowiedź."),
    colour="purple",
    clock="paused",
    waits_for="outside",
)
HANDED_OVER = Stage(
    key="handed_over",
    name=_("Przekazane i zakończone"),
    meaning=_("Sprawa należy do instytucji spoza miasta i tam toczy się dalej. W odpowiedzi podajemy, do której trafiła."),
    colour="grey",
    clock="stopped",
    final=True,
)
MERGED = Stage(
    key="merged",
    name=_("Połączone"),
    meaning=_("To samo zgłoszono już wcześniej. Dalsze kroki są w sprawie, z którą połączyliśmy to zgłoszenie."),
    colour="grey",
    clock="stopped",
    final=True,
)
VOID = Stage(
    key="void",
    name=_("Anulowane"),
    meaning=_("Zgłoszenie zostało anulowane, bo powstało przez pomyłkę lub nie było zgłoszeniem."),
    colour="grey",
    clock="stopped",
    final=True,
    public=False,
)

OPEN = (RECEIVED.key, IN_PROGRESS.key)
HANDLE = ("cases.handle",)
SUPERVISE = ("cases.supervise",)

STEPS = (
    Transition(
        key="start", label=_("Rozpocznij pracę"), sources=(RECEIVED.key,), target=IN_PROGRESS.key, by=HANDLE, prominent=True
    ),
    Transition(
        key="resolve",
        label=_("Oznacz jako rozwiązane"),
        sources=(*OPEN, QUESTION.key),
        target=RESOLVED.key,
        by=HANDLE,
        needs=("answer", "photo_or_reason"),
        prominent=True,
    ),
    Transition(
        key="ask", label=_("Zapytaj osobę zgłaszającą"), sources=OPEN, target=QUESTION.key, by=HANDLE, needs=("question",)
    ),
    Transition(
        key="resume",
        label=_("Wznów bez odpowiedzi"),
        sources=(QUESTION.key,),
        target=IN_PROGRESS.key,
        by=HANDLE,
        needs=("reason",),
    ),
    Transition(
        key="forward",
        label=_("Przekaż poza miasto"),
        sources=OPEN,
        target=FORWARDED.key,
        by=HANDLE,
        effect=FORWARD,
    ),
    Transition(
        key="outside_done",
        label=_("Instytucja załatwiła sprawę"),
        sources=(FORWARDED.key,),
        target=RESOLVED.key,
        by=HANDLE,
        effect=OUTSIDE_DONE,
    ),
    Transition(
        key="outside_refused",
        label=_("Instytucja zwróciła sprawę"),
        sources=(FORWARDED.key,),
        target=IN_PROGRESS.key,
        by=HANDLE,
        effect=OUTSIDE_REFUSED,
    ),
    Transition(
        key="take_back",
        label=_("Weź sprawę z powrotem"),
        sources=(FORWARDED.key,),
        target=IN_PROGRESS.key,
        by=HANDLE,
        needs=("reason",),
    ),
    Transition(
        key="hand_over",
        label=_("Zakończ bez czekania na odpowiedź"),
        sources=(FORWARDED.key,),
        target=HANDED_OVER.key,
        by=HANDLE,
        needs=("answer",),
    ),
    Transition(
        key="merge",
        label=_("Połącz z inną sprawą"),
        sources=(*OPEN, QUESTION.key),
        target=MERGED.key,
        by=("cases.assign",),
        effect=MERGE,
    ),
    Transition(
        key="unmerge",
        label=_("Rozłącz"),
        sources=(MERGED.key,),
        target=IN_PROGRESS.key,
        by=SUPERVISE,
        effect=UNMERGE,
    ),
    Transition(
        key="reject", label=_("Zakończ bez realizacji"), sources=OPEN, target=REJECTED.key, by=HANDLE, needs=("answer",)
    ),
    Transition(
        key="void",
        label=_("Anuluj (pomyłka, spam)"),
        sources=OPEN,
        target=VOID.key,
        by=("cases.moderate",),
        needs=("reason",),
    ),
    Transition(
        key="reply",
        label=_("Odpowiedz na pytanie"),
        button=_("Wyślij odpowiedź"),
        sources=(QUESTION.key,),
        target=IN_PROGRESS.key,
        by=(FILER,),
        needs=("answer",),
        prominent=True,
    ),
    Transition(
        key="confirm",
        label=_("Potwierdzam, problem zniknął"),
        button=_("Potwierdzam"),
        sources=(RESOLVED.key,),
        target=CLOSED.key,
        by=(FILER,),
        days=CONFIRM_DAYS,
        prominent=True,
    ),
    Transition(
        key="dispute",
        label=_("Nie zgadzam się, problem trwa"),
        button=_("Wyślij sprzeciw"),
        sources=(RESOLVED.key,),
        target=DISPUTED.key,
        by=(FILER,),
        needs=("reason",),
        days=CONFIRM_DAYS,
        dispute=True,
    ),
    Transition(
        key="expire",
        label=_("Zakończ po upływie terminu na sprzeciw"),
        sources=(RESOLVED.key,),
        target=CLOSED.key,
        by=(CLOCK,),
        days=CONFIRM_DAYS,
    ),
    Transition(
        key="redo",
        label=_("Skieruj do ponownego wykonania"),
        sources=(DISPUTED.key,),
        target=IN_PROGRESS.key,
        by=SUPERVISE,
        needs=("answer",),
    ),
    Transition(
        key="uphold",
        label=_("Podtrzymaj rozwiązanie i zakończ"),
        sources=(DISPUTED.key,),
        target=CLOSED.key,
        by=SUPERVISE,
        needs=("answer",),
    ),
    Transition(key="close", label=_("Zakończ"), sources=(RESOLVED.key,), target=CLOSED.key, by=SUPERVISE),
    Transition(
        key="reopen",
        label=_("Otwórz ponownie"),
        sources=(CLOSED.key, REJECTED.key, HANDED_OVER.key, VOID.key),
        target=IN_PROGRESS.key,
        by=SUPERVISE,
        needs=("reason",),
    ),
)

REPORT = CaseType(
    key=KEY,
    name=_("Zgłoszenie"),
    name_plural=_("Zgłoszenia"),
    prefix="ZG",
    stages=(RECEIVED, IN_PROGRESS, QUESTION, FORWARDED, RESOLVED, DISPUTED, CLOSED, REJECTED, HANDED_OVER, MERGED, VOID),
    transitions=STEPS,
    competence="other",
    deadline=Deadline(days=14, first_response_hours=16),
    icon="megaphone",
    register="contact_centre_register:list",
    order=10,
)
