"""The committee's whole way, and a voting point with two officers, without scripts."""

import re
from datetime import timedelta
from uuid import uuid4

import pytest
from django.apps import apps
from django.test import Client

from miasto.kernel.accounts.testing import make_staff
from miasto.kernel.core import clock
from miasto.kernel.participation.counting import recount
from miasto.kernel.participation.selectors import voting as seen
from miasto.kernel.participation.services import voting
from miasto.modules.idea.voting.tests.conftest import person
from miasto.modules.idea.voting.tests.test_pages import fields_of, text_of

Election = apps.get_model("participation", "Election")
HOLDERS = "przewodnicząca\nsekretarz\nczłonek"


def signed_in(role):
    client = Client()
    client.force_login(make_staff(role, None), backend="django.contrib.auth.backends.ModelBackend")
    return client


def parts(name, day):
    return {f"{name}_0": day.day, f"{name}_1": day.month, f"{name}_2": day.year}


def form_of(**fields):
    today = clock.today()
    return {
        "title": "Nazwa skweru",
        "about": "Jak nazwać skwer.",
        **parts("opens_on", today - timedelta(days=1)),
        "opens_at": "8:00",
        **parts("closes_on", today + timedelta(days=7)),
        "closes_at": "20.00",
        "channels": ["account", "paper"],
        "double_votes": "last_electronic",
        "kind": "approval",
        "most": 1,
        "options": "Lipowy\nBajek\nCiszy",
        "winners": 1,
        "most_per_phone": 1,
        **fields,
    }


def made(client, **fields):
    """A vote with its key, opened; ``(address of its workbench, words of the shares)``."""
    home = client.post("/panel/idea/glosowania/nowe/", form_of(**fields)).url
    page = client.post(f"{home}klucz/", {"holders": HOLDERS, "threshold": 2, "present": ""})
    lists = re.findall(r'<ol class="vote-words">(.*?)</ol>', page.content.decode(), re.DOTALL)
    assert client.post(f"{home}otworz/").url == home
    return home, [" ".join(re.findall(r"<li>(\w+)</li>", one)) for one in lists]


@pytest.fixture
def committee(place):
    return signed_in("participation.committee")


def test_the_committees_way_from_the_draft_to_the_opened_box(committee):
    assert "Ten termin już minął" in text_of(
        committee.post("/panel/idea/glosowania/nowe/", form_of(**parts("closes_on", clock.today() - timedelta(days=1))))
    )
    assert "co najmniej dwie propozycje" in text_of(committee.post("/panel/idea/glosowania/nowe/", form_of(options="Jedna")))
    home, shares = made(committee)
    assert [len(one.split()) for one in shares] == [20, 20, 20]
    again = committee.post(f"{home}klucz/", {"holders": HOLDERS, "threshold": 2, "present": ""}, follow=True)
    assert "Klucz już zrobiono" in text_of(again)
    assert shares[0] not in text_of(committee.get(home))
    assert "nie ma żadnego wyniku" in text_of(committee.get(home))
    assert "Głosowanie jeszcze trwa" in text_of(committee.post(f"{home}zamknij/", follow=True))
    assert committee.get(f"{home}urna/").url == home
    Election.objects.update(closes_at=clock.now())
    assert "Biuletyn jest ogłoszony" in text_of(committee.post(f"{home}zamknij/", follow=True))
    assert seen.root(Election.objects.get().pk) in text_of(committee.get(home))
    wrong = committee.post(f"{home}urna/", {"share1": shares[0], "share2": shares[0]})
    assert "są takie same" in text_of(wrong)
    assert shares[0] not in wrong.content.decode()
    opened = committee.post(f"{home}urna/", {"share1": shares[0], "share2": shares[2].upper()}, follow=True)
    assert "Liczby się zgadzają" in text_of(opened)


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"winners": ""}, "ile propozycji wygra"),
        ({"winners": 3}, "mniej propozycji, niż jest na karcie"),
        ({"options": "Ławka | 100\nKosz"}, "każdej propozycji albo żadnej"),
        ({"options": "Ławka | 100\nKosz | 50", "winners": ""}, "ile pieniędzy jest do wydania"),
        ({"kind": "knapsack"}, "każda propozycja musi mieć koszt"),
    ],
)
def test_a_vote_says_before_it_begins_who_will_win(committee, wrong, words):
    answer = committee.post("/panel/idea/glosowania/nowe/", form_of(**wrong))
    assert answer.status_code == 422
    assert words in text_of(answer)


