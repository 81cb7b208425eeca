"""The public draw: the vectors that another programme must reach, and fairness."""

import hashlib
from collections import Counter
from itertools import permutations

import pytest

from miasto.kernel.participation.counting import draw

SEED = "0" * 64
EVENT = "4, 8, 15, 16, 23, 42"


def ten_lines(items, seed, event):
    """The script of docs/counting.md, written without looking at draw.py."""
    row, block, order = [], 0, sorted(items)
    for last in range(len(order) - 1, 0, -1):
        while True:
            if not row:
                digest = hashlib.sha256(f"{seed}:{event}:{block}".encode()).hexdigest()
                row, block = [int(digest[at : at + 8], 16) for at in range(0, 64, 8)], block + 1
            value = row.pop(0)
            if value < 2**32 // (last + 1) * (last + 1):
                break
        other = value % (last + 1)
        order[last], order[other] = order[other], order[last]
    return order


def test_the_vectors():
    assert draw.commitment(SEED) == "60e05bd1b195af2f94112fa7197a5c88289058840ce7c6df9693756bc6250f55"
    row = draw.numbers(SEED, "x")
    assert [next(row) for _place in range(3)] == [1104581892, 1434887708, 3463828921]
    assert draw.shuffled("ABCDE", SEED, EVENT) == ["D", "B", "C", "E", "A"]
    twelve = [str(number) for number in range(1, 13)]
    order = ["6", "4", "9", "1", "7", "11", "8", "10", "3", "5", "12", "2"]
    assert draw.shuffled(twelve, "ab" * 32, "Lotto 2026-10-01: 1 2 3 4 5 6") == order


@pytest.mark.parametrize("count", [0, 1, 2, 7, 200])
def test_ten_lines_of_a_stranger_reach_the_same_order(count):
    items = [f"P{number}" for number in range(count)]
    assert draw.shuffled(reversed(items), SEED, f" {EVENT} ") == ten_lines(items, SEED, EVENT)


def test_every_order_of_three_comes_up_about_equally_often():
    orders = Counter(tuple(draw.shuffled("ABC", SEED, f"event {number}")) for number in range(6000))
    assert set(orders) == set(permutations("ABC"))
    assert sum((many - 1000) ** 2 / 1000 for many in orders.values()) < 20.5  # chi squared, 5 degrees, one in a thousand


def test_numbers_that_would_favour_somebody_are_thrown_away():
    assert draw.below(iter([2**32 - 1, 7]), 3) == 1
    assert draw.below(iter([2**32 - 2]), 3) == 2


def test_the_seed_must_be_the_one_that_was_committed_to():
    seed = draw.new_seed()
    assert len(seed) == 64
    assert draw.check(seed, draw.commitment(seed).upper() + "\n")
    assert not draw.check(draw.new_seed(), draw.commitment(seed))


@pytest.mark.parametrize(("items", "event"), [(["A", "A"], "x"), (["A", "B"], " ")])
def test_a_draw_that_nobody_could_check_is_refused(items, event):
    with pytest.raises(ValueError):
        draw.shuffled(items, SEED, event)
