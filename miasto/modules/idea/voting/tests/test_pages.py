"""Voting without scripts: who votes, the code, all kinds of ballots, the receipt, changes, the end."""

import html
import io
import json
import re
from datetime import timedelta

import pytest
from django.apps import apps
from django.test import Client
from pypdf import PdfReader

from miasto.kernel.accounts.selectors import SYSTEM
from miasto.kernel.accounts.testing import make_person
from miasto.kernel.core import clock
from miasto.kernel.participation.selectors import voting as seen
from miasto.kernel.participation.services import voting
from miasto.kernel.participation.testing import make_election
from miasto.modules.idea.voting.addresses import in_register, with_flat
from miasto.modules.idea.voting.tests.conftest import newest_code, person, years_ago

SealedBallot = apps.get_model("participation", "SealedBallot")
CHOSEN = {
    "p1": ["1", "3"],
    "p2": ["2", "4"],
    "p3-1": "6",
    "p3-5": "4",
    "p4-2": "3",
    "p4-5": "1",
    "p4-1": "2",
}
EXPECTED = [[1, [[1, 1], [3, 1]]], [2, [[2, 1], [4, 1]]], [3, [[1, 6], [5, 4]]], [4, [[5, 1], [1, 2], [2, 3]]]]


def text_of(response):
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", " ", response.content.decode())))


def fields_of(response, holding):
    """The hidden fields of the form that holds a text (its address, the name of a field)."""
    form = next(one for one in re.findall(r"<form.*?</form>", response.content.decode(), re.DOTALL) if holding in one)
    found = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', form))
    return {name: html.unescape(value) for name, value in found.items()}


def to_code(client, home, **fields):
    response = client.post(f"{home}dane/", person(**fields))
    assert response.status_code == 302, text_of(response)
    return client.get(f"{home}kod/")


def confirm(client, home, folder, **fields):
    to_code(client, home, **fields)
    return client.post(f"{home}kod/", {"code": newest_code(folder)})


def vote(client, home, chosen):
    summary = client.post(f"{home}karta/", chosen)
    assert "To jeszcze nie głos" in text_of(summary), text_of(summary)
    return client.post(f"{home}oddaj/", fields_of(summary, "oddaj/")), summary


@pytest.mark.django_db(transaction=True)
def test_a_vote_by_details_and_code_on_every_kind_of_ballot_changed_and_found_in_the_bulletin(box, place, client, caplog):
    election, shares = box
    home = f"/idea/glosowania/{election.pk}/"
    assert "Pomysł 4/5" in text_of(client.get(home))
    assert client.get(f"{home}karta/").url == f"{home}zacznij/"
    wrong = client.post(f"{home}dane/", person(born=(31, 2, 1980), phone="12", address="Nigdzie 9", resident=""))
    assert wrong.status_code == 422
    said = text_of(wrong)
    for line in ("Takiej daty nie ma", "na przykład 600 100 200", "Nie ma takiego adresu w mieście", "Bez tego oświadczenia"):
        assert line in said
    assert "kończący się na 800" in text_of(to_code(client, home))
    assert "Zostały 4 próby" in text_of(client.post(f"{home}kod/", {"code": "12345x"}))
    assert client.post(f"{home}kod/", {"again": "1"}).status_code == 302
    assert client.post(f"{home}kod/", {"code": newest_code(place)}).url == f"{home}karta/"
    cookie = client.cookies["glos"]
    assert (cookie["path"], cookie["httponly"], "Kowalska" in cookie.value) == (home, True, False)

    twice = client.post(f"{home}karta/", {**CHOSEN, "p1": ["1", "2", "3"], "p4-2": "1", "p2": ["5", "4"]})
    assert twice.status_code == 422
    assert "dwie pozycje mają to samo miejsce" in text_of(twice)
    assert not SealedBallot.objects.exists()
    assert "razem więcej, niż wynosi pula" in text_of(client.post(f"{home}karta/", {"p2": ["5", "4"]}))
    first, summary = vote(client, home, CHOSEN)
    assert "Twój głos jest w urnie" in text_of(first)
    again = client.post(f"{home}oddaj/", fields_of(summary, "oddaj/"))
    assert fields_of(again, "plik/")["pokwitowanie"] == fields_of(first, "plik/")["pokwitowanie"]
    assert len(SealedBallot.objects.get().requests) == 1
    back = client.post(f"{home}karta/", fields_of(summary, 'value="edit"'))
    assert re.search(r'name="p4-5"[^>]* value="1"', back.content.decode())
    assert re.search(r'name="p1" value="0003"[^>]* checked', back.content.decode())
    empty = client.get(f"{home}karta/")
    assert "Twój głos już jest w urnie" in text_of(empty)
    assert {len(page.content) % (16 * 1024) for page in (first, summary, back, empty)} == {0}

    changed, other = vote(client, home, {**CHOSEN, "p1": ["2"]})
    lengths = {sum(len(value) for name, value in fields_of(page, "oddaj/").items()) for page in (summary, other)}
    assert len(lengths) == 1
    first, changed = (json.loads(fields_of(page, "plik/")["pokwitowanie"]) for page in (first, changed))
    assert first["number"] != changed["number"]
    file = client.post(f"{home}pokwitowanie/plik/", {"pokwitowanie": json.dumps(changed)})
    assert json.loads(file.content)["receipt"] == changed
    forged = {**changed, "digest": "0" * 64}
    assert client.post(f"{home}pokwitowanie/plik/", {"pokwitowanie": json.dumps(forged)}).status_code == 400

    def verdict(text):
        return text_of(client.post(f"{home}pokwitowanie/", {"pokwitowanie": text}))

    assert "Pokwitowanie jest prawdziwe" in verdict(file.content.decode())
    type(election).objects.filter(pk=election.pk).update(opens_at=clock.now() - timedelta(days=2), closes_at=clock.now())
    late = client.post(f"{home}oddaj/", fields_of(other, "oddaj/"))
    assert "Głosowanie już się skończyło" in text_of(late)
    assert "Głosowanie już się skończyło" in text_of(client.get(f"{home}karta/"))
    voting.close_election(election=election.pk, by=SYSTEM)
    assert "Tak, ten głos jest w urnie" in verdict(json.dumps(changed))
    assert "Tego głosu nie ma w biuletynie" in verdict(json.dumps(first))
    assert "Podpis się nie zgadza" in verdict(json.dumps(forged))
    assert "Nie udało się odczytać" in verdict("{")
    typed = "\n".join(changed[name] for name in ("number", "digest", "signature"))
    assert "Tak, ten głos jest w urnie" in verdict(typed)
    assert "W urnie jest 1 głos" in text_of(client.get(home))
    voting.tally(election=election.pk, shares=[one.words for one in shares[:3]], by=SYSTEM)
    records = apps.get_model("participation", "CastVoteRecord").objects.get().choices
    assert records == [[1, [[2, 1]]], *EXPECTED[1:]]
    assert list(seen.ballots(election.pk))
    assert not [one for one in caplog.records if "Kowalska" in one.getMessage() or "600700800" in one.getMessage()]
    refused = apps.get_model("core", "Change").objects.filter(data__icontains="Kowalska")
    assert not refused.exists()


