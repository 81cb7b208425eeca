"""The filters of the list."""

from django import forms
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from miasto.kernel.observations.models import Quarantined

REASONS = [("", _("dowolny")), *Quarantined.Reason.choices]
QUIET = {"hide_optional": True}  # of a filter everything may be left out


class Filters(forms.Form):
    """Which readings are shown; everything may be left out."""

    stan = forms.ChoiceField(label=_("Stan"), choices=Quarantined.State.choices, required=False, widget=forms.Select(QUIET))
    powod = forms.ChoiceField(label=_("Powód"), choices=REASONS, required=False, widget=forms.Select(QUIET))
    punkt = forms.CharField(label=_("Nazwa punktu lub serii"), max_length=100, required=False, widget=forms.TextInput(QUIET))

    def narrow(self, found: QuerySet[Quarantined]) -> QuerySet[Quarantined]:
        """Those that were chosen; a wrong choice narrows nothing. Those that wait, unless another state is asked for."""
        self.is_valid()
        values = self.cleaned_data
        found = found.filter(state=values.get("stan") or Quarantined.State.WAITING)
        if reason := values.get("powod"):
            found = found.filter(reason=reason)
        if words := values.get("punkt"):
            found = found.filter(Q(datastream__name__icontains=words) | Q(datastream__thing__name__icontains=words))
        return found
