"""The platform as an application on a phone."""

import io

import pytest
from django.conf import settings
from PIL import Image

from miasto.kernel.core.city import city
from miasto.kernel.ui.app import ICONS
from miasto.kernel.ui.colours import channels, palette

BUILT = pytest.mark.skipif(not settings.STATICFILES_DIRS, reason="the browser assets are not built: npm run build")


def test_the_manifest_names_icons_of_the_sizes_that_they_have(client, db):
    manifest = client.get("/manifest.webmanifest").json()
    pictures = [icon for icon in manifest["icons"] if icon["type"] == "image/png"]
    assert {(icon["sizes"], icon["purpose"]) for icon in pictures} == {
        ("192x192", "any"), ("512x512", "any"), ("512x512", "maskable")
    }  # fmt: skip
    for icon in pictures:
        answer = client.get(icon["src"])
        assert "immutable" in answer["Cache-Control"]
        image = Image.open(io.BytesIO(answer.content))
        assert f"{image.width}x{image.height}" == icon["sizes"]
    assert (manifest["start_url"], manifest["scope"], manifest["display"]) == ("/", "/", "standalone")
    assert "/zglos/" in [shortcut["url"] for shortcut in manifest["shortcuts"]]


@pytest.mark.parametrize("name", ICONS)
def test_an_icon_is_in_the_colours_of_the_city_with_its_initial(client, name):
    image = Image.open(io.BytesIO(client.get(f"/ikony/{name}.png").content)).convert("RGBA")
    colours = palette(city().colours)
    seen = {colour[:3] for _count, colour in image.getcolors(image.width * image.height)}
    assert {channels(colours[key]) for key in ("--city-brand", "--city-accent", "--city-on-brand")} <= seen
    corner = image.getpixel((0, 0))[3]
    assert corner == (255 if name in ("maskable", "apple") else 0)


def test_another_icon_is_not_found(client, db):
    assert client.get("/ikony/inna.png").status_code == 404


@BUILT
def test_the_worker_may_serve_the_whole_platform_and_keeps_the_declared_pages(client):
    answer = client.get("/sw.js")
    assert answer["Content-Type"].startswith("text/javascript")
    assert answer["Service-Worker-Allowed"] == "/"
    assert answer["Cache-Control"] == "no-cache"
    first = answer.content.decode().splitlines()[0]
    assert '"offline": "/bez-sieci/"' in first
    assert '{"page": "/zglos/bez-sieci/", "prefix": "/zglos/"}' in first


def test_the_page_without_a_network_leads_to_what_works_without_it(client, db):
    page = client.get("/bez-sieci/").content.decode()
    assert 'href="/zglos/bez-sieci/"' in page
    assert "csrfmiddlewaretoken" not in page


def test_the_browsers_frame_has_the_colour_of_the_page(client, db):
    page = client.get("/").content.decode()
    assert '<meta name="theme-color" content="#f8f5f0" media="(prefers-color-scheme: light)">' in page
    assert '<meta name="theme-color" content="#171514" media="(prefers-color-scheme: dark)">' in page
    client.cookies["czytanie"] = "dark.system.100"
    assert '<meta name="theme-color" content="#171514">' in client.get("/").content.decode()


@BUILT
def test_the_worker_and_the_manifest_are_allowed_by_the_policy_and_nothing_foreign_is(client, db):
    for address in ("/", "/sw.js"):
        policy = dict(part.strip().split(" ", 1) for part in client.get(address)["Content-Security-Policy"].split(";"))
        assert policy["default-src"] == "'none'"
        assert policy["manifest-src"] == policy["connect-src"] == policy["script-src"] == "'self'"
        assert policy["worker-src"] == "'self' blob:"


@BUILT
def test_the_one_worker_has_the_parts_of_the_engines_and_modules(client):
    script = client.get("/sw.js").content.decode()
    for handler in ("install", "fetch", "push", "notificationclick", "sync"):
        assert f'addEventListener("{handler}"' in script
