"""Casting: receipts, changes, repetitions, channels, and that nothing else is written of a ballot."""

import json
import threading
import uuid
from datetime import timedelta

import pytest
from django.db import connection

from miasto.kernel.accounts.selectors import SYSTEM
from miasto.kernel.core import clock
from miasto.kernel.core.models import Change, Delivery
from miasto.kernel.participation.voting import casting, receipts, services, tickets
from miasto.kernel.participation.voting.casting import MOST_CHANGES, Refused, replaces
from miasto.kernel.participation.voting.models import Channel, DoubleVotes, SealedBallot
from miasto.kernel.participation.voting.rules import InvalidBallot
from miasto.kernel.participation.voting.testing import make_election, make_open_election

ANNA = "anna kowalska|1980-02-03|polna 4"


def cast(election, *, who=ANNA, ballot=None, channel=Channel.ACCOUNT, request=None):
    return services.cast(
        election=election.pk,
        voter_key=receipts.voter_key(election=election.pk, identity=who),
        ballot=ballot or {"1": [1]},
        channel=channel,
        request=request or uuid.uuid4(),
    )


@pytest.fixture
def election(db):
    return make_open_election()[0]


def refusal(election, **fields):
    with pytest.raises(Refused) as caught:
        cast(election, **fields)
    assert caught.value.message
    return caught.value.code


def test_a_receipt_is_signed_by_the_election_and_names_the_sealed_ballot(election):
    receipt = cast(election)
    row = SealedBallot.objects.get()
    assert receipts.genuine(receipt, bytes(election.verify_key))
    assert row.number == receipt.number
    assert (
        receipts.issue(
            election=election.pk, number=row.number, ciphertext=row.ciphertext, key=receipts.signing_key(election.pk)
        )
        == receipt
    )
    assert set(receipt.as_json()) == {"election", "number", "digest", "signature"}


def test_a_receipt_changed_in_any_part_is_not_genuine(election):
    receipt = cast(election)
    for part, other in (("number", uuid.uuid4()), ("election", uuid.uuid4()), ("digest", bytes(32)), ("signature", bytes(64))):
        changed = receipts.Receipt(**{**{name: getattr(receipt, name) for name in receipt.__slots__}, part: other})
        assert not receipts.genuine(changed, bytes(election.verify_key))


def test_the_box_holds_no_identity_and_no_choice(election):
    cast(election, ballot={"1": [3]})
    with connection.cursor() as cursor:
        cursor.execute("SELECT row_to_json(box)::text FROM participation_sealedballot AS box")
        row = cursor.fetchone()[0]
    assert "kowalska" not in row
    assert set(json.loads(row)) == {"election_id", "voter", "channel", "number", "ciphertext", "signature", "requests"}


def test_the_same_voter_has_another_key_in_another_election(election):
    other, _shares = make_open_election()
    keys = {receipts.voter_key(election=one.pk, identity=ANNA) for one in (election, other)}
    assert len(keys) == 2


def test_a_change_replaces_the_ballot_and_the_earlier_one_is_gone(election):
    first = cast(election, ballot={"1": [1]})
    second = cast(election, ballot={"1": [2]})
    row = SealedBallot.objects.get()
    assert (row.number, first.number == second.number) == (second.number, False)


def test_every_sealed_ballot_is_as_long_as_any_other(election):
    for who, ballot in (("a", {"1": [1]}), ("b", {"1": [1], "2": [1, 2]}), ("c", {"3": [4]})):
        cast(election, who=who, ballot=ballot)
    assert {len(row.ciphertext) for row in SealedBallot.objects.all()} == {election.ballot_bytes + 48}


def test_many_ballots_come_in_together_and_one_of_a_voter_who_came_twice_counts(election):
    ballots = [
        services.NewBallot(receipts.voter_key(election=election.pk, identity=who), {1: [1]}, Channel.ACCOUNT, uuid.uuid4())
        for who in ("a", "b", "a")
    ]
    first, second, changed = services.cast_many(election=election.pk, ballots=ballots)
    in_the_box = {(row.number, bytes(row.voter)) for row in SealedBallot.objects.all()}
    assert in_the_box == {(changed.number, ballots[0].voter_key), (second.number, ballots[1].voter_key)}
    assert first.number != changed.number
    with pytest.raises(services.InvalidBallot):
        services.cast_many(election=election.pk, ballots=[services.NewBallot(b"x" * 32, {1: [99]}, "account", uuid.uuid4())])


