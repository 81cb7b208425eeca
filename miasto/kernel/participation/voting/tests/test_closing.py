"""The close, the opening of the box, the bulletin and what anybody can check."""

import hashlib
import uuid

import pytest
from django.db import connection

from miasto.kernel.accounts.selectors import SYSTEM
from miasto.kernel.core import changes, clock
from miasto.kernel.participation.voting import merkle, receipts, selectors, services
from miasto.kernel.participation.voting.models import Channel, Election, Option, SealedBallot, partition
from miasto.kernel.participation.voting.testing import make_election, make_open_election


def cast(election, who, ballot, channel=Channel.ACCOUNT):
    return services.cast(
        election=election.pk,
        voter_key=receipts.voter_key(election=election.pk, identity=who),
        ballot=ballot,
        channel=channel,
        request=uuid.uuid4(),
    )


BALLOTS = {"a": {1: [1]}, "b": {1: [2], 2: [1, 3]}, "c": {3: [4], 2: [2]}, "d": {1: [1]}}


@pytest.fixture
def voted(db):
    """``(election, shares, receipt of each voter)``, after the last instant of voting."""
    election, shares = make_open_election()
    given = {who: cast(election, who, ballot) for who, ballot in BALLOTS.items()}
    with clock.at(election.closes_at):
        yield election, [one.words for one in shares], given


def close(election):
    return services.close_election(election=election.pk, by=SYSTEM)


def test_the_box_cannot_be_closed_while_people_vote_nor_opened_before_it_is_closed(db):
    election, shares = make_open_election()
    with pytest.raises(services.WrongState):
        close(election)
    with pytest.raises(services.WrongState):
        services.tally(election=election.pk, shares=[one.words for one in shares], by=SYSTEM)


def test_after_the_close_every_receipt_has_its_place_in_the_bulletin(voted):
    election, _shares, given = voted
    bulletin = close(election)
    assert len(selectors.bulletin_lines(election.pk)) == len(given)
    for receipt in given.values():
        found = selectors.inclusion(election=election.pk, number=receipt.number, digest=receipt.digest)
        way = [(side, bytes.fromhex(brother)) for side, brother in found["path"]]
        assert merkle.follow(receipt.leaf, way) == bytes(bulletin.root)


def test_the_receipt_of_a_ballot_that_was_changed_is_not_in_the_bulletin(db):
    election, _shares = make_open_election()
    first = cast(election, "a", {1: [1]})
    cast(election, "a", {1: [2]})
    with clock.at(election.closes_at):
        close(election)
    assert selectors.inclusion(election=election.pk, number=first.number, digest=first.digest) is None


def test_the_opened_ballots_are_those_that_were_cast_and_the_linked_table_is_gone(voted):
    election, shares, _given = voted
    close(election)
    assert services.tally(election=election.pk, shares=shares[1:4], by=SYSTEM) == len(BALLOTS)
    numbers = {option: (pool, number) for option, pool, number in Option.objects.values_list("id", "pool__number", "number")}
    opened = [
        {pool: [numbers[option][1] for option, _points in chosen] for pool, chosen in ballot.items()}
        for ballot in selectors.ballots(election.pk)
    ]
    assert sorted(map(str, opened)) == sorted(str(dict(sorted(one.items()))) for one in BALLOTS.values())
    assert not SealedBallot.objects.exists()
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass(%s)", [partition(election.pk)])
        assert cursor.fetchone() == (None,)


def test_a_wrong_share_leaves_the_box_closed(voted):
    election, shares, _given = voted
    close(election)
    _other, foreign = make_election()
    with pytest.raises(services.WrongShares) as caught:
        services.tally(election=election.pk, shares=[*shares[:2], foreign[0].words], by=SYSTEM)
    assert (caught.value.code, caught.value.share) == ("foreign", 3)
    election.refresh_from_db()
    assert election.state == Election.State.CLOSED
    assert SealedBallot.objects.count() == len(BALLOTS)


def test_the_state_goes_one_way(voted):
    election, shares, _given = voted
    with pytest.raises(services.WrongState):
        services.open_election(election=election.pk, by=SYSTEM)
    close(election)
    with pytest.raises(services.WrongState):
        close(election)
    with pytest.raises(services.WrongState):
        services.make_keys(election=election.pk, threshold=2, holders=("a", "b"), by=SYSTEM)
    services.tally(election=election.pk, shares=shares, by=SYSTEM)
    with pytest.raises(services.WrongState):
        services.tally(election=election.pk, shares=shares, by=SYSTEM)
    assert services.publish_election(election=election.pk, by=SYSTEM).state == Election.State.PUBLISHED


def test_another_election_that_goes_on_is_not_touched(voted):
    election, shares, _given = voted
    with clock.at(election.opens_at):
        other, _shares = make_open_election()
        kept = cast(other, "a", {1: [1]})
    close(election)
    services.tally(election=election.pk, shares=shares, by=SYSTEM)
    assert [row.number for row in SealedBallot.objects.all()] == [kept.number]


