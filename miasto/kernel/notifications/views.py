"""Pages of the bell and of the choices of channels."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from miasto.kernel.accounts.access import login_required
from miasto.kernel.notifications import push, selectors, services
from miasto.kernel.notifications.forms import PreferencesForm

PAGE_SIZE = 30


def bell(request: HttpRequest) -> dict[str, Any] | None:
    """Values of the bell in the header; hidden from who is not logged in."""
    viewer = getattr(request, "viewer", None)
    if viewer is None or viewer.person_id is None:
        return None
    unread = selectors.unread(viewer)
    return {
        "unread": unread,
        "shown": str(unread) if unread <= selectors.UNREAD_SHOWN_MOST else f"{selectors.UNREAD_SHOWN_MOST}+",
    }


@login_required
@require_GET
def notices(request: HttpRequest) -> HttpResponse:
    """The viewer's notices, newest first."""
    page = Paginator(selectors.notices(request.viewer), PAGE_SIZE).get_page(request.GET.get("page"))
    return render(request, "notifications/notices.html", {"page_obj": page, "unread": selectors.unread(request.viewer)})


@login_required
@require_GET
def follow(request: HttpRequest, notice_id: UUID) -> HttpResponse:
    """Go to what a notice tells of; it counts as read."""
    notice = selectors.notices(request.viewer).filter(pk=notice_id).first()
    if notice is None:
        raise Http404
    services.mark_read(by=request.viewer, notice_id=notice_id)
    return redirect(notice.url)


@login_required
@require_POST
def read_all(request: HttpRequest) -> HttpResponse:
    """Mark everything as read."""
    services.mark_read(by=request.viewer)
    messages.success(request, _("Wszystkie powiadomienia są oznaczone jako przeczytane."))
    return redirect("notifications:notices")


@login_required
@require_http_methods(["GET", "POST"])
def preferences(request: HttpRequest) -> HttpResponse:
    """Which topics by which channels."""
    form = PreferencesForm(request.viewer, request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        form.save()
        messages.success(request, _("Zapisaliśmy, o czym mamy do Ciebie pisać."))
        return redirect("notifications:preferences")
    values = {"form": form, "push_key": push.public_key(), "browsers": selectors.browsers(request.viewer)}
    return render(request, "notifications/preferences.html", values)