def test_a_repeated_request_gets_the_same_receipt_and_changes_nothing(election):
    request = uuid.uuid4()
    first = cast(election, request=request)
    assert cast(election, request=request, ballot={"1": [2]}) == first
    assert SealedBallot.objects.get().requests == [request]


def test_a_late_repetition_of_an_earlier_ballot_does_not_undo_the_change(election):
    early = uuid.uuid4()
    cast(election, request=early)
    changed = cast(election)
    assert refusal(election, request=early) == "superseded"
    assert SealedBallot.objects.get().number == changed.number


def test_a_ballot_may_not_be_changed_without_end(election):
    cast(election)
    SealedBallot.objects.update(requests=[uuid.uuid4() for _ in range(MOST_CHANGES)])
    assert refusal(election) == "too_many_changes"


def test_a_ballot_against_the_rules_is_not_taken(election):
    with pytest.raises(InvalidBallot):
        cast(election, ballot={"1": [1, 2]})
    assert not SealedBallot.objects.exists()


def test_nothing_is_taken_before_the_opening_and_from_the_last_instant_on(election):
    with clock.at(election.opens_at - timedelta(seconds=1)):
        assert refusal(election) == "not_yet"
    with clock.at(election.closes_at):
        assert refusal(election) == "closed"
    with clock.at(election.closes_at - timedelta(microseconds=1)):
        assert cast(election)


def test_nothing_is_taken_without_a_box(db):
    election, _shares = make_election()
    assert refusal(election) == "not_open"
    missing = type("Missing", (), {"pk": uuid.uuid4()})
    assert refusal(missing) == "not_open"


def test_a_channel_that_the_election_does_not_have_is_refused(db):
    election, _shares = make_open_election(channels=["account"])
    assert refusal(election, channel=Channel.PAPER) == "channel"


ACCOUNT, IDENTITY, PAPER = Channel.ACCOUNT, Channel.IDENTITY, Channel.PAPER


@pytest.mark.parametrize(
    ("rule", "present", "new", "expected"),
    [
        (DoubleVotes.LAST_ELECTRONIC, ACCOUNT, IDENTITY, True),
        (DoubleVotes.LAST_ELECTRONIC, PAPER, ACCOUNT, True),
        (DoubleVotes.LAST_ELECTRONIC, ACCOUNT, PAPER, False),
        (DoubleVotes.PAPER, ACCOUNT, PAPER, True),
        (DoubleVotes.PAPER, PAPER, ACCOUNT, False),
        (DoubleVotes.PAPER, ACCOUNT, IDENTITY, True),
        (DoubleVotes.FIRST, ACCOUNT, IDENTITY, False),
        (DoubleVotes.FIRST, PAPER, ACCOUNT, False),
        (DoubleVotes.FIRST, ACCOUNT, ACCOUNT, True),
        (DoubleVotes.PAPER, PAPER, PAPER, True),
    ],
)
def test_votes_by_two_channels_are_resolved_by_the_published_rule(rule, present, new, expected):
    assert replaces(rule=rule, present=present, new=new) is expected


def test_a_vote_by_a_second_channel_is_refused_where_the_first_counts(db):
    election, _shares = make_open_election(double_votes=DoubleVotes.FIRST)
    kept = cast(election)
    assert refusal(election, channel=PAPER) == "voted_elsewhere"
    assert SealedBallot.objects.get().number == kept.number


def test_no_change_no_event_and_no_log_line_is_made_of_a_ballot(election, caplog, django_assert_num_queries):
    before = Change.objects.count()
    cast(election)
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM procrastinate_jobs WHERE args::text LIKE %s", [f"%{election.pk}%"])
        jobs = cursor.fetchone()[0]
    assert (Change.objects.count() - before, Delivery.objects.count(), jobs, caplog.records) == (0, 0, 0, [])


