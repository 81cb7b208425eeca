"""Forms of the staff of consultations."""

from __future__ import annotations

from datetime import datetime, time
from typing import Any
from uuid import UUID

from django import forms
from django.utils.translation import gettext_lazy as _

from miasto.kernel.accounts.selectors import current_units
from miasto.kernel.core import clock
from miasto.kernel.participation import selectors, services
from miasto.kernel.places.selectors import districts
from miasto.kernel.ui.fields import DateParts
from miasto.modules.idea.forms import files_field

PHASES = 4
LONG = {"rows": 4}
TRANSLATED = ("title", "decided", "easy")


class ProcessForm(forms.Form):
    """What a consultation says of itself."""

    title = forms.CharField(label=_("Tytuł"), max_length=200)
    decided = forms.CharField(
        label=_("O czym zdecydujemy?"),
        help_text=_("Prostymi słowami: co się zmieni i dla kogo."),
        widget=forms.Textarea(attrs=LONG),
    )
    decided_when = forms.CharField(label=_("Kiedy zapadnie decyzja?"), max_length=300)
    decided_by = forms.CharField(label=_("Kto zdecyduje?"), max_length=300)
    basis = forms.ChoiceField(label=_("Podstawa prawna"))
    round = forms.IntegerField(label=_("Która to tura konsultacji?"), min_value=1, initial=1)
    initiator = forms.ChoiceField(label=_("Kto wystąpił o konsultacje?"))
    author_groups = forms.MultipleChoiceField(label=_("Kto może wziąć udział?"), widget=forms.CheckboxSelectMultiple)
    unit_id = forms.ChoiceField(label=_("Jednostka, która odpowiada na uwagi"))
    area_id = forms.ChoiceField(label=_("Obszar"), required=False)
    easy = forms.CharField(
        label=_("Wersja łatwa do czytania"),
        help_text=_("Krótkie zdania, jedno zdanie w wierszu."),
        required=False,
        widget=forms.Textarea(attrs=LONG),
    )
    sign_video = forms.URLField(label=_("Adres filmu w języku migowym"), required=False, assume_scheme="https")
    title_en = forms.CharField(label=_("Tytuł po angielsku"), max_length=200, required=False)
    decided_en = forms.CharField(
        label=_("O czym zdecydujemy – po angielsku"), required=False, widget=forms.Textarea(attrs=LONG)
    )
    easy_en = forms.CharField(
        label=_("Wersja łatwa do czytania – po angielsku"), required=False, widget=forms.Textarea(attrs=LONG)
    )
    title_uk = forms.CharField(label=_("Tytuł po ukraińsku"), max_length=200, required=False)
    decided_uk = forms.CharField(
        label=_("O czym zdecydujemy – po ukraińsku"), required=False, widget=forms.Textarea(attrs=LONG)
    )
    easy_uk = forms.CharField(
        label=_("Wersja łatwa do czytania – po ukraińsku"), required=False, widget=forms.Textarea(attrs=LONG)
    )

    def __init__(self, *args: Any, viewer: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        units = current_units().order_by("name").only("id", "name")
        held = viewer.units_with(selectors.MANAGE)
        if held is not None:
            units = units.filter(pk__in=held)
        self.fields["unit_id"].choices = [(str(one.pk), one.name) for one in units]
        bases = selectors.law.bases()
        self.fields["basis"].choices = [
            (one.key, _("%(name)s (co najmniej %(n)d dni)") % {"name": one.name, "n": one.min_days}) for one in bases
        ]
        self.fields["initiator"].choices = [(one.key, one.name) for one in selectors.law.initiators()]
        self.fields["author_groups"].choices = [(one.key, one.name) for one in selectors.law.author_groups()]
        areas = [(str(one.pk), one.name) for one in districts()]
        self.fields["area_id"].choices = [("", _("całe miasto")), *areas]

    def row(self, phases: list[services.PhaseRow], known: Any) -> services.ProcessRow:
        """The process to be; translations that the form does not ask for stay."""
        data = dict(self.cleaned_data)
        translations = {key: dict(value) for key, value in (known.translations if known else {}).items()}
        for language in ("en", "uk"):
            for field in TRANSLATED:
                translations.setdefault(language, {})[field] = data.pop(f"{field}_{language}")
        data["unit_id"], data["area_id"] = UUID(data["unit_id"]), UUID(data["area_id"]) if data["area_id"] else None
        previous = known.previous_id if known else None
        return services.ProcessRow(**data, phases=phases, translations=translations, previous_id=previous)


def initial_of(process: Any) -> dict[str, Any]:
    """The form's values of a process."""
    names = (
        "title",
        "decided",
        "decided_when",
        "decided_by",
        "basis",
        "round",
        "initiator",
        "author_groups",
        "easy",
        "sign_video",
    )
    values = {name: getattr(process, name) for name in names}
    for language in ("en", "uk"):
        for field in TRANSLATED:
            values[f"{field}_{language}"] = process.translations.get(language, {}).get(field, "")
    return {**values, "unit_id": str(process.unit_id), "area_id": str(process.area_id or "")}


class PhaseForm(forms.Form):
    """A phase; an empty row is none."""

    name = forms.CharField(label=_("Nazwa etapu"), max_length=120, required=False)
    starts_on = forms.DateField(label=_("Od"), required=False, widget=DateParts)
    ends_on = forms.DateField(label=_("Do (włącznie)"), required=False, widget=DateParts)
    remarks = forms.BooleanField(label=_("Można wysyłać uwagi"), required=False)
    text = forms.CharField(label=_("Co się wtedy dzieje?"), required=False, widget=forms.Textarea(attrs={"rows": 2}))

    def clean(self) -> dict[str, Any]:
        """A row that has a name needs both dates."""
        data = super().clean() or {}
        if data.get("name"):
            for field in ("starts_on", "ends_on"):
                if not data.get(field) and field not in self.errors:
                    self.add_error(field, _("Podaj datę."))
        return data


PhaseFormSet = forms.formset_factory(PhaseForm, extra=0, max_num=PHASES, absolute_max=PHASES)


def phase_rows(formset: Any) -> list[services.PhaseRow]:
    """The phases of a valid formset."""
    action = selectors.Phase.Action.REMARK
    return [
        services.PhaseRow(
            name=data["name"],
            starts_on=data["starts_on"],
            ends_on=data["ends_on"],
            text=data["text"],
            actions=[action] if data["remarks"] else [],
        )
        for data in formset.cleaned_data
        if data.get("name")
    ]


def phase_initial(process: Any) -> list[dict[str, Any]]:
    """The rows of a formset: the phases of a process and empty rows after them."""
    if process is None:
        rows = [
            {"name": str(_("Zbieranie uwag")), "remarks": True},
            {"name": str(_("Odpowiedzi na uwagi"))},
        ]
    else:
        rows = [
            {
                "name": one.name,
                "starts_on": one.starts_on,
                "ends_on": one.ends_on,
                "text": one.text,
                "remarks": selectors.Phase.Action.REMARK in one.actions,
            }
            for one in process.phases.all()
        ]
    return [*rows, *({} for _row in range(PHASES - len(rows)))]


VERSION_FILES = 10


def _version_files() -> Any:
    words = _("Na przykład projekt uchwały w PDF. Nazwa pliku będzie widoczna. Treść i tak wpisz wyżej: plik bywa niedostępny.")
    return files_field(_("Pliki do tej wersji"), words)


class FilmForm(forms.Form):
    """A film in sign language and its captions."""

    film = forms.FileField(
        label=_("Plik z filmem"),
        help_text=_("MP4 albo WebM, najwyżej 75 MB. Usuniemy z niego dane o miejscu i czasie nagrania."),
        required=False,
        widget=forms.FileInput(attrs={"accept": "video/mp4,video/webm", "hide_optional": True}),
    )
    captions = forms.FileField(
        label=_("Napisy"),
        help_text=_("WebVTT (.vtt). Nowy film usuwa dotychczasowe napisy, więc wyślij je razem z nim."),
        required=False,
        widget=forms.FileInput(attrs={"accept": ".vtt,text/vtt"}),
    )


class DocumentForm(forms.Form):
    """A document with its text."""

    title = forms.CharField(label=_("Tytuł dokumentu"), max_length=200)
    role = forms.ChoiceField(
        label=_("Co to za dokument?"),
        widget=forms.RadioSelect,
        choices=[
            ("facts", _("fakty: jak jest dziś")),
            ("diagnosis", _("diagnoza ekspercka")),
            ("subject", _("projekt, o którym rozmawiamy")),
        ],
    )
    author = forms.CharField(label=_("Autor dokumentu"), max_length=200, required=False)
    text = forms.CharField(
        label=_("Treść"),
        help_text=_(
            "Akapity oddziel pustym wierszem. Nagłówek zacznij od znaku #. Po zapisaniu tej wersji nie da się zmienić."
        ),
        widget=forms.Textarea(attrs={"rows": 16}),
    )
    files = _version_files()


class VersionForm(forms.Form):
    """The next version of a document."""

    note = forms.CharField(label=_("Co się zmieniło?"), help_text=_("Przeczyta to każdy."), max_length=500)
    text = forms.CharField(label=_("Cała treść nowej wersji"), widget=forms.Textarea(attrs={"rows": 16}))
    files = _version_files()


class MeetingForm(forms.Form):
    """A meeting on one local day."""

    title = forms.CharField(label=_("Nazwa spotkania"), max_length=200)
    day = forms.DateField(label=_("Dzień"), widget=DateParts)
    begins = forms.TimeField(label=_("Początek"), help_text=_("Na przykład: 17:00"), widget=forms.TimeInput(format="%H:%M"))
    ends = forms.TimeField(label=_("Koniec"), widget=forms.TimeInput(format="%H:%M"))
    place = forms.CharField(label=_("Miejsce"), max_length=200, required=False)
    online_url = forms.URLField(label=_("Adres w internecie"), required=False, assume_scheme="https")
    capacity = forms.IntegerField(
        label=_("Ile osób się zmieści?"),
        help_text=_("0, jeśli nie trzeba się zapisywać."),
        min_value=0,
        max_value=100_000,
        initial=0,
    )
    text = forms.CharField(label=_("O czym będzie?"), required=False, widget=forms.Textarea(attrs=LONG))

    def row(self) -> services.MeetingRow:
        """The meeting to be."""
        data = self.cleaned_data
        names = ("title", "place", "online_url", "capacity", "text")
        starts, ends = _moment(data["day"], data["begins"]), _moment(data["day"], data["ends"])
        return services.MeetingRow(starts_at=starts, ends_at=ends, **{name: data[name] for name in names})


def _moment(day: Any, at: time) -> datetime:
    return datetime.combine(day, at, tzinfo=clock.zone())


def meeting_initial(meeting: Any) -> dict[str, Any]:
    """The form's values of a meeting."""
    starts, ends = clock.local(meeting.starts_at), clock.local(meeting.ends_at)
    names = ("title", "place", "online_url", "capacity", "text")
    return {
        "day": starts.date(),
        "begins": starts.time(),
        "ends": ends.time(),
        **{name: getattr(meeting, name) for name in names},
    }


class MinutesForm(forms.Form):
    """What was said."""

    minutes = forms.CharField(
        label=_("Notatka ze spotkania"),
        help_text=_("Bez danych osobowych. Przeczyta ją każdy."),
        widget=forms.Textarea(attrs={"rows": 8}),
    )


class CloseForm(forms.Form):
    """What came of it all."""

    outcome = forms.CharField(
        label=_("Co wynikło z konsultacji?"),
        help_text=_("Prostymi słowami. Wyślemy to każdej osobie, która napisała."),
        widget=forms.Textarea(attrs={"rows": 5}),
    )


class CloseWithResultsForm(CloseForm):
    """The same where the consultation has a survey whose results nobody has published."""

    results = forms.BooleanField(
        label=_("Zamknij też ankietę i opublikuj jej wyniki"),
        help_text=_("Odpowiedzi własnymi słowami pokażemy tylko te, które ktoś już przeczytał i dopuścił."),
        required=False,
        initial=True,
    )


class EnterForm(forms.Form):
    """A remark that came in another way than through the page; into a closed process (``closed``) together with its answer."""

    channel = forms.ChoiceField(
        label=_("Jak przyszła?"),
        choices=[choice for choice in selectors.Channel.choices if choice[0] != selectors.Channel.WEB],
        widget=forms.RadioSelect,
    )
    received_on = forms.DateField(label=_("Kiedy urząd ją dostał?"), widget=DateParts)
    posted_on = forms.DateField(
        label=_("Data stempla pocztowego"),
        help_text=_("Tylko z listu. Jeśli list nadano w terminie, uwaga jest w terminie, nawet gdy przyszła później."),
        required=False,
        widget=DateParts,
    )
    body = forms.CharField(label=_("Treść uwagi"), widget=forms.Textarea(attrs={"rows": 7}), max_length=services.LONGEST)
    author_group = forms.ChoiceField(label=_("W czyim imieniu?"), widget=forms.RadioSelect)
    paragraph = forms.ChoiceField(label=_("Którego akapitu dotyczy?"), required=False)
    meeting = forms.ChoiceField(label=_("Na którym spotkaniu padła?"), required=False)
    name = forms.CharField(label=_("Imię i nazwisko albo nazwa"), required=False, max_length=200)
    postal_address = forms.CharField(label=_("Adres pocztowy"), required=False, max_length=300)
    email = forms.EmailField(label=_("Adres e-mail"), help_text=_("Na ten adres wyślemy odpowiedź."), required=False)
    phone = forms.CharField(label=_("Telefon"), required=False, max_length=40)
    files = files_field(_("Skany i załączniki"), _("Skan listu, zdjęcia, dokumenty. Widzi je urząd i autor uwagi."))

    def __init__(
        self, *args: Any, process: Any, paragraphs: list[Any], meetings: list[Any], closed: bool = False, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        if closed:
            for name, field in DecideForm(late=True).fields.items():
                self.fields[name] = field
        self.fields["author_group"].choices = selectors.author_choices(process)
        self.fields["paragraph"].choices = [("", _("całości")), *paragraphs]
        self.fields["meeting"].choices = [("", "–"), *((str(one.meeting.pk), one.meeting.title) for one in meetings)]

    def row(self, file_ids: Any = ()) -> services.RemarkRow:
        """The remark to be."""
        data = self.cleaned_data
        author = services.Author(**{name: data[name] for name in ("name", "postal_address", "email", "phone")})
        target = services.Target(paragraph_id=data["paragraph"] or None)
        return services.RemarkRow(
            body=data["body"], author_group=data["author_group"], author=author, target=target, file_ids=file_ids
        )


class DecideForm(forms.Form):
    """An answer with its reasons. ``late``: whether all that it answers came too late, so that the answer may say so."""

    outcome = forms.ChoiceField(
        label=_("Rozstrzygnięcie"),
        choices=selectors.OUTCOMES,
        widget=forms.RadioSelect,
        error_messages={"required": _("Wybierz rozstrzygnięcie.")},
    )
    reasons = forms.CharField(
        label=_("Uzasadnienie"),
        help_text=_("Napisz, dlaczego. Przeczyta to każdy, a autor dostanie wiadomość."),
        widget=forms.Textarea(attrs={"rows": 6}),
        error_messages={"required": _("Napisz uzasadnienie. Każdej osobie należy się odpowiedź, dlaczego.")},
    )

    def __init__(self, *args: Any, late: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not late:
            self.fields["outcome"].choices = [one for one in selectors.OUTCOMES if one[0] != selectors.Status.LATE]


class GroupForm(forms.Form):
    """A name for remarks that say the same."""

    title = forms.CharField(label=_("Czego dotyczą zaznaczone uwagi?"), max_length=300, required=False)
    known = forms.ChoiceField(label=_("Albo dołącz do grupy"), required=False)

    def __init__(self, *args: Any, groups: list[Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["known"].choices = [("", "–"), *((str(one.number), f"{one.number}. {one.title}") for one in groups)]
