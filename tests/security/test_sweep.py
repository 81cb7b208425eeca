"""Nothing of one resident reaches another: every address of the platform is asked by four people who must not know.

The addresses come from the resolver, so a new page is swept without being listed here. Identifiers in addresses are filled
with those of one resident's report, person, photo and thread; each answer is searched for the words only she wrote.
"""

import io
import re
import uuid

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponseNotFound
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver
from PIL import Image

from miasto.config import urls
from miasto.kernel.accounts.models import Unit
from miasto.kernel.accounts.selectors import SYSTEM, viewer_for_person
from miasto.kernel.accounts.testing import make_person, make_staff
from miasto.kernel.cases import services
from miasto.kernel.cases.models import Case, CaseFile, Category
from miasto.kernel.core.module import Setup
from miasto.kernel.core.registry import registry
from miasto.kernel.discussions.models import Comment
from miasto.kernel.files.services import store_image
from miasto.kernel.participation import services as participation
from miasto.kernel.participation.models import Contribution
from miasto.kernel.participation.testing import make_process, remark
from miasto.kernel.ui.views import not_found as page_of_404
from miasto.modules.idea.ideas import services as ideas
from miasto.modules.idea.ideas.models import Idea

CANARIES = (
    "kanarek.prywatny@example.org",
    "Kanarkowa Zofia",
    "600700800",
    "opis-kanarka-którego-nikt-nie-zatwierdził",
    "wewnętrzny-komentarz-o-kanarku",
    "dopisek-kanarka",
    "uwaga-kanarka",
    "szkic-pomysłu-kanarka",
)


@pytest.fixture
def city(db, settings):
    settings.RATE_LIMIT_FACTOR = 10_000
    for setup in registry().all(Setup):
        setup.run()


def picture():
    buffer = io.BytesIO()
    Image.new("RGB", (64, 48), "#336699").save(buffer, "JPEG")
    return SimpleUploadedFile("kanarek.jpg", buffer.getvalue(), "image/jpeg")


@pytest.fixture
def report(city):
    """One resident's report with everything in it that others must not see."""
    resident = make_person(email=CANARIES[0], name=CANARIES[1])
    viewer = viewer_for_person(resident.id)
    stored = store_image(upload=picture(), by=viewer)
    category = Category.objects.filter(parent__isnull=False, active=True).order_by("slug").first()
    from miasto.kernel.core.city import city as profile

    lon, lat = profile().centre
    filed = services.file_case(
        case_type="contact_centre.report",
        category=category,
        description=CANARIES[3],
        point=(lon, lat),
        address_text="Rynek 1",
        answers={},
        file_ids=[stored.file.id],
        contact=services.Contact(name=CANARIES[1], email=CANARIES[0], phone=CANARIES[2], language="pl"),
        by=viewer,
    )
    services.comment(case=filed.case, body=CANARIES[4], audience="internal", by=SYSTEM)
    services.add_from_filer(case=filed.case, body=CANARIES[5], file_ids=(), by=viewer)
    author = participation.Author(name=CANARIES[1], phone=CANARIES[2])
    consultation = make_process(kind="idea.consultation")
    remark(consultation, CANARIES[6], by=viewer, author=author)
    ideas.keep_draft(row=ideas.IdeaRow(title=CANARIES[7], text=CANARIES[7], topic="", name="Z."), by=viewer)
    return filed, resident


def people(report):
    """Four people: nobody, another resident, a clerk and a supervisor of another unit."""
    filed, _resident = report
    other = Unit.objects.exclude(pk=filed.case.unit_id).filter(parent__isnull=False).exclude(children__isnull=False).first()
    logins = {"nobody": None, "another resident": make_person(email="sasiad@example.org", name="Jan Sąsiad")}
    logins["a clerk of another unit"] = make_staff("cases.clerk", other)
    logins["a supervisor of another unit"] = make_staff("cases.supervisor", other)
    return logins


def client_of(person):
    client = Client()
    if person is not None:
        client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    return client


@pytest.fixture(autouse=True)
def page_of_404_drawn_once_for_each_route(monkeypatch):
    """The page that says 404 is told only the request; a third of the time of a sweep was drawing it again and again.

    Each route's first one is the real page. For its further identifiers the answer is what the view gave as its reason.
    """
    drawn = set()

    def not_found(request, exception):
        route = request.resolver_match.route if request.resolver_match else None
        if route in drawn:
            return HttpResponseNotFound(str(exception))
        drawn.add(route)
        return page_of_404(request, exception)

    monkeypatch.setattr(urls, "handler404", not_found)


def routes(patterns=None, prefix=""):
    """``(address pattern as text, converters)`` of each address that the platform answers."""
    for entry in patterns if patterns is not None else get_resolver().url_patterns:
        text = prefix + str(entry.pattern)
        if isinstance(entry, URLResolver):
            yield from routes(entry.url_patterns, text)
        elif isinstance(entry, URLPattern):
            yield text