def test_ballots_that_come_together_are_taken_in_one_transaction(election, django_assert_max_num_queries):
    votes = [
        casting.prepare(
            election=election.pk, voter_key=bytes([n]) * 32, ballot={"1": [1]}, channel="account", request=uuid.uuid4()
        )
        for n in range(50)
    ]
    with django_assert_max_num_queries(6):
        results = casting.take(election=election.pk, votes=votes)
    assert results == [vote.receipt for vote in votes]


def test_two_ballots_of_one_voter_in_one_batch_are_taken_one_after_the_other(election):
    requests = [uuid.uuid4(), uuid.uuid4()]
    votes = [
        casting.prepare(election=election.pk, voter_key=b"v" * 32, ballot={"1": [1]}, channel="account", request=request)
        for request in (requests[0], requests[0], requests[1])
    ]
    results = casting.take(election=election.pk, votes=votes)
    assert results == [votes[0].receipt, votes[0].receipt, votes[2].receipt]
    assert SealedBallot.objects.get().requests == requests


@pytest.mark.django_db(transaction=True)
def test_one_voter_who_votes_twice_at_the_same_instant_has_one_ballot():
    election, _shares = make_open_election()
    start, found = threading.Barrier(6), []

    def vote():
        try:
            start.wait()
            for _round in range(5):
                found.append(cast(election))
        finally:
            connection.close()

    threads = [threading.Thread(target=vote) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    row = SealedBallot.objects.get()
    assert len(found) == len(row.requests) == 30
    assert row.number in {receipt.number for receipt in found}


def post(client, election, **body):
    return client.post(f"/glosowania/{election.pk}/glos/", json.dumps(body), content_type="application/json")


@pytest.mark.django_db(transaction=True)
def test_a_ballot_is_cast_over_http_with_a_ticket(client):
    election, _shares = make_open_election()
    voter = receipts.voter_key(election=election.pk, identity=ANNA)
    ticket = tickets.issue(election=election.pk, voter_key=voter, channel="account")
    request = str(uuid.uuid4())
    answer = post(client, election, ticket=ticket, request=request, ballot={"1": [2]}, padding="x" * 100)
    assert answer.status_code == 200
    assert answer.json()["number"] == SealedBallot.objects.get().number.hex
    assert post(client, election, ticket=ticket, request=request, ballot={"1": [2]}).json() == answer.json()
    wrong = post(client, election, ticket=ticket, request=str(uuid.uuid4()), ballot={"1": [1, 2]})
    assert (wrong.status_code, wrong.json()["errors"][0]["code"]) == (422, "too_many")
    other, _shares = make_open_election()
    assert post(client, other, ticket=ticket, request=request, ballot={"1": [2]}).status_code == 403
    assert post(client, election, ticket=ticket + "x", request=request, ballot={"1": [2]}).status_code == 403
    assert post(client, election, ticket=ticket, request="no uuid", ballot={}).status_code == 400
    assert post(client, election, ticket=ticket, ballot={}).status_code == 400
    assert client.post(f"/glosowania/{election.pk}/glos/", b"[", content_type="application/json").status_code == 400
    assert client.get(f"/glosowania/{election.pk}/glos/").status_code == 405
    with clock.at(election.closes_at):
        services.close_election(election=election.pk, by=SYSTEM)
    late = post(client, election, ticket=ticket, request=str(uuid.uuid4()), ballot={"1": [1]})
    assert (late.status_code, late.json()["errors"][0]["code"]) == (409, "closed")


def test_a_ticket_grows_old(db, monkeypatch):
    election = uuid.uuid4()
    ticket = tickets.issue(election=election, voter_key=b"v" * 32, channel="paper")
    assert tickets.read(ticket, election=election) == tickets.Ticket(b"v" * 32, "paper")
    monkeypatch.setattr(tickets, "VALID_S", -1)
    with pytest.raises(tickets.BadTicket):
        tickets.read(ticket, election=election)
