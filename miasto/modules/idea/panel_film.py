"""Staff: the film in sign language of a consultation."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from miasto.kernel.accounts.access import panel
from miasto.kernel.participation import selectors, services
from miasto.kernel.participation.selectors import MANAGE
from miasto.modules.idea import panel_forms as forms
from miasto.modules.idea.naming import brand
from miasto.modules.idea.panel_views import managed
from miasto.modules.idea.views_remark import refuse


@panel(MANAGE)
@never_cache
def film(request: HttpRequest, process_id: UUID) -> HttpResponse:
    """Add, replace or remove the film and its captions."""
    one = managed(request, process_id)
    sent = request.method == "POST"
    form = forms.FilmForm(request.POST if sent else None, request.FILES if sent else None)
    if sent and request.POST.get("do") == "remove":
        services.remove_film(process=one, by=request.viewer)
        messages.success(request, _("Film usunięty."))
        return redirect("idea_panel:film", process_id=process_id)
    if sent and form.is_valid():
        try:
            services.save_film(process=one, by=request.viewer, **form.cleaned_data)
        except ValidationError as error:
            refuse(form, error)
        else:
            messages.success(request, _("Film jest na stronie konsultacji."))
            return redirect("idea_panel:film", process_id=process_id)
    context = {"brand": brand(), "process": one, "form": form, "film": selectors.film_of(one)}
    return render(request, "idea/panel_film.html", context, status=422 if sent else 200)
