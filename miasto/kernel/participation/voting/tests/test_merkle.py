"""The tree of RFC 6962 against the RFC's own definition and the known vectors of certificate transparency."""

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from miasto.kernel.participation.voting import merkle

# the eight entries and the roots of the first n of them, as the reference implementation of certificate transparency tests them
LEAVES = [
    bytes.fromhex(one)
    for one in ("", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f")
]
ROOTS = {
    1: "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    2: "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    3: "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    4: "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    5: "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    6: "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    7: "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    8: "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
}


def defined(leaves):
    """MTH of RFC 6962 § 2.1, word for word."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return hashlib.sha256(b"\0" + leaves[0]).digest()
    split = 1
    while split * 2 < len(leaves):
        split *= 2
    return hashlib.sha256(b"\1" + defined(leaves[:split]) + defined(leaves[split:])).digest()


@pytest.mark.parametrize("count", sorted(ROOTS))
def test_the_known_roots_come_out(count):
    assert merkle.root(merkle.levels(LEAVES[:count])).hex() == ROOTS[count]


@given(st.lists(st.binary(max_size=8), max_size=40))
def test_the_root_is_the_one_that_the_standard_defines(leaves):
    assert merkle.root(merkle.levels(leaves)) == defined(leaves)


@given(st.lists(st.binary(max_size=8), min_size=1, max_size=40), st.data())
def test_each_leaf_has_a_path_to_the_root_and_another_leaf_has_not(leaves, data):
    rows = merkle.levels(leaves)
    place = data.draw(st.integers(0, len(leaves) - 1))
    way = merkle.path(rows, place)
    assert merkle.follow(leaves[place], way) == merkle.root(rows)
    assert merkle.follow(leaves[place] + b"x", way) != merkle.root(rows)