def identifiers(report):
    """What stands for each kind of parameter in an address."""
    filed, resident = report
    case = filed.case
    comment, case_file = Comment.objects.filter(thread=case.thread).first(), CaseFile.objects.filter(case=case).first()
    remarks = Contribution.objects.select_related("process").first()
    found = [case.id, resident.id, comment.id, case_file.id, case_file.file_id, case.thread_id, case.category_id]
    found += [case.unit_id, remarks.pk, remarks.process_id, Idea.objects.get().pk]
    values = {"number": [case.number], "uuid": found, "str": [case.number, "x"]}
    return values | {"int": [1], "slug": ["zdjecie", remarks.process.slug], "path": ["x"]}


def filled(route, values):
    """The address with the resident's identifiers in the places of its parameters, one for each identifier that fits."""

    def choices(match):
        converter, name = (match.group(1) or "str").rstrip(":"), match.group(2)
        if name in ("number", "case_number") and converter != "int":
            return values["number"]
        if name in ("layer", "key", "collection", "collection_id"):
            return ["contact_centre.reports"]
        return values.get(converter, [str(uuid.uuid4())])

    parameters = list(re.finditer(r"<(\w+:)?(\w+)>", route))
    most = max((len(choices(match)) for match in parameters), default=1)
    for number in range(most):
        turn = iter([str(choices(match)[number % len(choices(match))]) for match in parameters])
        address = re.sub(r"<(?:\w+:)?\w+>", lambda _match, turn=turn: next(turn), route)
        yield "/" + re.sub(r"\\(.)", r"\1", address.replace("^", "").replace("$", "").replace("\\Z", ""))


def text_of(response):
    if getattr(response, "streaming", False):
        if response["Content-Type"].startswith("text/event-stream"):
            return ""
        return b"".join(response.streaming_content).decode("utf-8", "replace")
    return response.content.decode("utf-8", "replace")


def told_by(response):
    text = text_of(response)
    return [canary for canary in CANARIES if canary in text]


def addresses(report):
    values = identifiers(report)
    return sorted({address for route in routes() if "(?P" not in route for address in filled(route, values)})


@pytest.mark.parametrize("who", ["nobody", "another resident", "a clerk of another unit", "a supervisor of another unit"])
def test_no_address_tells_one_residents_data_to_another_person(report, who):
    client = client_of(people(report)[who])
    asked = addresses(report)
    assert len(asked) > 60
    for address in asked:
        for query in ("", "?q=kanarka&fragment=1&f=json&limit=100"):
            response = client.get(address + query)
            assert response.status_code < 500, address
            told = told_by(response)
            assert not told, f"{who} reads {told} at {address}{query}"


@pytest.mark.parametrize("who", ["nobody", "another resident", "a clerk of another unit", "a supervisor of another unit"])
def test_no_post_of_another_person_changes_the_report_or_tells_of_it(report, who):
    filed, _resident = report
    before = Case.objects.values().get(pk=filed.case.pk)
    client = client_of(people(report)[who])
    for address in addresses(report):
        if address.startswith(("/konto/wyloguj", "/konto/logout")):
            continue
        response = client.post(address, {"text": "x", "body": "x", "transition": "resolve", "publish": "1", "version": "1"})
        assert response.status_code < 500, address
        told = told_by(response)
        assert not told, f"{who} reads {told} at POST {address}"
    # Anybody may say "me too" to a public report: that count, and nothing else.
    assert {**Case.objects.values().get(pk=filed.case.pk), "supporters": 0} == before


def test_the_resident_herself_and_her_units_clerk_do_read_it(report):
    """Without this the sweep could pass because the words are nowhere."""
    filed, resident = report
    own = text_of(client_of(resident).get(f"/sprawy/{filed.case.number}/"))
    assert CANARIES[3] in own
    assert CANARIES[4] not in own
    clerk = make_staff("cases.clerk", filed.case.unit)
    work = text_of(client_of(clerk).get(f"/panel/sprawy/{filed.case.number}/"))
    assert CANARIES[3] in work
    assert CANARIES[4] in work


def test_the_remark_is_read_by_its_author_and_by_who_answers_it(report):
    """Without this the sweep could pass because the words are nowhere."""
    _filed, resident = report
    process = Contribution.objects.get().process
    page = f"/idea/konsultacje/{process.slug}/uwagi/1/"
    assert CANARIES[6] in text_of(client_of(resident).get(page))
    clerk = make_staff("participation.clerk", process.unit)
    assert CANARIES[6] in text_of(client_of(clerk).get(f"/panel/idea/{process.pk}/uwagi/1/"))
