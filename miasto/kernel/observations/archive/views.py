"""``/panel/czujniki/przechowywanie/``: how long readings are kept, as rules; what one deletes is told before it is saved."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods

from miasto.kernel.accounts.access import panel
from miasto.kernel.observations.access import MANAGE
from miasto.kernel.observations.archive import foreseen, retention
from miasto.kernel.observations.archive.models import ArchiveFile, ArchiveRun, Retention
from miasto.kernel.observations.archive.place import Unreachable
from miasto.kernel.observations.models import ObservedProperty
from miasto.kernel.observations.store import partitions
from miasto.kernel.observations.things import declared_property
from miasto.kernel.places.fields import Audience

DAYS_MOST = 36_600
SHORT = {"class": "govuk-input--width-5", "inputmode": "numeric", "hide_optional": True}
AUDIENCES = {
    "": gettext_lazy("wszystkie"),
    Audience.PUBLIC: gettext_lazy("publiczne"),
    Audience.UNIT: gettext_lazy("tylko dla urzędu"),
    Audience.PRIVATE: gettext_lazy("prywatne, na przykład liczniki w domach"),
}


def _named(observed: ObservedProperty) -> str:
    """The name in the reader's language; one that a client made has only its own."""
    try:
        return str(declared_property(observed.code).name) if observed.code else observed.name
    except KeyError:
        return observed.name


def _days(label: Any, help_text: Any = "") -> forms.IntegerField:
    return forms.IntegerField(
        label=label, help_text=help_text, required=False, min_value=1, max_value=DAYS_MOST, widget=forms.TextInput(attrs=SHORT)
    )


class RuleForm(forms.Form):
    """One rule: of which streams, and for how many days each level is kept."""

    observed_property = forms.ModelChoiceField(
        label=gettext_lazy("Co mierzą"), queryset=ObservedProperty.objects.order_by("name"), required=False,
        empty_label=gettext_lazy("wszystko"), widget=forms.Select(attrs={"hide_optional": True}),
    )  # fmt: skip
    audience = forms.ChoiceField(
        label=gettext_lazy("Które serie"),
        choices=tuple(AUDIENCES.items()),
        required=False,
        widget=forms.Select(attrs={"hide_optional": True}),
    )
    readings_days = _days(
        gettext_lazy("Przez ile dni trzymać odczyty"),
        gettext_lazy("365 dni to rok. Puste pole znaczy: bez końca, także przy średnich poniżej."),
    )
    hours_days = _days(gettext_lazy("Przez ile dni trzymać średnie godzinowe"))
    days_days = _days(gettext_lazy("Przez ile dni trzymać średnie dobowe"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["observed_property"].label_from_instance = _named

    def rule(self) -> Retention:
        """The rule of a valid form, not saved."""
        return Retention(**self.cleaned_data)


class HotForm(forms.Form):
    """How many days stay in PostgreSQL."""

    hot_days = forms.IntegerField(
        label=gettext_lazy("Ile dni trzymać odczyty w bazie, zanim trafią do archiwum"),
        help_text=gettext_lazy("Dłuższy czas kosztuje miejsce na dysku. W tym czasie spóźnione odczyty przyjmujemy najtaniej."),
        min_value=1,
        max_value=366,
        widget=forms.TextInput(attrs=SHORT),
    )


def _whole_city(request: HttpRequest) -> None:
    if request.viewer.units_with(MANAGE) is not None:
        raise PermissionDenied


@require_http_methods(["GET", "HEAD", "POST"])
@panel(MANAGE)
def keeping(request: HttpRequest) -> HttpResponse:
    """The rules, the city's own terms, the hot window."""
    _whole_city(request)
    form = HotForm(request.POST or None, initial={"hot_days": partitions.hot_days()})
    if request.method == "POST" and form.is_valid():
        retention.set_hot_days(days=form.cleaned_data["hot_days"], by=request.viewer)
        messages.success(request, _("Zapisano. Archiwum zastosuje to przy najbliższej pracy."))
        return redirect("observations_sensors:keeping")
    rules = Retention.objects.select_related("observed_property", "datastream__thing").order_by(
        "observed_property__name", "audience", "id"
    )
    context = {
        "form": form,
        "rows": [_row(one) for one in rules],
        "city": [(AUDIENCES[audience], *_terms(retention.general(audience))) for audience in Audience.values],
        "run": ArchiveRun.objects.order_by("-id").first(),
    }
    return render(request, "observations/archive/keeping.html", context, status=422 if form.errors else 200)


def _row(rule: Retention) -> dict[str, Any]:
    what = _("wszystko")
    if rule.observed_property:
        what = _named(rule.observed_property)
    elif rule.datastream:
        what = f"{rule.datastream.thing.name} – {rule.datastream.name}"
    terms = _terms(retention.Terms(rule.readings_days, rule.hours_days, rule.days_days))
    return {"rule": rule, "what": what, "audience": AUDIENCES[rule.audience], "terms": terms}


def _terms(terms: retention.Terms) -> tuple[str, ...]:
    return tuple(_said(days) for days in terms)


def _said(days: int | None) -> str:
    if days is None:
        return _("bez końca")
    if days % 366 == 0 or days % 365 == 0:
        years = days // 365
        return ngettext("%(count)s rok", "%(count)s lat", years) % {"count": years}
    return ngettext("%(count)s dzień", "%(count)s dni", days) % {"count": days}


@require_http_methods(["GET", "HEAD", "POST"])
@panel(MANAGE)
def rule(request: HttpRequest, rule_id: int | None = None) -> HttpResponse:
    """A new rule, or a change or an end of one: first what would be deleted, then, on the second press, the save."""
    _whole_city(request)
    found = get_object_or_404(Retention, pk=rule_id) if rule_id else None
    ruled = found is not None and found.datastream_id is not None
    form = RuleForm(request.POST or None, initial=_initial(found))
    removing = found is not None and "remove" in request.POST
    loss, status = None, 200
    if request.method == "POST" and (removing or form.is_valid()):
        wanted = None if removing else form.rule()
        if wanted is not None and found is not None and ruled:
            wanted.datastream, wanted.observed_property, wanted.audience = found.datastream, None, ""
        try:
            if "confirm" in request.POST:
                return _saved(request, wanted, found)
            if wanted is not None:
                retention.checked(wanted, found)
            loss = foreseen.loss(wanted, instead_of=found.pk if found else None)
        except (ValidationError, Unreachable) as error:
            form.add_error(None, error if isinstance(error, ValidationError) else str(error))
    status = 422 if request.method == "POST" and form.errors and not removing else 200
    context = {
        "form": form, "rule": found, "ruled": ruled, "what": _row(found)["what"] if found else "", "loss": loss,
        "removing": removing, "files": ArchiveFile.objects.filter(replaced_at=None).exists(),
    }  # fmt: skip
    return render(request, "observations/archive/rule.html", context, status=status)


def _initial(found: Retention | None) -> dict[str, Any]:
    if found is None:
        return {}
    names = ("observed_property", "audience", "readings_days", "hours_days", "days_days")
    return {name: getattr(found, name) for name in names}


def _saved(request: HttpRequest, wanted: Retention | None, found: Retention | None) -> HttpResponse:
    if wanted is None and found is not None:
        retention.remove_rule(rule=found, by=request.viewer)
    elif wanted is not None:
        retention.keep_rule(rule=wanted, instead_of=found, by=request.viewer)
    messages.success(request, _("Zapisano. Archiwum usunie to, czego termin minął, i pokaże postęp na stronie czujników."))
    return redirect("observations_sensors:keeping")
