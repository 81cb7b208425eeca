"""Forms of live votes: coming in, answering, and what the office prepares."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from miasto.kernel.accounts.selectors import current_units
from miasto.kernel.core import clock
from miasto.kernel.participation.selectors import coming_meetings
from miasto.kernel.ui.fields import DateParts
from miasto.modules.idea.live import services, wording
from miasto.modules.idea.live.casting import TEXT_LENGTH, WORD_LENGTH
from miasto.modules.idea.live.models import (
    MANAGE,
    Admission,
    Base,
    Kind,
    LiveMeeting,
    LiveQuestion,
    Majority,
    Quorum,
    SecondRound,
)
from miasto.modules.idea.naming import KIND

LONG = {"rows": 3}
LANGUAGES = (("en", _("angielski")), ("uk", _("ukraiński")))


class CodeForm(forms.Form):
    """The code of a meeting."""

    kod = forms.CharField(
        label=_("Kod spotkania"),
        help_text=_("Sześć znaków z ekranu na sali albo z zaproszenia."),
        max_length=20,
        widget=forms.TextInput(
            attrs={
                "class": "govuk-input--width-10 live-code-input",
                "autocapitalize": "characters",
                "autocomplete": "off",
                "spellcheck": "false",
            }
        ),
        error_messages={"required": _("Wpisz kod spotkania.")},
    )


class JoinForm(forms.Form):
    """How somebody comes in, and whether in the room."""

    secret = forms.CharField(
        label=_("Kod z karty"),
        required=False,
        max_length=40,
        widget=forms.TextInput(
            attrs={
                "class": "govuk-input--width-10 live-code-input",
                "autocapitalize": "characters",
                "autocomplete": "off",
                "spellcheck": "false",
                "hide_optional": True,
            }
        ),
    )
    where = forms.ChoiceField(
        label=_("Skąd bierzesz udział?"),
        choices=(("room", _("jestem na sali")), ("remote", _("zdalnie"))),
        widget=forms.RadioSelect(attrs={"group_class": "govuk-radios--inline"}),
        initial="room",
    )

    def __init__(self, *args: Any, asks_secret: bool, listed: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not asks_secret:
            del self.fields["secret"]
        else:
            self.fields["secret"].help_text = gettext("Dziesięć znaków. Wielkość liter i kreski nie mają znaczenia.")
            if listed:
                self.fields["secret"].label = gettext("Twój kod")


class AnswerForm(forms.Form):
    """The answer to one question. Nothing of it is required by the browser: the service says what is missing."""

    def __init__(self, *args: Any, question: LiveQuestion, language: str, **kwargs: Any) -> None:
        super().__init__(*args, auto_id="odp_%s", **kwargs)
        self.question = question
        title = question.said(language)[0]
        heading = {"legend_class": "govuk-fieldset__legend--l", "label_class": "govuk-label--l", "hide_optional": True}
        hint = question.note
        if question.kind == Kind.WORDS:
            self._words(title, hint)
        elif question.kind == Kind.OPEN:
            area = forms.Textarea(attrs={"rows": 5, "label_class": "govuk-label--l", "hide_optional": True})
            self.fields["text"] = forms.CharField(
                label=title, help_text=hint, required=False, max_length=TEXT_LENGTH, widget=area
            )
        else:
            choices = list(enumerate(wording.labels(question, language)))
            several = question.kind == Kind.SEVERAL
            widget = forms.CheckboxSelectMultiple if several else forms.RadioSelect
            field = forms.MultipleChoiceField if several else forms.ChoiceField
            if several:
                hint = " ".join(filter(None, [hint, gettext("Możesz zaznaczyć najwyżej: %(n)d.") % {"n": question.most}]))
            self.fields["choice"] = field(
                label=title,
                help_text=hint,
                required=False,
                choices=choices,
                widget=widget(attrs={**heading, "group_class": "ui-choices"}),
            )

    def _words(self, title: str, hint: str) -> None:
        self.words_title, self.words_hint = title, hint
        for place in range(self.question.most):
            self.fields[f"word_{place}"] = forms.CharField(
                label=gettext("Słowo %(n)d") % {"n": place + 1} if self.question.most > 1 else title,
                help_text=hint if self.question.most == 1 else "",
                required=False,
                max_length=WORD_LENGTH,
                widget=forms.TextInput(attrs={"class": "govuk-input--width-20", "hide_optional": True, "autocomplete": "off"}),
            )

    def answer(self) -> list[Any]:
        """The answer as ``services.cast`` takes it."""
        data = self.cleaned_data
        if self.question.kind == Kind.OPEN:
            return [data["text"]]
        if self.question.kind == Kind.WORDS:
            return [data[f"word_{place}"] for place in range(self.question.most)]
        chosen = data["choice"]
        return [int(one) for one in (chosen if isinstance(chosen, list) else [chosen]) if one != ""]


class MeetingForm(forms.Form):
    """A meeting and its rules."""

    title = forms.CharField(label=_("Nazwa spotkania"), max_length=200)
    about = forms.CharField(label=_("Co trzeba wiedzieć?"), required=False, widget=forms.Textarea(attrs=LONG))
    day = forms.DateField(label=_("Dzień"), widget=DateParts)
    at = forms.TimeField(
        label=_("Godzina"), widget=forms.TimeInput(attrs={"class": "govuk-input--width-5", "type": "time"}, format="%H:%M")
    )
    unit_id = forms.ChoiceField(label=_("Jednostka, która prowadzi spotkanie"))
    process_meeting_id = forms.ChoiceField(
        label=_("Spotkanie konsultacyjne, do którego należy"),
        help_text=_("Opublikowane wyniki dopiszemy do notatki z tego spotkania."),
        required=False,
    )
    languages = forms.MultipleChoiceField(
        label=_("Języki pytań oprócz polskiego"), required=False, choices=LANGUAGES, widget=forms.CheckboxSelectMultiple
    )
    admission = forms.ChoiceField(
        label=_("Kto bierze udział?"),
        help_text=_("Gość to jedno urządzenie: wystarczy do sondaży. Do rozstrzygnięć wybierz konta, listę albo karty."),
        choices=Admission.choices,
        widget=forms.RadioSelect,
        initial=Admission.OPEN,
    )
    cards = forms.BooleanField(
        label=_("Głosy tajne oddaje się anonimową kartą z kodem"),
        help_text=_("Karty drukuje się przed spotkaniem i rozdaje bez zapisywania, kto którą dostał."),
        required=False,
    )
    entitled = forms.IntegerField(
        label=_("Ilu jest uprawnionych do głosowania?"),
        help_text=_("Na przykład ustawowy skład rady. Puste: tylu, ilu jest na liście, kart albo obecnych."),
        required=False,
        min_value=1,
        max_value=100_000,
        widget=forms.NumberInput(attrs={"class": "govuk-input--width-5"}),
    )
    quorum = forms.ChoiceField(label=_("Kworum"), choices=Quorum.choices, widget=forms.RadioSelect, initial=Quorum.NONE)
    quorum_number = forms.IntegerField(
        label=_("Ile osób?"), required=False, min_value=1, widget=forms.NumberInput(attrs={"class": "govuk-input--width-5"})
    )
    quorum_share = forms.RegexField(
        label=_("Jaka część uprawnionych?"),
        help_text=_("Ułamek, na przykład 1/2."),
        regex=r"^\s*\d{1,3}\s*/\s*\d{1,3}\s*$",
        required=False,
        initial="1/2",
        widget=forms.TextInput(attrs={"class": "govuk-input--width-5"}),
        error_messages={"invalid": _("Wpisz ułamek, na przykład 1/2.")},
    )
    conditional = {"quorum": {"number": ("quorum_number",), "share": ("quorum_share",)}}

    def __init__(self, *args: Any, viewer: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        units = current_units().order_by("name").only("id", "name")
        held = viewer.units_with(MANAGE)
        if held is not None:
            units = units.filter(pk__in=held)
        self.fields["unit_id"].choices = [(str(one.pk), one.name) for one in units]
        coming = [(str(one.pk), f"{one.process.title} – {one.title}") for one in coming_meetings(viewer, KIND)]
        known = (self.initial or {}).get("process_meeting_id")
        if known and known not in dict(coming):
            coming.append((known, self.initial["process_meeting_title"]))
        self.fields["process_meeting_id"].choices = [("", _("żadne")), *coming]

    def clean(self) -> dict[str, Any]:
        """A quorum that is asked for is said."""
        data = super().clean() or {}
        if data.get("quorum") == Quorum.NUMBER and not data.get("quorum_number"):
            self.add_error("quorum_number", gettext("Podaj liczbę osób."))
        if data.get("quorum") == Quorum.SHARE and not data.get("quorum_share") and "quorum_share" not in self.errors:
            self.add_error("quorum_share", gettext("Podaj ułamek."))
        return data

    def row(self) -> services.MeetingRow:
        """The meeting to be."""
        data = self.cleaned_data
        parts, of = (int(one) for one in (data["quorum_share"] or "1/2").split("/"))
        starts = datetime.combine(data["day"], data["at"], tzinfo=clock.zone())
        tied = data["process_meeting_id"]
        names = ("title", "about", "languages", "admission", "cards", "entitled", "quorum")
        return services.MeetingRow(
            **{name: data[name] for name in names},
            starts_at=starts,
            unit_id=UUID(data["unit_id"]),
            process_meeting_id=UUID(tied) if tied else None,
            quorum_number=data["quorum_number"] or 1,
            quorum_parts=parts,
            quorum_of=max(of, 1),
        )


def initial_of(meeting: LiveMeeting) -> dict[str, Any]:
    """The form's values of a meeting."""
    names = ("title", "about", "languages", "admission", "cards", "entitled", "quorum", "quorum_number")
    starts = clock.local(meeting.starts_at)
    tied = meeting.process_meeting
    return {
        **{name: getattr(meeting, name) for name in names},
        "quorum_share": f"{meeting.quorum_parts}/{meeting.quorum_of}",
        "day": starts.date(),
        "at": starts.time(),
        "unit_id": str(meeting.unit_id),
        "process_meeting_id": str(tied.pk) if tied else "",
        "process_meeting_title": tied.title if tied else "",
    }


