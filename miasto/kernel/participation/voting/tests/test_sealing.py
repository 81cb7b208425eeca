"""Padding, sealing, the key and its shares."""

from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from nacl.public import PrivateKey

from miasto.kernel.participation.voting import keys, sealing
from miasto.kernel.participation.voting.elections import HeldShare
from miasto.kernel.participation.voting.keys import WrongShares
from miasto.kernel.participation.voting.rules import MOST_POINTS, BallotRules, Kind, PoolRule


@given(st.binary(max_size=60))
def test_padding_hides_the_length_and_is_undone(data):
    padded = sealing.pad(data, 64)
    assert len(padded) == 64
    assert sealing.unpad(padded) == data


@given(st.binary(max_size=80))
def test_bytes_that_are_no_padded_ballot_are_refused_or_undone_exactly(data):
    try:
        body = sealing.unpad(data)
    except sealing.Unreadable:
        return
    assert sealing.pad(body, len(data)) == data


def test_what_does_not_fit_is_not_cut():
    with pytest.raises(ValueError, match="longer"):
        sealing.pad(b"x" * 61, 64)


@pytest.mark.parametrize("kind", list(Kind))
def test_the_longest_possible_ballot_fits(kind):
    options = dict.fromkeys(range(1, 121), 0)
    rules = BallotRules((PoolRule(65535, "A", kind, options),))
    points = {Kind.POINTS: MOST_POINTS, Kind.ORDINAL: 120}.get(kind, 1)
    ballot = {65535: [(number, points) for number in options]}
    assert sealing.pad(sealing.encode(ballot), sealing.size(rules))


def test_two_seals_of_one_ballot_differ_and_have_the_same_length_as_any_other():
    key = PrivateKey.generate()
    sealed = [
        sealing.seal(ballot, public_key=bytes(key.public_key), length=128)
        for ballot in ({1: [(1, 1)]}, {1: [(1, 1)]}, {1: [(n, 1) for n in range(1, 10)]})
    ]
    assert len(set(sealed)) == 3
    assert {len(one) for one in sealed} == {176}
    assert sealing.unseal(sealed[0], key) == {1: [(1, 1)]}


def test_a_changed_or_foreign_box_is_unreadable():
    key = PrivateKey.generate()
    box = bytearray(sealing.seal({1: [(1, 1)]}, public_key=bytes(key.public_key), length=64))
    with pytest.raises(sealing.Unreadable):
        sealing.unseal(bytes(box), PrivateKey.generate())
    box[50] ^= 1
    with pytest.raises(sealing.Unreadable):
        sealing.unseal(bytes(box), key)


@settings(max_examples=10)
@given(st.integers(2, 6).flatmap(lambda n: st.tuples(st.integers(2, n), st.just(n))), st.randoms())
def test_any_threshold_of_the_shares_opens_and_one_less_does_not(numbers, dice):
    threshold, holders = numbers
    made = keys.make(threshold=threshold, holders=holders)
    chosen = dice.sample(made.shares, threshold)
    opened = keys.recover(chosen, threshold=threshold, public_key=made.public_key, digests=made.digests)
    assert bytes(opened.public_key) == made.public_key
    with pytest.raises(WrongShares) as caught:
        keys.recover(chosen[1:], threshold=threshold, public_key=made.public_key, digests=made.digests)
    assert caught.value.code == "too_few"


def test_shares_are_read_as_people_type_them():
    made = keys.make(threshold=2, holders=3)
    first = "  ".join(f"{place}. {word[:4].upper()}" for place, word in enumerate(made.shares[0].split(), 1))
    second = made.shares[2].replace(" ", ",\n")
    assert keys.recover([first, "", second], threshold=2, public_key=made.public_key, digests=made.digests)


def test_a_mistyped_share_is_named():
    made = keys.make(threshold=2, holders=2)
    words = made.shares[1].split()
    words[5], words[6] = words[6], words[5] if words[5] != words[6] else "zero"
    with pytest.raises(WrongShares) as caught:
        keys.recover([made.shares[0], " ".join(words)], threshold=2, public_key=made.public_key, digests=made.digests)
    assert (caught.value.code, caught.value.share) == ("mistyped", 2)


def test_a_share_given_twice_is_named_with_its_twin():
    made = keys.make(threshold=2, holders=3)
    with pytest.raises(WrongShares) as caught:
        keys.recover([made.shares[1], made.shares[1]], threshold=2, public_key=made.public_key, digests=made.digests)
    assert (caught.value.code, caught.value.share) == ("repeated", 2)


def test_a_share_of_another_election_is_named():
    made, other = keys.make(threshold=2, holders=3), keys.make(threshold=2, holders=3)
    with pytest.raises(WrongShares) as caught:
        keys.recover([made.shares[0], other.shares[1]], threshold=2, public_key=made.public_key, digests=made.digests)
    assert (caught.value.code, caught.value.share) == ("foreign", 2)


def test_shares_of_another_key_do_not_open_even_where_their_digests_were_exchanged():
    made, other = keys.make(threshold=2, holders=3), keys.make(threshold=2, holders=3)
    with pytest.raises(WrongShares) as caught:
        keys.recover(other.shares[:2], threshold=2, public_key=made.public_key, digests=other.digests)
    assert caught.value.code == "foreign"


def test_every_pair_of_shares_gives_the_same_key():
    made = keys.make(threshold=2, holders=5)
    opened = {bytes(keys.recover(pair, threshold=2, public_key=made.public_key)) for pair in combinations(made.shares, 2)}
    assert len(opened) == 1


def test_a_share_never_shows_itself_in_a_representation():
    made = keys.make(threshold=2, holders=2)
    assert made.shares[0].split()[4] not in repr(made).replace(repr(made.digests), "")


def test_a_share_is_printed_as_a_picture_that_holds_its_words():
    share = HeldShare(1, "przewodnicząca", keys.make(threshold=2, holders=2).shares[0])
    assert share.qr().startswith("data:image/svg+xml")
    assert keys.tidy(share.qr_text) == share.words