@pytest.mark.django_db(transaction=True)
def test_a_vote_of_its_own_is_counted_announced_and_repeated_by_anybody(committee, run_jobs):
    home, shares = made(committee, winners=1)
    election = Election.objects.get()
    for voter, choice in enumerate([2, 2, 3, 2, 1]):
        key = voting.voter_key(election=election.pk, identity=f"proba|{voter}")
        voting.cast(
            election=election.pk, voter_key=key, ballot={"1": [choice]}, channel=voting.Channel.ACCOUNT, request=uuid4()
        )
    Election.objects.update(closes_at=clock.now())
    committee.post(f"{home}zamknij/")
    committee.post(f"{home}urna/", {"share1": shares[0], "share2": shares[1]})
    run_jobs()
    public = f"/idea/glosowania/{election.pk}/"
    assert "Głosy są policzone" in text_of(committee.get(home))
    assert "wygrywa" not in text_of(Client().get(public))
    committee.post(f"{home}oglos/")
    page = Client().get(public).content.decode()
    rows = re.findall(r"</span> (\w+)</th><td[^>]*>(\d+)<", page)
    assert rows == [("Bajek", "3"), ("Lipowy", "1"), ("Ciszy", "1")]
    assert "0,01" not in page
    name, address = re.search(r'href="([^"]+/([^"/]+\.pb))"', page).group(2, 1)
    as_file = recount.rule_of(recount.arguments("x").parse_args(["x"]))
    assert recount.count(Client().get(address).content, as_file)["winners"] == ["1-2"]
    assert name.endswith(".pb")


def test_nobody_else_finds_a_vote_in_the_panel(committee):
    home, _shares = made(committee)
    ends = ("", "klucz/", "urna/", "punkty/")
    for role in ("participation.coordinator", "participation.officer"):
        person_of = signed_in(role) if role == "participation.officer" else None
        if person_of:
            assert {person_of.get(f"{home}{end}").status_code for end in ends} == {403}
    assert {Client().get(f"{home}{end}").status_code for end in ends} == {302}
    assert {committee.get(f"/panel/idea/glosowania/{Election().pk}/{end}").status_code for end in ends} == {404}


@pytest.mark.django_db(transaction=True)
def test_papers_are_handed_out_by_one_officer_and_entered_by_another(committee):
    home, _shares = made(committee)
    one, other = signed_in("participation.officer"), signed_in("participation.officer")
    people = [str(client.session["_auth_user_id"]) for client in (one, other)]
    today = clock.today()
    row = {
        "name": "Ratusz",
        "address": "Rynek 1",
        **parts("opens_on", today - timedelta(days=1)),
        "opens_at": "8:00",
        **parts("closes_on", today + timedelta(days=8)),
        "closes_at": "16:00",
        "officers": people,
    }
    assert "zanim skończy się głosowanie" in text_of(committee.post(f"{home}punkty/", row))
    assert committee.post(f"{home}punkty/", {**row, **parts("closes_on", today + timedelta(days=6))}).url == home
    desk = re.search(
        r'href="(/panel/idea/glosowania/punkt/[0-9a-f-]+/)"', one.get("/panel/idea/glosowania/punkt/").content.decode()
    )[1]
    assert signed_in("participation.officer").get(desk).status_code == 404

    standing = one.post(desk, person())
    assert "Można wydać kartę" in text_of(standing)
    assert "Kowalska" not in standing.content.decode()
    handed = one.post(desk, fields_of(standing, "sealed"))
    code = re.search(r'vote-envelope">([A-Z0-9-]+)<', handed.content.decode())[1]
    assert "wzięła już kartę" in text_of(one.post(desk, fields_of(standing, "sealed"), follow=True))
    lost = one.post(desk, person())
    assert "Drugiej nie wydajemy" in text_of(lost)
    new = one.post(desk, fields_of(lost, "sealed"))
    second = re.search(r'vote-envelope">([A-Z0-9-]+)<', new.content.decode())[1]

    envelope = f"{desk}koperta/"
    assert "Kopertę otwiera ktoś inny" in text_of(one.post(envelope, {"code": second}))
    assert "oddana bez głosu" in text_of(other.post(envelope, {"code": code}))
    assert "Lipowy" in text_of(other.post(envelope, {"code": second}))
    bad = other.post(envelope, {"code": second, "do": "enter", "p1": ["1", "2"]})
    assert "Tak wypełniona karta jest nieważna" in text_of(bad)
    assert "Głos z koperty jest w urnie" in text_of(
        other.post(envelope, {"code": second, "do": "enter", "p1": ["2"]}, follow=True)
    )
    assert "już załatwiona" in text_of(other.post(envelope, {"code": second, "do": "enter", "p1": ["3"]}))
    bench = committee.get(home).content.decode()
    assert re.findall(r'ui-number" data-label="[^"]+">(\d+)<', bench) == ["2", "1", "1", "0", "0"]
