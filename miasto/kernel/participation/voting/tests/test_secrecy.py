"""Somebody with every right in the database looks for who voted how: during the vote, and after the opening of the box."""

import hashlib
import json
import random
import uuid

import pytest
from django.db import connection

from miasto.kernel.accounts.selectors import SYSTEM
from miasto.kernel.core import clock
from miasto.kernel.participation.voting import closing, keys, receipts, sealing, services
from miasto.kernel.participation.voting.models import CastVoteRecord
from miasto.kernel.participation.voting.testing import make_open_election

VOTERS = 120


def everything():
    """Each row of each table of the database as text, its place and transaction, and what the server says of itself."""
    with connection.cursor() as cursor:
        for view in ("pg_stat_activity", "pg_stat_all_tables", "pg_stats", "pg_prepared_statements", "pg_locks"):
            cursor.execute(f"SELECT '', '', one::text FROM {view} AS one")
            for row in cursor.fetchall():
                yield view, *row
        cursor.execute(
            """SELECT quote_ident(schemaname) || '.' || quote_ident(tablename) FROM pg_tables
               WHERE schemaname NOT IN ('information_schema') AND tablename NOT IN ('pg_largeobject')"""
        )
        for (table,) in cursor.fetchall():
            cursor.execute(f"SELECT ctid::text, xmin::text, one.*::text FROM {table} AS one")
            for row in cursor.fetchall():
                yield table, *row
        cursor.execute(
            """SELECT quote_ident(nspname) || '.' || quote_ident(relname) FROM pg_class
               JOIN pg_namespace ON pg_namespace.oid = relnamespace
               WHERE relkind = 't'"""
        )
        for (table,) in cursor.fetchall():
            cursor.execute(f"SELECT ctid::text, xmin::text, encode(chunk_data, 'hex') FROM {table}")
            for row in cursor.fetchall():
                yield table, *row


def forms(value):
    """How bytes can be written in a dump."""
    return {value.hex(), value.hex().upper(), str(value)}


@pytest.fixture
def voted():
    """``(election, shares, how each voter voted in the order of voting, the receipts, the sealed ballots)``, after the end."""
    election, shares = make_open_election(options=30)
    dice = random.Random(5)
    given = []
    for place in range(VOTERS):
        ballot = {1: [dice.randint(1, 30)], 2: sorted(dice.sample(range(1, 31), 2))}
        voter = receipts.voter_key(election=election.pk, identity=f"osoba {place}")
        channel = dice.choice(["account", "identity"])
        receipt = services.cast(election=election.pk, voter_key=voter, ballot=ballot, channel=channel, request=uuid.uuid4())
        given.append((voter, ballot, receipt))
    with clock.at(election.closes_at):
        yield election, [one.words for one in shares], given


def open_box(election, shares):
    services.close_election(election=election.pk, by=SYSTEM)
    services.tally(election=election.pk, shares=shares, by=SYSTEM)


@pytest.mark.django_db(transaction=True)
def test_the_database_never_holds_the_key_nor_a_share(voted):
    election, shares, _given = voted
    key = keys.recover(shares, threshold=3, public_key=bytes(election.public_key))
    seed_of = keys.shamir_mnemonic.combine_mnemonics(shares[:3])
    private = forms(bytes(key)) | forms(seed_of)
    private |= {" ".join(share.split()[4:8]) for share in shares}
    private |= {form for share in shares for form in forms(keys.Mnemonic.from_mnemonic(share).value)}
    private |= forms(bytes(receipts.signing_key(election.pk)))
    for step in ("voting", "opened"):
        dump = "\n".join(row for _table, _ctid, _xmin, row in everything())
        assert bytes(election.public_key).hex() in dump, "the search finds nothing, not even what is there"
        assert not [one for one in private if one in dump], step
        if step == "voting":
            open_box(election, shares)


