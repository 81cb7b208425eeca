"""Forms of the newsletter: for readers and for editors."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from miasto.kernel.core import clock
from miasto.kernel.notifications import selectors as notifications
from miasto.kernel.ui.fields import DateParts
from miasto.modules.idea.newsletter import selectors, services

LANGUAGES = (("pl", "polski"), ("en", "English"))


class WishesForm(forms.Form):
    """Topics, districts, language. Nothing ticked means everything."""

    topics = forms.MultipleChoiceField(
        label=_("Tematy"),
        help_text=_("Nie zaznaczaj nic, jeśli chcesz czytać o wszystkim."),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    areas = forms.MultipleChoiceField(
        label=_("Dzielnice i osiedla"),
        help_text=_("Nie zaznaczaj nic, jeśli chcesz czytać o całym mieście."),
        required=False,
        widget=forms.CheckboxSelectMultiple(attrs={"group_class": "newsletter-areas"}),
    )
    language = forms.ChoiceField(label=_("Język wiadomości"), choices=LANGUAGES, widget=forms.RadioSelect, initial="pl")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["topics"].choices = selectors.topic_choices()
        self.fields["areas"].choices = selectors.area_choices()

    def wishes(self) -> services.Wishes:
        """What was chosen."""
        data = self.cleaned_data
        return services.Wishes(topics=data["topics"], areas=data["areas"], language=data["language"])


class SignUpForm(WishesForm):
    """As ``WishesForm``, with the address of somebody without an account and the consent."""

    email = forms.EmailField(
        label=_("Twój adres e-mail"),
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
        help_text=_("Wyślemy na niego odsyłacz do potwierdzenia. Bez potwierdzenia nie napiszemy."),
        error_messages={
            "required": _("Wpisz adres e-mail."),
            "invalid": _("Wpisz adres e-mail w postaci nazwa@przyklad.pl."),
        },
    )
    consent = forms.BooleanField(error_messages={"required": _("Bez zgody nie możemy wysyłać newslettera.")})
    field_order = ("email", "topics", "areas", "language", "consent")

    def __init__(self, *args: Any, needs_email: bool, consent: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["consent"].label = consent
        if not needs_email:
            del self.fields["email"]


class IssueForm(forms.Form):
    """What an editor writes; what the city has to tell now can be ticked."""

    title = forms.CharField(label=_("Tytuł"), max_length=150, help_text=_("Będzie też tematem e-maila."))
    lead = forms.CharField(
        label=_("Wstęp"),
        max_length=600,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Najważniejsze w dwóch, trzech zdaniach."),
    )
    text = forms.CharField(
        label=_("Własny tekst"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 12}),
        help_text=_(
            "Akapity rozdzielaj pustym wierszem. „# ” na początku wiersza robi śródtytuł, „- ” punkt listy, "
            "[słowa](https://adres) odsyłacz."
        ),
    )
    blocks = forms.MultipleChoiceField(
        label=_("Z tego, co dzieje się w mieście"),
        help_text=_("Tytuł, opis i odsyłacz przeniesiemy do numeru w takiej postaci, jaką mają teraz."),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    topics = forms.MultipleChoiceField(
        label=_("Tematy, o których jest ten numer"),
        help_text=_("Dostaną go ci, którzy wybrali któryś z nich albo wszystko. Bez zaznaczenia: wszyscy."),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    areas = forms.MultipleChoiceField(
        label=_("Dzielnice, których dotyczy"),
        help_text=_("Bez zaznaczenia: całe miasto."),
        required=False,
        widget=forms.CheckboxSelectMultiple(attrs={"group_class": "newsletter-areas"}),
    )
    title_en = forms.CharField(label=_("Tytuł po angielsku"), max_length=150, required=False)
    lead_en = forms.CharField(
        label=_("Wstęp po angielsku"), max_length=600, required=False, widget=forms.Textarea(attrs={"rows": 3})
    )
    text_en = forms.CharField(label=_("Własny tekst po angielsku"), required=False, widget=forms.Textarea(attrs={"rows": 8}))

    def __init__(self, *args: Any, kept: Any = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.found: dict[str, services.Block] = {f"{one['source']}:{one['key']}": services.Block(**one) for one in kept}
        groups = [(str(_("Już w tym numerze")), [(name, one.title) for name, one in self.found.items()])] if self.found else []
        for source, items in notifications.news("pl"):
            rows = []
            for item in items:
                name = f"{source.key}:{item.key}"
                if name not in self.found:
                    rows.append((name, item.title))
                    self.found[name] = _block(source.key, item)
            groups += [(str(source.name), rows)] if rows else []
        self.fields["blocks"].choices = groups
        if not groups:
            del self.fields["blocks"]
        self.fields["topics"].choices = selectors.topic_choices()
        self.fields["areas"].choices = selectors.area_choices()

    def row(self) -> services.IssueRow:
        """The issue to be."""
        data = dict(self.cleaned_data)
        data["blocks"] = [self.found[name] for name in data.get("blocks", []) if name in self.found]
        return services.IssueRow(**data)


def _block(source: str, item: Any) -> services.Block:
    day = item.day.isoformat() if item.day else ""
    return services.Block(source=source, key=item.key, title=item.title, summary=item.summary, url=item.url, day=day)


def initial_of(issue: Any) -> dict[str, Any]:
    """The form of an issue that is there."""
    names = ("title", "lead", "text", "title_en", "lead_en", "text_en", "topics", "areas")
    chosen = [f"{one['source']}:{one['key']}" for one in issue.blocks]
    return {**{name: getattr(issue, name) for name in names}, "blocks": chosen}


class PlanForm(forms.Form):
    """When to send: at once, or at an hour of a day."""

    when = forms.ChoiceField(
        label=_("Kiedy wysłać?"),
        choices=(("now", _("od razu")), ("later", _("w wybranym czasie"))),
        initial="now",
        widget=forms.RadioSelect,
    )
    day = forms.DateField(label=_("Dzień"), required=False, widget=DateParts)
    hour = forms.TimeField(
        label=_("Godzina"),
        required=False,
        widget=forms.TextInput(attrs={"class": "govuk-input--width-5", "placeholder": "9:00"}),
        error_messages={"invalid": _("Wpisz godzinę, na przykład 9:00.")},
    )
    conditional = {"when": {"later": ("day", "hour")}}

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("when") == "later":
            for name, words in (("day", _("Wpisz dzień.")), ("hour", _("Wpisz godzinę, na przykład 9:00."))):
                if not data.get(name) and name not in self.errors:
                    self.add_error(name, words)
            moment = self.moment() if not self.errors else None
            if moment and moment < clock.now():
                self.add_error("day", _("Ten czas już minął."))
        return data

    def moment(self) -> datetime | None:
        """The chosen time, None for at once."""
        data = self.cleaned_data
        if data.get("when") != "later" or not data.get("day") or not data.get("hour"):
            return None
        return datetime.combine(data["day"], data["hour"], tzinfo=clock.zone())