class QuestionForm(forms.Form):
    """A point of the agenda."""

    title = forms.CharField(label=_("Pytanie"), max_length=300)
    note = forms.CharField(label=_("Wyjaśnienie"), required=False, widget=forms.Textarea(attrs=LONG))
    kind = forms.ChoiceField(label=_("Jak się odpowiada?"), choices=Kind.choices, widget=forms.RadioSelect)
    options = forms.CharField(
        label=_("Odpowiedzi"), help_text=_("Każda w osobnym wierszu."), required=False, widget=forms.Textarea(attrs={"rows": 5})
    )
    most = forms.IntegerField(
        label=_("Ile odpowiedzi albo słów można podać?"),
        help_text=_("Dotyczy wyboru kilku odpowiedzi i chmury słów."),
        required=False,
        min_value=1,
        max_value=20,
        initial=3,
        widget=forms.NumberInput(attrs={"class": "govuk-input--width-5"}),
    )
    secret = forms.ChoiceField(
        label=_("Tajnie czy imiennie?"),
        choices=(
            ("yes", _("tajnie – nikt nie dowie się, kto jak głosował")),
            ("no", _("imiennie – ogłosimy, kto jak głosował")),
        ),
        widget=forms.RadioSelect,
        initial="yes",
    )
    changeable = forms.BooleanField(
        label=_("Głos można zmienić, dopóki trwa głosowanie"),
        help_text=_("Tylko w głosowaniu imiennym: głosu tajnego nic nie łączy z osobą, więc nie da się go zmienić."),
        required=False,
    )
    majority = forms.ChoiceField(
        label=_("Co rozstrzyga?"), choices=Majority.choices, widget=forms.RadioSelect, initial=Majority.NONE
    )
    base = forms.ChoiceField(label=_("Większość liczy się od"), choices=Base.choices, required=False, initial=Base.CAST)
    share = forms.RegexField(
        label=_("Kwalifikowana większość"),
        help_text=_("Ułamek, na przykład 2/3."),
        regex=r"^\s*\d{1,3}\s*/\s*\d{1,3}\s*$",
        required=False,
        initial="2/3",
        widget=forms.TextInput(attrs={"class": "govuk-input--width-5"}),
        error_messages={"invalid": _("Wpisz ułamek, na przykład 2/3.")},
    )
    seats = forms.IntegerField(
        label=_("Ile miejsc obsadza wybór kilku odpowiedzi?"),
        required=False,
        min_value=1,
        max_value=20,
        initial=1,
        widget=forms.NumberInput(attrs={"class": "govuk-input--width-5"}),
    )
    second_round = forms.ChoiceField(
        label=_("Druga tura, gdy nikt nie ma większości"), choices=SecondRound.choices, initial=SecondRound.NO
    )
    limit_s = forms.IntegerField(
        label=_("Ile sekund trwa głosowanie?"),
        help_text=_("Puste: zamyka je prowadzący."),
        required=False,
        max_value=86_400,
        widget=forms.NumberInput(attrs={"class": "govuk-input--width-5"}),
    )

    def __init__(self, *args: Any, meeting: LiveMeeting, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.meeting = meeting
        names = dict(LANGUAGES)
        for language in meeting.languages:
            name = names.get(language, language)
            self.fields[f"title_{language}"] = forms.CharField(
                label=gettext("Pytanie: %(language)s") % {"language": name}, max_length=300, required=False
            )
            self.fields[f"options_{language}"] = forms.CharField(
                label=gettext("Odpowiedzi: %(language)s") % {"language": name},
                required=False,
                widget=forms.Textarea(attrs={"rows": 3}),
            )
        if meeting.admission == Admission.OPEN:
            del self.fields["secret"]
            del self.fields["changeable"]

    def row(self) -> services.QuestionRow:
        """The question to be."""
        data = self.cleaned_data
        parts, of = (int(one) for one in (data["share"] or "2/3").split("/"))
        translations = {
            language: {"title": data[f"title_{language}"], "options": lines(data[f"options_{language}"])}
            for language in self.meeting.languages
            if data[f"title_{language}"]
        }
        names = ("title", "note", "kind", "majority", "second_round", "limit_s")
        return services.QuestionRow(
            **{name: data[name] for name in names},
            options=lines(data["options"]),
            translations=translations,
            secret=data.get("secret", "yes") == "yes",
            changeable=data.get("changeable", False),
            base=data["base"] or Base.CAST,
            parts=parts,
            of=max(of, 1),
            seats=data["seats"] or 1,
            most=data["most"] or 1,
        )


def lines(text: str) -> list[str]:
    """The lines of a text that say something."""
    return [" ".join(one.split())[:200] for one in text.splitlines() if one.strip()]


def initial_question(question: LiveQuestion) -> dict[str, Any]:
    """The form's values of a question."""
    names = ("title", "note", "kind", "most", "changeable", "majority", "base", "seats", "second_round", "limit_s")
    values = {name: getattr(question, name) for name in names}
    for language, told in question.translations.items():
        values |= {f"title_{language}": told.get("title", ""), f"options_{language}": "\n".join(told.get("options", []))}
    return {
        **values,
        "options": "\n".join(question.options),
        "share": f"{question.parts}/{question.of}",
        "secret": "yes" if question.secret else "no",
    }


class CardsForm(forms.Form):
    """How many cards to print."""

    count = forms.IntegerField(
        label=_("Ile kart wydrukować?"),
        min_value=1,
        max_value=1000,
        initial=30,
        widget=forms.NumberInput(attrs={"class": "govuk-input--width-5"}),
        error_messages={"required": _("Wpisz liczbę kart.")},
    )


class PeopleForm(forms.Form):
    """Names for the list."""

    names = forms.CharField(
        label=_("Dopisz osoby"),
        help_text=_("Imię i nazwisko, każda osoba w osobnym wierszu. Od razu pokażemy kody do wydruku."),
        widget=forms.Textarea(attrs={"rows": 6}),
        max_length=50_000,
        error_messages={"required": _("Wpisz co najmniej jedną osobę.")},
    )