@pytest.mark.django_db(transaction=True)
def test_during_the_vote_the_rows_tell_nothing_of_the_choice(voted):
    election, _shares, _given = voted
    with connection.cursor() as cursor:
        cursor.execute("SELECT length(ciphertext), ciphertext FROM participation_sealedballot")
        rows = cursor.fetchall()
    assert {length for length, _text in rows} == {election.ballot_bytes + 48}
    assert len({bytes(text[:8]) for _length, text in rows}) == VOTERS
    key = sealing.PrivateKey.generate()
    for _length, text in rows[:5]:
        with pytest.raises(sealing.Unreadable):
            sealing.unseal(bytes(text), key)


@pytest.mark.django_db(transaction=True)
def test_after_the_opening_no_trace_of_a_voter_is_left_beside_or_apart_from_the_ballots(voted):
    election, shares, given = voted
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")  # the planner's statistics keep samples of what they saw
        cursor.execute("SELECT voter, ciphertext, signature, requests FROM participation_sealedballot")
        kept = cursor.fetchall()
    open_box(election, shares)
    traces = {form for voter, _ballot, _receipt in given for form in forms(voter)}
    for voter, ciphertext, signature, requests in kept:
        traces |= forms(bytes(voter)) | forms(bytes(signature)) | {bytes(ciphertext[:32]).hex(), *map(str, requests)}
    rows = list(everything())
    dump = "\n".join(row for _table, _ctid, _xmin, row in rows)
    assert not [one for one in traces if one in dump]
    assert not [table for table, *_rest in rows if f"sealedballot_{election.pk.hex}" in table]
    # the bulletin stays: digests of what is gone, which lead to no ballot without it
    assert given[0][2].digest.hex() in dump
    assert hashlib.sha256(bytes(kept[0][1])).hexdigest() in dump


@pytest.mark.django_db(transaction=True)
def test_neither_place_nor_transaction_nor_number_of_a_row_follows_the_order_of_voting(voted):
    election, shares, given = voted
    open_box(election, shares)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id, choices, xmin::text, xmax::text, cmin::text, ctid FROM participation_castvoterecord ORDER BY ctid"
        )
        rows = cursor.fetchall()
    assert len(rows) == VOTERS
    assert len({(xmin, xmax) for _id, _choices, xmin, xmax, *_rest in rows}) == 1
    assert {key.version for key, *_rest in rows} == {4}
    assert [key.bytes for key, *_rest in rows] == sorted(key.bytes for key, *_rest in rows)
    wanted = [
        [[pool, [[option, 1] for option in chosen]] for pool, chosen in ballot.items()] for _voter, ballot, _receipt in given
    ]
    lying = [choices if isinstance(choices, list) else json.loads(choices) for _id, choices, *_rest in rows]
    assert sorted(map(str, lying)) == sorted(map(str, wanted))
    for order in (
        wanted,
        [ballot for _key, ballot in sorted(zip([one[0] for one in given], wanted, strict=True), key=lambda pair: pair[0])],
        [
            ballot
            for _key, ballot in sorted(zip([one[2].number for one in given], wanted, strict=True), key=lambda pair: pair[0])
        ],
        [
            ballot
            for _key, ballot in sorted(zip([one[2].digest for one in given], wanted, strict=True), key=lambda pair: pair[0])
        ],
    ):
        hits = sum(a == b for a, b in zip(lying, order, strict=True))
        assert hits < VOTERS / 4, "a guess by order finds more ballots than chance does"


@pytest.mark.django_db(transaction=True)
def test_two_openings_of_the_same_ballots_lay_them_in_different_orders(voted):
    election, shares, _given = voted
    open_box(election, shares)
    first = list(CastVoteRecord.objects.order_by("id").values_list("choices", flat=True))
    CastVoteRecord.objects.all().delete()
    closing._write(election, [{pool: [tuple(one) for one in chosen] for pool, chosen in choices} for choices in first])
    second = list(CastVoteRecord.objects.order_by("id").values_list("choices", flat=True))
    assert sorted(map(str, first)) == sorted(map(str, second))
    assert first != second


def test_error_reports_and_representations_do_not_show_shares(db):
    _election, shares = make_open_election()
    assert shares[0].words.split()[5] not in repr(shares)
