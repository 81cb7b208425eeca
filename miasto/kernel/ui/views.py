"""The pages that belong to no other engine: home, settings of the reader, statements, the panel's first page, errors."""

from __future__ import annotations

import sys
from typing import Any

from django import forms
from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.db import InterfaceError, OperationalError
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_GET, require_http_methods, require_safe

from miasto.kernel.core import room
from miasto.kernel.core.city import city
from miasto.kernel.core.ratelimit import limited
from miasto.kernel.core.registry import registry
from miasto.kernel.spec.accounts import PersonalData
from miasto.kernel.spec.ui import HomeSection, HomeTask, PanelSection
from miasto.kernel.ui.colours import style_sheet
from miasto.kernel.ui.context import panel_pages
from miasto.kernel.ui.kept import kept
from miasto.kernel.ui.reader import CONTRASTS, TEXTS, THEMES, Reader
from miasto.kernel.ui.samples import samples

PRIVATE_ADDRESSES = ("/panel/", "/konto/", "/sprawy/s/", "/pliki/", "/szukaj/", "/ustawienia/")


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """The first page: search, the main tasks, what is happening now."""
    tasks = [
        {"label": task.label, "hint": task.hint, "icon": task.icon, "url": reverse(task.url_name)}
        for task in registry().all(HomeTask)
    ]
    sections = [_home_section(section, request) for section in registry().all(HomeSection)]
    return render(request, "ui/home.html", {"tasks": tasks, "sections": sections})


def _home_section(section: HomeSection, request: HttpRequest) -> str:
    def draw(viewer: Any) -> str:
        return render_to_string(section.template, {"section": section.context(viewer)})

    return kept(section.shared, "", lambda: draw(None)) if section.shared else draw(request.viewer)


@require_safe
def accessibility(request: HttpRequest) -> HttpResponse:
    """The accessibility statement (act of 4 April 2019 on digital accessibility, art. 10)."""
    return render(request, "ui/accessibility.html", {"statement": city().section("accessibility")})


@require_safe
def privacy(request: HttpRequest) -> HttpResponse:
    """What is kept of people, why and for how long; the list comes from the declarations of the engines and modules."""
    return render(request, "ui/privacy.html", {"kinds": registry().all(PersonalData)})


class ReaderForm(forms.Form):
    """How the reader wants the pages."""

    text = forms.ChoiceField(label=gettext_lazy("Wielkość liter"), choices=TEXTS, widget=forms.RadioSelect)
    theme = forms.ChoiceField(label=gettext_lazy("Kolory"), choices=THEMES, widget=forms.RadioSelect)
    contrast = forms.ChoiceField(label=gettext_lazy("Kontrast"), choices=CONTRASTS, widget=forms.RadioSelect)


@require_http_methods(["GET", "HEAD", "POST"])
@limited("ui.reader", limit=120, per_s=600)
def reader(request: HttpRequest) -> HttpResponse:
    """The reader's settings: a page with a form, kept in a cookie, working without JavaScript."""
    present = Reader.of(request)
    form = ReaderForm(request.POST or None, initial=vars(present) if not request.POST else None)
    target = _safe_next(request)
    if request.method == "POST" and form.is_valid():
        response = redirect(target)
        Reader(**form.cleaned_data).remember(response, secure=request.is_secure())
        return response
    return render(request, "ui/reader.html", {"form": form, "next": target})


def _safe_next(request: HttpRequest) -> str:
    target = request.POST.get("next") or request.GET.get("next") or "/"
    safe = url_has_allowed_host_and_scheme(target, {request.get_host()}, require_https=request.is_secure())
    return target if safe else "/"


@require_safe
def panel(request: HttpRequest) -> HttpResponse:
    """The first page of staff; anonymous visitors sign in, others without any staff page are refused."""
    if request.viewer.is_anonymous:
        return redirect_to_login(request.get_full_path(), settings.LOGIN_URL)
    if not panel_pages(request.viewer):
        raise PermissionDenied
    held = [section for section in registry().all(PanelSection) if request.viewer.holds(section.permission)]
    sections = [(section.template, section.context(request.viewer)) for section in held]
    return render(request, "ui/panel_home.html", {"sections": sections})


@require_http_methods(["GET", "HEAD", "POST"])
def styleguide(request: HttpRequest) -> HttpResponse:
    """Every component in its states, for those who build pages and for the accessibility tests."""
    if request.viewer.is_anonymous:
        return redirect_to_login(request.get_full_path(), settings.LOGIN_URL)
    if not request.viewer.holds("ui.styleguide"):
        raise PermissionDenied
    return render(request, "ui/styleguide.html", samples())


@require_GET
@cache_control(public=True, max_age=31536000, immutable=True)
def city_css(request: HttpRequest) -> HttpResponse:
    """The city's colours as CSS custom properties; the address carries the digest of the content."""
    return HttpResponse(style_sheet(city())[0], content_type="text/css; charset=utf-8")


@require_GET
@cache_control(public=True, max_age=86400)
def logo(request: HttpRequest) -> HttpResponse:
    """The mark of the city from its profile, or a plain one; harmless even if opened by itself."""
    if path := city().logo:
        response: HttpResponse = FileResponse(path.open("rb"), content_type="image/svg+xml")
    else:
        response = redirect(static("images/logo.svg"))
    response["Content-Security-Policy"] = "default-src 'none'; style-src 'unsafe-inline'; sandbox"
    return response


@require_GET
@cache_control(public=True, max_age=86400)
def robots(request: HttpRequest) -> HttpResponse:
    """What crawlers leave alone (RFC 9309)."""
    lines = ["User-agent: *", *[f"Disallow: {address}" for address in PRIVATE_ADDRESSES], ""]
    return HttpResponse("\n".join(lines), content_type="text/plain; charset=utf-8")


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """400."""
    return render(request, "400.html", status=400)


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """403; the reason is shown only where the code wrote it for the reader."""
    return render(request, "403.html", {"reason": str(exception or "")}, status=403)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """403 for a form that was open too long or whose cookie is missing."""
    text = _(
        "Formularz był otwarty zbyt długo albo przeglądarka nie przyjęła pliku cookie. "
        "Wróć, odśwież stronę i wyślij go ponownie."
    )
    return render(request, "403.html", {"reason": text}, status=403)


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """404."""
    return render(request, "404.html", status=404)


def server_error(request: HttpRequest) -> HttpResponse:
    """500; stands alone, because what failed may be the database or the frame of the pages itself.

    503 where the database is away and 507 where a disk is full, with ``Retry-After``: both pass, and nothing was stored.
    """
    status = _status_of(sys.exc_info()[1])
    response = render(None, "500.html", {"platform": city().platform_name, "status": status}, status=status)
    if status != 500:
        response["Retry-After"] = "30" if status == 503 else "600"
    return response


def _status_of(error: BaseException | None) -> int:
    if room.is_full(error):
        return 507
    state = getattr(error.__cause__, "sqlstate", None) if error else None
    away = isinstance(error, OperationalError | InterfaceError) and (state is None or state.startswith(("08", "57P")))
    return 503 if away else 500
