"""The platform as an application on a phone: its icons, its manifest (W3C) and its service worker."""

from __future__ import annotations

import hashlib
import io
import json
from functools import cache
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.staticfiles import finders
from django.core.exceptions import ImproperlyConfigured
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_GET, require_safe

from miasto.kernel.core.city import city
from miasto.kernel.core.registry import registry
from miasto.kernel.spec.ui import HomeTask, OfflinePage
from miasto.kernel.ui.colours import LIGHT_GROUNDS, palette

ICONS = {"192": (192, False), "512": (512, False), "apple": (180, True), "maskable": (512, True)}
SHORTCUTS = 3
FONT = "fonts/bricolage-grotesque-{subset}-wght-normal.woff2"
GROUND = LIGHT_GROUNDS[0]


def _asset(name: str) -> Path | None:
    collected = Path(settings.STATIC_ROOT) / name
    found = str(collected) if collected.exists() else finders.find(name)
    return Path(found) if found else None


def _font(letter: str, size: float) -> Any:
    """The platform's own heavy face, in the subset that has the letter; Pillow's face where the assets are not built."""
    from PIL import ImageFont

    path = _asset(FONT.format(subset="latin" if ord(letter) < 256 else "latin-ext"))
    return ImageFont.truetype(str(path), size) if path else ImageFont.load_default(size)


@cache
def icon_png(name: str) -> bytes:
    """The icon as PNG: the city's initial on its brand colour over a bar of the accent.

    ``maskable`` and ``apple`` fill the whole square, and everything stays in the safe middle (a circle of 80 % of the width,
    W3C Manifest, „maskable"); the others have round corners. Raises ``KeyError`` for another name.
    """
    from PIL import Image, ImageDraw

    size, full = ICONS[name]
    side, colours = size * 4, palette(city().colours)
    image = Image.new("RGBA", (side, side), (0, 0, 0, 0))
    draw = ImageDraw.Draw(image)
    draw.rounded_rectangle((0, 0, side - 1, side - 1), 0 if full else side * 0.22, fill=colours["--city-brand"])
    share = 0.44 if full else 0.56
    letter = city().name[0].upper()
    draw.text((side / 2, side * 0.64), letter, colours["--city-on-brand"], _font(letter, side * share), anchor="ms")
    width, top = side * share * 0.36, side * 0.70
    draw.rounded_rectangle(
        (side / 2 - width, top, side / 2 + width, top + side * 0.055), side * 0.0275, fill=colours["--city-accent"]
    )
    buffer = io.BytesIO()
    image.resize((size, size), Image.Resampling.LANCZOS).save(buffer, "PNG", optimize=True)
    return buffer.getvalue()


@cache
def _icon_version() -> str:
    return hashlib.sha256(icon_png("192")).hexdigest()[:12]


def icon_address(name: str) -> str:
    """The address of an icon; it changes with the drawing, so the icon may be kept for a year."""
    return f"{reverse('ui:app_icon', args=[name])}?v={_icon_version()}"


@require_GET
@cache_control(public=True, max_age=31536000, immutable=True)
def app_icon(request: HttpRequest, name: str) -> HttpResponse:
    """An icon of the application."""
    if name not in ICONS:
        raise Http404
    return HttpResponse(icon_png(name), content_type="image/png")


def _icon_entry(name: str, purpose: str = "any") -> dict[str, str]:
    size = ICONS[name][0]
    return {"src": icon_address(name), "sizes": f"{size}x{size}", "type": "image/png", "purpose": purpose}


@require_GET
@cache_control(public=True, max_age=86400)
def manifest(request: HttpRequest) -> JsonResponse:
    """The web application manifest (W3C); the shortcuts are the first tasks of the home page."""
    name = city().platform_name
    tasks = registry().all(HomeTask)[:SHORTCUTS]
    body: dict[str, Any] = {
        "id": "/",
        "name": name,
        "short_name": str(city().data.get("platform_short_name") or name),
        "lang": "pl",
        "start_url": "/",
        "scope": "/",
        "display": "standalone",
        "background_color": GROUND,
        "theme_color": GROUND,
        "icons": [
            _icon_entry("192"),
            _icon_entry("512"),
            _icon_entry("maskable", "maskable"),
            {"src": reverse("ui:logo"), "sizes": "any", "type": "image/svg+xml", "purpose": "any"},
        ],
        "shortcuts": [
            {"name": str(task.label), "url": reverse(task.url_name), "icons": [_icon_entry("192")]} for task in tasks
        ],
    }
    return JsonResponse(body, content_type="application/manifest+json")


@require_safe
def offline(request: HttpRequest) -> HttpResponse:
    """What the device shows without a network for pages that it does not keep; leads to those that it does."""
    pages = [{"label": page.label, "url": reverse(page.url_name)} for page in registry().all(OfflinePage)]
    return render(request, "ui/offline.html", {"pages": pages})


@cache
def _worker_script() -> bytes:
    path = _asset("js/ui/worker.js")
    if path is None:
        raise ImproperlyConfigured("the browser assets are not built: run `npm ci` and `npm run build`")
    return path.read_bytes()


@cache
def _assets_digest() -> str:
    """A digest of every script and style sheet: a new build is a new version of the kept pages."""
    root = Path(settings.STATIC_ROOT) if (Path(settings.STATIC_ROOT) / "js").exists() else None
    root = root or (Path(settings.STATICFILES_DIRS[0]) if settings.STATICFILES_DIRS else None)
    whole = hashlib.sha256()
    for path in sorted(path for kind in ("js", "css") for path in (root / kind).rglob("*.*")) if root else ():
        whole.update(str(path.relative_to(root)).encode() + path.read_bytes())
    return whole.hexdigest()[:16]


@require_GET
@cache_control(no_cache=True)
def worker(request: HttpRequest) -> HttpResponse:
    """The service worker, with what it keeps: the pages that engines and modules declared to work without a network."""
    pages = [{"page": reverse(page.url_name), "prefix": reverse(page.instead_of)} for page in registry().all(OfflinePage)]
    told = {"version": _assets_digest(), "offline": reverse("ui:offline"), "pages": pages}
    body = f"self.PLATFORM={json.dumps(told)};\n".encode() + _worker_script()
    response = HttpResponse(body, content_type="text/javascript; charset=utf-8")
    response["Service-Worker-Allowed"] = "/"
    return response