def test_a_family_shares_a_number_and_a_child_votes_with_a_parents_consent(box, place, client):
    election, _shares = box
    home = f"/idea/glosowania/{election.pk}/"
    assert confirm(client, home, place).status_code == 302
    child = {"given_name": "Ewa", "born": years_ago(9)}
    alone = Client().post(f"{home}dane/", person(**child))
    assert "Dziecko głosuje za zgodą rodzica albo opiekuna." in text_of(alone)
    young = Client().post(f"{home}dane/", person(given_name="Jaś", born=years_ago(4)))
    assert "można głosować od 6 lat" in text_of(young)
    agreed = {"guardian_name": "Anna Kowalska", "guardian_agrees": "on"}
    assert confirm(Client(), home, place, **child, **agreed).status_code == 302
    third = confirm(Client(), home, place, given_name="Jan")
    assert "tyle głosów, ile pozwala regulamin" in text_of(third)
    stranger = confirm(Client(), home, place, phone="600 700 801")
    assert "inny numer telefonu" in text_of(stranger)
    assert "Zgoda rodzica" in text_of(client.get(f"{home}zgoda-opiekuna/"))
    root = PdfReader(io.BytesIO(client.get(f"{home}zgoda-opiekuna.pdf").content)).trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"]
    assert b"pdfuaid" in root["/Metadata"].get_object().get_data()


def test_a_vote_by_account_meets_the_same_person_and_one_account_is_one_voter(box, place, client):
    election, _shares = box
    home = f"/idea/glosowania/{election.pk}/"
    assert "/konto/zaloguj/" in client.get(f"{home}konto/").url
    client.force_login(make_person(name="Anna Kowalska"), backend="django.contrib.auth.backends.ModelBackend")
    assert 'value="Kowalska"' in client.get(f"{home}konto/").content.decode()
    assert client.post(f"{home}konto/", person()).url == f"{home}karta/"
    assert client.get(f"{home}zacznij/").url == f"{home}karta/"
    assert client.post(f"{home}koniec/").url == home
    assert client.get(f"{home}karta/").url == f"{home}zacznij/"
    assert "zagłosowała już inna osoba" in text_of(client.post(f"{home}konto/", person(given_name="Jan")))


def test_an_address_is_taken_as_the_register_has_it(place):
    assert in_register("ul. polna 4") == in_register("POLNA 4") != (None, [])
    assert in_register("Polna 4")[0] != in_register("Polna 4a")[0]
    assert in_register("Nigdzie 4")[0] is None
    assert with_flat("Polna 4", "m. 7") == with_flat("Polna 4", "7") == with_flat("Polna 4", " 7 m") != with_flat("Polna 4", "")


def test_an_election_being_prepared_is_nobodys_and_one_ahead_takes_nothing(place, client):
    election, _shares = make_election(opens_at=clock.now() + timedelta(days=1))
    home = f"/idea/glosowania/{election.pk}/"
    assert "Głosowanie zacznie się" in text_of(client.get(home))
    assert client.get(f"{home}zacznij/").status_code == 409
    assert election.title in text_of(client.get("/idea/glosowania/"))
    election.state = "draft"
    election.save()
    assert [client.get(f"{home}{end}").status_code for end in ("", "zacznij/", "pokwitowanie/")] == [404] * 3
    assert election.title not in text_of(client.get("/idea/glosowania/"))


def test_nobody_is_offered_a_code_where_no_text_message_can_be_sent(box, settings, client):
    election, _shares = box
    settings.MAILBOX = ""
    home = f"/idea/glosowania/{election.pk}/"
    assert "SMS" not in text_of(client.get(f"{home}zacznij/"))
    assert client.get(f"{home}dane/").status_code == 409
