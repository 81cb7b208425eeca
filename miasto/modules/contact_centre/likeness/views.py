"""The page of the classifier: how good it is, training it anew, stopping that."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from miasto.kernel.accounts.access import panel
from miasto.kernel.core.ratelimit import limited
from miasto.modules.contact_centre.likeness import overview, services
from miasto.modules.contact_centre.likeness.models import Training

PERMISSION = "contact_centre.classifier"
TRIED_MOST = 1_000


@require_safe
@panel(PERMISSION)
def classifier(request: HttpRequest) -> HttpResponse:
    """The model in use with its figures, the running training, the past ones, and a field to try a sentence (``tekst``)."""
    tried = request.GET.get("tekst", "")[:TRIED_MOST].strip()
    return render(request, "contact_centre/likeness/classifier.html", {"tried": tried, **overview.page(tried)})


@require_POST
@panel(PERMISSION)
@limited("contact_centre.train", limit=20, per_s=3600)
def train(request: HttpRequest) -> HttpResponse:
    """Ask for a training."""
    try:
        services.ask_training(by=request.viewer)
        messages.success(request, _("Uczenie zaczyna się w tle. Postęp widać na tej stronie."))
    except services.AlreadyRunning:
        messages.info(request, _("Uczenie już trwa."))
    return redirect("contact_centre_classifier:classifier")


@require_POST
@panel(PERMISSION)
def stop(request: HttpRequest, training_id: UUID) -> HttpResponse:
    """Stop a training."""
    services.stop_training(training=get_object_or_404(Training.objects.defer("data"), pk=training_id), by=request.viewer)
    messages.success(request, _("Uczenie zatrzymamy przy najbliższym kroku. Dotychczasowy model zostaje."))
    return redirect("contact_centre_classifier:classifier")