def test_rows_that_somebody_put_into_the_table_are_left_out_and_counted(voted):
    election, shares, _given = voted
    with connection.cursor() as cursor:
        cursor.execute(
            """INSERT INTO participation_sealedballot
               SELECT election_id, sha256(voter), channel, number, ciphertext, signature, requests
               FROM participation_sealedballot
               WHERE voter = (SELECT voter FROM participation_sealedballot ORDER BY voter LIMIT 1)"""
        )
        cursor.execute(
            """INSERT INTO participation_sealedballot
               SELECT election_id, sha256(sha256(voter)), channel, gen_random_uuid(), ciphertext, signature, requests
               FROM participation_sealedballot LIMIT 1"""
        )
    close(election)
    assert services.tally(election=election.pk, shares=shares, by=SYSTEM) == len(BALLOTS)
    election.refresh_from_db()
    assert (election.counts["foreign"], election.counts["sealed"]) == (2, len(BALLOTS))


def test_what_is_changed_in_the_table_after_the_close_shows_in_the_numbers(voted):
    election, shares, _given = voted
    close(election)
    with connection.cursor() as cursor:
        cursor.execute(
            """UPDATE participation_sealedballot SET ciphertext = ciphertext || '\\x00'
               WHERE voter = (SELECT voter FROM participation_sealedballot ORDER BY voter LIMIT 1)"""
        )
    assert services.tally(election=election.pk, shares=shares, by=SYSTEM) == len(BALLOTS) - 1
    election.refresh_from_db()
    assert (election.counts["missing"], election.counts["counted"]) == (1, len(BALLOTS) - 1)


def test_the_audit_says_each_step_of_the_election_with_the_root_and_the_numbers(voted):
    election, shares, _given = voted
    bulletin = close(election)
    services.tally(election=election.pk, shares=shares, by=SYSTEM)
    found = {row.action: row.data for row in changes.history(election.pk)}
    assert list(found) == [f"participation.election_{one}" for one in ("created", "keyed", "opened", "closed", "tallied")]
    assert found["participation.election_closed"]["root"] == bytes(bulletin.root).hex()
    assert found["participation.election_tallied"] == {"counted": 4, "unreadable": 0, "missing": 0}


def test_the_turnout_is_not_said_before_the_end_unless_the_rule_says_so(db):
    secret, _shares = make_open_election()
    shown, _shares = make_open_election(turnout_shown=True)
    for election in (secret, shown):
        cast(election, "a", {1: [1]}, Channel.PAPER)
    assert (selectors.turnout(secret.pk), selectors.turnout(shown.pk)) == (None, 1)
    with clock.at(secret.closes_at):
        close(secret)
    secret.refresh_from_db()
    assert (selectors.turnout(secret.pk), secret.counts["channels"]) == (1, {"paper": 1})


def test_nothing_of_the_content_is_read_before_the_box_is_open(voted):
    election, _shares, given = voted
    receipt = given["a"]
    for _state in ("open", "closed"):
        with pytest.raises(selectors.NotYet):
            list(selectors.ballots(election.pk))
        if _state == "open":
            with pytest.raises(selectors.NotYet):
                selectors.inclusion(election=election.pk, number=receipt.number, digest=receipt.digest)
            close(election)


def test_a_lost_share_before_the_opening_is_mended_by_a_new_key(db):
    election, old = make_election()
    new = services.make_keys(election=election.pk, threshold=2, holders=("a", "b"), by=SYSTEM)
    services.open_election(election=election.pk, by=SYSTEM)
    cast(election, "a", {1: [1]})
    with clock.at(election.closes_at):
        close(election)
        with pytest.raises(services.WrongShares):
            services.tally(election=election.pk, shares=[one.words for one in old], by=SYSTEM)
        assert services.tally(election=election.pk, shares=[one.words for one in new], by=SYSTEM) == 1


def test_bulletin_and_proof_are_public_from_the_close_on(voted, client):
    election, _shares, given = voted
    receipt = given["b"]
    proof = f"/glosowania/{election.pk}/dowod/{receipt.number}/{receipt.digest.hex()}.json"
    bulletin = f"/glosowania/{election.pk}/biuletyn.txt"
    assert (client.get(proof).status_code, client.get(bulletin).status_code) == (404, 404)
    closed = close(election)
    assert client.get(proof).json()["root"] == bytes(closed.root).hex()
    lines = client.get(bulletin).content.decode().splitlines()
    assert f"{receipt.number.hex} {receipt.digest.hex()}" in lines
    leaves = [bytes.fromhex(line.replace(" ", "")) for line in lines]
    assert merkle.root(merkle.levels(leaves)) == bytes(closed.root)
    assert client.get(proof.replace(receipt.digest.hex(), "00" * 32)).status_code == 404
    assert client.get(proof.replace(receipt.digest.hex(), "zz")).status_code == 404


def test_an_election_in_which_nobody_voted_is_closed_and_opened_too(db):
    election, shares = make_open_election()
    with clock.at(election.closes_at):
        assert bytes(close(election).root) == hashlib.sha256(b"").digest()
        assert services.tally(election=election.pk, shares=[one.words for one in shares], by=SYSTEM) == 0
    assert list(selectors.ballots(election.pk)) == []
