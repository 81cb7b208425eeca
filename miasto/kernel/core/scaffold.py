"""The text of a new module, as ``startmodule`` writes it."""

from string import Template

INIT = '"""$title: say here in one sentence what the solution is for."""\n'

MODULE = '''"""What the module $slug declares."""

from django.utils.translation import gettext_lazy as _

from miasto.kernel.core.module import Module, Mount
from miasto.kernel.spec.accounts import Permission, RoleGrant
from miasto.kernel.spec.maps import Layer
from miasto.kernel.spec.places import ObjectKind
from miasto.kernel.spec.ui import NavItem
from miasto.modules.$slug import demo

NAME = _("$title")

MODULE = Module(
    slug="$slug",
    name=NAME,
    summary=_("$title: obiekty na mapie miasta"),
    icon="map-pin",
    provides=(
        Permission(key="$slug.manage", name=_("$title: dodawanie i zmiana")),
        RoleGrant(key="$slug.admins", role="accounts.admin", permissions=("$slug.manage",)),
        ObjectKind(key="$slug.object", model="$slug.$model", name=NAME, name_plural=NAME),
        Layer(
            key="$slug.layer",
            name=NAME,
            model="$slug.$model",
            geometry="point",
            properties={"name": "name"},
            paint=({"type": "circle", "paint": {"circle-radius": 6, "circle-color": "#005ea5"}},),
            legend=((NAME, "#005ea5", "circle"),),
        ),
        NavItem(key="$slug.nav", label=NAME, url_name="$slug:list", icon="map-pin"),
    ),
    mounts=(Mount("$slug/"),),
    demo=demo.load,
)
'''

MODELS = '''"""What the module $slug keeps."""

from django.db import models

from miasto.kernel.places.fields import CityObject


class $model(CityObject):
    """One object of the solution, with its place in the city."""

    kind = "$slug.object"

    name = models.CharField(max_length=200)

    def __str__(self) -> str:
        return self.name
'''

SERVICES = '''"""Writes of the module $slug: each is one change, its audit and its event."""

from django.contrib.gis.geos import Point
from django.db import transaction

from miasto.kernel.accounts.selectors import Viewer
from miasto.kernel.accounts.services import require
from miasto.kernel.places.services import save_object
from miasto.modules.$slug.models import $model


@transaction.atomic
def add(*, name: str, lon: float, lat: float, by: Viewer) -> $model:
    """Add one object at a longitude and latitude (EPSG:4326). Raises ``PermissionDenied``."""
    require(by, "$slug.manage")
    return save_object($model(name=name, geom=Point(lon, lat, srid=4326)), by=by)
'''

SELECTORS = '''"""Reads of the module $slug: each begins with who may see."""

from django.db.models import QuerySet

from miasto.kernel.accounts.selectors import Viewer
from miasto.modules.$slug.models import $model


def objects(viewer: Viewer) -> QuerySet[$model]:
    """The present objects that the viewer may see, by name."""
    return $model.objects.visible_to(viewer).order_by("name")
'''

VIEWS = '''"""Pages of the module $slug."""

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from miasto.modules.$slug import selectors


def object_list(request: HttpRequest) -> HttpResponse:
    """The list of objects, which is also the map's twin."""
    page = Paginator(selectors.objects(request.viewer), 50).get_page(request.GET.get("page"))
    return render(request, "$slug/list.html", {"page": page})
'''

URLS = '''"""Addresses of the module $slug."""

from django.urls import path

from miasto.modules.$slug import views

app_name = "$slug"
urlpatterns = [path("", views.object_list, name="list")]
'''

DEMO = '''"""Made-up objects for the demo city."""

from miasto.kernel.accounts.selectors import SYSTEM
from miasto.kernel.core.city import city
from miasto.modules.$slug import services


def load(*, seed: int) -> None:
    """Five objects around the city's centre."""
    lon, lat = city().centre
    for number in range(1, 6):
        shift = (number - 3 + seed % 3) / 1000
        services.add(name=f"$title {number}", lon=lon + shift, lat=lat - shift, by=SYSTEM)
'''

LIST = """{% extends "ui/page.html" %}
{% block title %}{% translate "$title" %}{% endblock %}
{% block content %}
  <h1>{% translate "$title" %}</h1>
  {% city_map id="map" layers="$slug.layer" twin="#list" %}
  <ul id="list">
    {% for object in page %}
      <li><a href="{% url "places:object" object.id %}">{{ object.name }}</a></li>
    {% empty %}
      <li>{% translate "Nie ma jeszcze żadnego obiektu." %}</li>
    {% endfor %}
  </ul>
  {% pagination page %}
{% endblock %}
"""

TESTS = '''"""What the module $slug promises."""

import pytest
from django.core.exceptions import PermissionDenied

from miasto.kernel.accounts.selectors import ANONYMOUS, SYSTEM
from miasto.modules.$slug import services

pytestmark = pytest.mark.django_db


def test_an_added_object_is_on_the_public_list(client):
    services.add(name="Pierwszy", lon=20.6, lat=50.9, by=SYSTEM)
    assert "Pierwszy" in client.get("/$slug/").content.decode()


def test_a_resident_may_not_add_an_object():
    with pytest.raises(PermissionDenied):
        services.add(name="Pierwszy", lon=20.6, lat=50.9, by=ANONYMOUS)
'''


def files(slug: str) -> dict[str, str]:
    """``{path inside the folder: text}`` of a new module."""
    title = slug.replace("_", " ").capitalize()
    names = {"slug": slug, "title": title, "model": "".join(part.capitalize() for part in slug.split("_")) + "Object"}
    texts = {
        "__init__.py": INIT,
        "module.py": MODULE,
        "models.py": MODELS,
        "services.py": SERVICES,
        "selectors.py": SELECTORS,
        "views.py": VIEWS,
        "urls.py": URLS,
        "demo.py": DEMO,
        "migrations/__init__.py": "",
        f"templates/{slug}/list.html": LIST,
        "tests/__init__.py": "",
        f"tests/test_{slug}.py": TESTS,
    }
    return {path: Template(text).substitute(names) for path, text in texts.items()}
